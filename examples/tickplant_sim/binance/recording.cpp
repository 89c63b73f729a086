#include "tickplant_sim/binance/recording.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <zlib.h>

namespace tickplant::sim::binance {
namespace {

constexpr std::size_t longest_line = std::size_t{16} << 20;
constexpr std::size_t most_waiting_diffs = 10'000;

/// Takes apart `{"stream":"<name>","data":<payload>}` without reading the payload.
bool split_event(std::string_view text, recorded_line& line) {
  constexpr std::string_view head = "{\"stream\":\"";
  constexpr std::string_view middle = "\",\"data\":";
  if (!text.starts_with(head) || !text.ends_with('}')) return false;
  const auto name_end = text.find(middle, head.size());
  if (name_end == std::string_view::npos) return false;
  line.stream = text.substr(head.size(), name_end - head.size());
  const auto payload = name_end + middle.size();
  line.payload = text.substr(payload, text.size() - 1 - payload);
  return !line.payload.empty();
}

bool read_levels(const nlohmann::json& from, std::vector<level>& out) {
  if (!from.is_array()) return false;
  for (const auto& entry : from) {
    if (!entry.is_array() || entry.size() < 2 || !entry[0].is_string() || !entry[1].is_string()) return false;
    const auto price = parse_decimal(entry[0].get_ref<const std::string&>());
    const auto quantity = parse_decimal(entry[1].get_ref<const std::string&>());
    if (!price || !quantity) return false;
    out.push_back({*price, *quantity});
  }
  return true;
}

bool read_id(const nlohmann::json& from, const char* key, std::uint64_t& out) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_number_unsigned()) return false;
  out = found->get<std::uint64_t>();
  return true;
}

} // namespace

class recording_reader::file {
public:
  explicit file(std::string path) : path_{std::move(path)}, handle_{gzopen(path_.c_str(), "rb")} {
    if (handle_ == nullptr) throw std::runtime_error("cannot open recording '" + path_ + "'");
    gzbuffer(handle_, 256 * 1024);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() { gzclose(handle_); }

  /// One line without its end; false at the end of the file.
  bool read(std::string& text) {
    text.clear();
    char piece[16 * 1024];
    while (gzgets(handle_, piece, sizeof piece) != nullptr) {
      text += piece;
      if (text.back() == '\n') {
        text.pop_back();
        break;
      }
      if (text.size() > longest_line) fail("line longer than 16 MiB");
    }
    int code = Z_OK;
    const char* message = gzerror(handle_, &code);
    if (code != Z_OK && code != Z_STREAM_END) fail(std::string{"broken compression: "} + message);
    if (text.empty() && gzeof(handle_) != 0) return false;
    ++line_;
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("recording '" + path_ + "' line " + std::to_string(line_) + ": " + what);
  }

private:
  std::string path_;
  gzFile handle_;
  std::uint64_t line_ = 0;
};

recording_reader::recording_reader(std::vector<std::string> files) : files_{std::move(files)} {
  // All files are opened once here, so that a wrong name shows at the start and not in the middle of a run.
  for (const auto& path : files_) file{path};
  current_ = std::make_unique<file>(files_.at(0));
  opened_ = 1;
}

recording_reader::~recording_reader() = default;

bool recording_reader::read_text(std::string& text) {
  while (!current_->read(text)) {
    if (opened_ == files_.size()) return false;
    current_ = std::make_unique<file>(files_[opened_++]);
  }
  return true;
}

bool recording_reader::next(recorded_line& line) {
  do {
    if (!read_text(text_)) return false;
  } while (text_.empty());
  const std::string_view text{text_};
  const auto space = text.find(' ');
  const char* const end = text.data() + std::min(space, text.size());
  const auto parsed = std::from_chars(text.data(), end, line.received_ns);
  if (space == std::string_view::npos || parsed.ec != std::errc{} || parsed.ptr != end)
    current_->fail("expected '<receive time in ns> <JSON>'");
  const auto json = text.substr(space + 1);
  if (split_event(json, line)) {
    line.what = recorded_line::kind::event;
  } else if (json.starts_with("{\"lastUpdateId\"")) {
    line.what = recorded_line::kind::snapshot;
    line.stream = {};
    line.payload = json;
  } else {
    current_->fail("neither a combined-stream event nor a REST depth answer");
  }
  return true;
}

bool recorded_book::apply_diff(std::string_view payload) {
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  depth_diff diff;
  if (!json.is_object() || !read_id(json, "U", diff.first_id) || !read_id(json, "u", diff.last_id) ||
      !json.contains("b") || !json.contains("a") || !read_levels(json["b"], diff.bids) ||
      !read_levels(json["a"], diff.asks))
    return false;
  if (first_diff_id_ == 0) first_diff_id_ = diff.first_id;
  if (complete_) {
    if (apply(diff)) return true;
    complete_ = false;
    waiting_.clear();
    waiting_.push_back(std::move(diff));
    return false;
  }
  if (waiting_.size() == most_waiting_diffs) waiting_.erase(waiting_.begin());
  waiting_.push_back(std::move(diff));
  return true;
}

bool recorded_book::apply(const depth_diff& diff) {
  if (diff.last_id <= last_id_) return true;
  if (diff.first_id > last_id_ + 1) return false;
  for (const auto& [price, quantity] : diff.bids) book_.set_bid(price, quantity);
  for (const auto& [price, quantity] : diff.asks) book_.set_ask(price, quantity);
  last_id_ = diff.last_id;
  return true;
}

bool recorded_book::apply_snapshot(std::string_view payload) {
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  depth_diff levels;
  std::uint64_t id = 0;
  if (!json.is_object() || !read_id(json, "lastUpdateId", id) || !json.contains("bids") || !json.contains("asks") ||
      !read_levels(json["bids"], levels.bids) || !read_levels(json["asks"], levels.asks))
    return false;
  if (complete_) return true;
  book_.clear();
  levels.first_id = levels.last_id = id;
  last_id_ = id - 1;
  apply(levels);
  complete_ = true;
  for (const auto& diff : waiting_)
    if (!apply(diff)) {
      // The snapshot is older than the waiting diffs reach back: it cannot be joined.
      complete_ = false;
      return true;
    }
  waiting_.clear();
  return true;
}

} // namespace tickplant::sim::binance
