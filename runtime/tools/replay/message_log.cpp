#include "runtime/tools/replay/message_log.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace tickplant::replay {

namespace {

constexpr size_t first_fill = 1u << 20, longest_line = 64u << 20;
constexpr size_t most_symbols = 16'384;
constexpr uint64_t latest_ns = 9'000'000'000'000'000'000; // the year 2255: later is no time stamp
constexpr std::string_view live_mark = " <-> ", answer_mark = " -> ";

/// One line without its end; nothing if the file has no more, or too little of it is in memory and `may_fill` is false.
std::optional<std::string_view> line_of(input_window& window, bool may_fill) {
  for (size_t size = first_fill;; size *= 2) {
    const auto bytes = window.bytes();
    if (!bytes.empty()) {
      const auto* end = static_cast<const uint8_t*>(std::memchr(bytes.data(), '\n', bytes.size()));
      if (end)
        return std::string_view{reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(end - bytes.data())};
    }
    if (!may_fill) return std::nullopt;
    if (bytes.size() > longest_line) throw input_fault{window.path(), window.offset(), "a line is longer than 64 MiB"};
    window.fill(std::max(size, bytes.size() + first_fill));
    if (window.bytes().size() > bytes.size()) continue;
    if (window.bytes().empty()) return std::nullopt;
    const auto rest = window.bytes(); // the last line has no end
    return std::string_view{reinterpret_cast<const char*>(rest.data()), rest.size()};
  }
}

void skip_line(input_window& window, std::string_view line) {
  window.skip(line.size());
  if (!window.bytes().empty()) window.skip(1);
}

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "1633998512.0633569" -> nanoseconds, exactly.
std::optional<uint64_t> nanoseconds_of(std::string_view seconds) {
  const size_t dot = seconds.find('.');
  uint64_t whole = 0;
  const auto head = seconds.substr(0, dot);
  const auto [end, fault] = std::from_chars(head.data(), head.data() + head.size(), whole);
  if (fault != std::errc{} || end != head.data() + head.size() || whole > 9'000'000'000) return std::nullopt;
  uint64_t fraction = 0, unit = 100'000'000;
  if (dot != std::string_view::npos)
    for (const char c : seconds.substr(dot + 1)) {
      if (c < '0' || c > '9') return std::nullopt;
      fraction += static_cast<uint64_t>(c - '0') * unit;
      unit /= 10;
    }
  return whole * 1'000'000'000 + fraction;
}

/// The text between `key` and the next quote; empty if the key is not there.
std::string_view text_after(std::string_view json, std::string_view key) {
  const size_t at = json.find(key);
  if (at == std::string_view::npos) return {};
  const auto rest = json.substr(at + key.size());
  return rest.substr(0, std::min(rest.find('"'), rest.size()));
}

bool looks_like_json(std::string_view text) {
  return text.starts_with('{') || text.starts_with('[');
}

/// A depth answer of REST: the number of the book, and no name of a stream around it.
bool is_depth_answer(std::string_view json) {
  return !json.starts_with("{\"stream\"") && json.substr(0, 256).find("\"lastUpdateId\"") != std::string_view::npos;
}

std::string upper(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

} // namespace

message_log::message_log(const std::vector<std::string>& paths, bool whole, recorded_answers& answers)
  : files_({}, false) {
  std::vector<std::string> live;
  for (const auto& path : paths) {
    input_window window{path, false};
    const auto line = line_of(window, true);
    if (!line) throw input_fault{path, 0, "is empty"};
    const auto first = line->substr(0, 4096);
    if (first.find("://") < 16 && first.find(live_mark) == std::string_view::npos &&
        first.find(answer_mark) != std::string_view::npos)
      read_answers(window, answers);
    else
      live.push_back(path);
  }
  if (live.empty())
    throw input_fault{paths.front(), 0, "holds REST answers alone; name the recording of the stream too"};
  files_ = input_sequence{std::move(live), whole};
  window_ = files_.advance();
  if (const auto line = line_of(*window_, true);
      line && line->find(live_mark) != std::string_view::npos && !looks_like_json(*line))
    address_ = line->substr(0, line->find(live_mark));
}

std::string_view message_log::trade_kind() const {
  std::string_view text = address_;
  if (text.empty() && window_) {
    const auto bytes = window_->bytes();
    text = {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), first_fill)};
  }
  const bool single = text.find("@trade") != std::string_view::npos;
  const bool merged = text.find("@aggTrade") != std::string_view::npos;
  return single == merged ? "" : single ? "trade" : "aggTrade";
}

void message_log::read_answers(input_window& window, recorded_answers& answers) {
  while (const auto raw = line_of(window, true)) {
    const auto line = without_return(*raw);
    const uint64_t offset = window.offset();
    if (!line.empty() && !line.starts_with("configuration: ")) {
      const size_t mark = line.find(answer_mark), colon = mark == std::string_view::npos ? mark : line.find(": ", mark);
      const auto time = colon == std::string_view::npos
                          ? std::nullopt
                          : nanoseconds_of(line.substr(mark + answer_mark.size(), colon - mark - answer_mark.size()));
      if (!time || !looks_like_json(line.substr(colon + 2)))
        throw input_fault{window.path(), offset, "wanted a line of the form ADDRESS -> SECONDS: JSON"};
      answers.add_timed(recorded_answers::key_of(line.substr(0, mark)), *time, line.substr(colon + 2));
    }
    skip_line(window, *raw);
  }
}

std::string_view message_log::label_of(std::string_view json, uint64_t offset) {
  std::string symbol{text_after(json.substr(0, 256), "\"symbol\":\"")};
  if (symbol.empty() && symbols_.size() > 1)
    throw input_fault{window_->path(), offset,
                      "a depth answer without a symbol in a file of several symbols: whose it is cannot be known"};
  if (symbol.empty() && !symbols_.empty()) symbol = symbols_.front();
  return labels_.emplace_back(symbol.empty() ? std::string{} : recorded_answers::depth_key(symbol));
}

void message_log::parse(std::string_view line, uint64_t offset, record& into) {
  const char after_time = form_ == form::seconds ? ':' : ' ';
  const size_t end = line.find(after_time);
  const size_t text_at = form_ == form::seconds ? end + 2 : end + 1;
  const auto refuse = [&] {
    throw input_fault{window_->path(), offset,
                      form_ == form::seconds ? "wanted a line of the form SECONDS: JSON"
                                             : "wanted a line of the form NANOSECONDS JSON"};
  };
  if (end == std::string_view::npos || text_at >= line.size()) refuse();
  const auto time = line.substr(0, end), json = line.substr(text_at);
  if (form_ == form::seconds) {
    const auto ns = nanoseconds_of(time);
    if (!ns) refuse();
    into.ns = *ns;
  } else {
    const auto [stop, fault] = std::from_chars(time.data(), time.data() + time.size(), into.ns);
    if (fault != std::errc{} || stop != time.data() + time.size() || into.ns > latest_ns) refuse();
  }
  into.data = reinterpret_cast<const uint8_t*>(json.data());
  into.size = static_cast<uint32_t>(json.size());
  into.kind = record_kind::frame;
  if (is_depth_answer(json)) {
    into.kind = record_kind::answer;
    into.label = label_of(json, offset);
    return;
  }
  const auto stream = text_after(json.substr(0, 128), "\"stream\":\"");
  const auto symbol = stream.substr(0, std::min(stream.find('@'), stream.size()));
  if (symbol.empty() || symbol.front() == '!' || symbols_.size() >= most_symbols) return;
  const auto same = [&](const std::string& known) {
    return known.size() == symbol.size() && std::equal(symbol.begin(), symbol.end(), known.begin(), [](char a, char b) {
             return a == b || (a >= 'a' && a <= 'z' && a - 32 == b);
           });
  };
  if (std::ranges::none_of(symbols_, same)) symbols_.push_back(upper(symbol));
}

message_log::step message_log::read(record& into, bool may_fill) {
  const auto raw = line_of(*window_, may_fill);
  if (!raw) return may_fill ? step::end : step::need_more;
  const auto line = without_return(*raw);
  const uint64_t offset = window_->offset();
  const bool first = offset == 0;
  if (first) {
    symbols_.clear();
    const bool has_address = line.find(live_mark) != std::string_view::npos;
    form_ = has_address ? form::seconds : form::nanoseconds;
    if (has_address) {
      ++skipped_;
      skip_line(*window_, *raw);
      return step::skipped;
    }
  }
  if (line.empty() || line.starts_with("configuration: ")) {
    ++skipped_;
    skip_line(*window_, *raw);
    return step::skipped;
  }
  parse(line, offset, into);
  skip_line(*window_, *raw);
  return step::record;
}

std::span<const record> message_log::next(size_t most) {
  batch_.clear();
  labels_.clear();
  labels_.reserve(most);
  files_.drop_done();
  while (batch_.size() < most && window_) {
    record next;
    const step done = read(next, batch_.empty());
    if (done == step::record)
      batch_.push_back(next);
    else if (done == step::need_more)
      break;
    else if (done == step::end)
      window_ = files_.advance();
  }
  return batch_;
}

} // namespace tickplant::replay
