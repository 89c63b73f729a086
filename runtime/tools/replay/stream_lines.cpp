#include "runtime/tools/replay/stream_lines.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <stdexcept>

namespace tickplant::replay {

namespace {

constexpr size_t read_room = 64u << 10; // beyond an incomplete unit, as the server's own lines have it
constexpr int calls_per_turn = 64;
constexpr size_t most_connections = 65'536; // remembered

} // namespace

stream_lines::stream_lines(const std::vector<named_answer>& answers, std::vector<named_line> servers, bool whole)
  : servers_(std::move(servers)) {
  for (const auto& [name, path] : answers) answers_[name].push_back(std::make_unique<input_window>(path, whole));
}

std::optional<std::string> stream_lines::open(uint32_t line, const std::string& name, endpoint at, uint32_t max_unit) {
  stream opened;
  if (const auto answers = answers_.find(name); answers != answers_.end()) {
    if (answers->second.empty()) return "every file of --answer " + name + " has been played";
    opened.file = std::move(answers->second.front());
    answers->second.pop_front();
    opened.has_news = true;
  } else if (std::ranges::none_of(servers_, [&](const named_line& each) { return each.name == name; })) {
    return "nothing plays this TCP line, give it bytes by --answer or --line";
  }
  opened.id = ++last_id_;
  opened.max_unit = max_unit;
  opened.server = at;
  lines_.insert_or_assign(line, std::move(opened));
  return std::nullopt;
}

bool stream_lines::is_part(const record& from) const {
  if (from.kind == record_kind::segment) return true;
  if (from.kind != record_kind::datagram || servers_.empty()) return false;
  return std::ranges::any_of(lines_,
                             [&](const auto& each) { return !each.second.file && each.second.server == from.from; });
}

stream_lines::stream* stream_lines::wanting(const record& from) {
  // Shown as datagrams, a connection is all that comes from the server.
  const bool is_segment = from.kind == record_kind::segment;
  for (auto& [number, line] : lines_)
    if (!line.file && !line.end && line.server == from.from && (!is_segment || line.client == from.to)) return &line;
  if (!is_segment) return nullptr;
  // A line without a connection takes one at its beginning, or where the capture begins in its midst.
  const key connection{number_of(from.from), number_of(from.to)};
  const bool is_new = from.tcp.is_start || (!begun_.contains(connection) && begun_.size() < most_connections);
  if (begun_.size() < most_connections) begun_.insert(connection);
  if (!is_new || from.tcp.is_end) return nullptr;
  for (auto& [number, line] : lines_)
    if (!line.file && !line.end && !line.client && line.server == from.from) {
      line.client = from.to;
      return &line;
    }
  return nullptr;
}

bool stream_lines::take(const record& from) {
  auto* const line = wanting(from);
  if (!line) return false;
  line->has_news = true;
  auto state = tcp_flow::state::open;
  if (from.kind == record_kind::segment)
    state = line->flow.take(from, line->bytes);
  else if (from.is_truncated)
    state = tcp_flow::state::broken;
  else
    line->bytes.insert(line->bytes.end(), from.data, from.data + from.size);
  if (state == tcp_flow::state::ended)
    line->end = ended{0, TP_LINE_CLOSED, "closed by the other side"};
  else if (state == tcp_flow::state::broken)
    line->end = ended{0, TP_LINE_FAILED, "the capture does not hold every byte of this connection"};
  return true;
}

stream_lines::turn stream_lines::run(plugin::venue_sink& sink, uint64_t now_ns) {
  for (const auto& [number, line] : lines_)
    if (line.has_news) return give(number, sink, now_ns);
  return {};
}

stream_lines::turn stream_lines::give(uint32_t number, plugin::venue_sink& sink, uint64_t now_ns) {
  const auto finish = [&](uint32_t state, std::string why) {
    lines_.erase(number);
    return turn{true, ended{number, state, std::move(why)}};
  };
  auto* line = &lines_.at(number);
  const uint64_t id = line->id;
  const size_t room = line->max_unit + read_room;
  size_t begin = 0; // of a captured connection's unread bytes
  size_t size = line->bytes.size();
  if (!line->file) line->bytes.resize(size + TP_PADDING);
  for (int calls = 0;; ++calls) {
    if (line->file) line->file->fill(room);
    const std::span<const uint8_t> unread =
      line->file ? line->file->bytes() : std::span{line->bytes}.subspan(begin, size);
    const auto given = unread.first(std::min(unread.size(), room));
    const bool may_go_on = calls < calls_per_turn && !given.empty();
    const int64_t used =
      !may_go_on
        ? 0
        : sink.on_stream({given.data(), static_cast<uint32_t>(given.size()), number, now_ns, TP_UNIT_BINARY, 0});
    const auto still = lines_.find(number);
    if (still == lines_.end() || still->second.id != id) return {true, {}};
    line = &still->second;
    if (used < 0) return finish(TP_LINE_FAILED, "refused by the plugin, code " + std::to_string(used));
    if (static_cast<uint64_t>(used) > given.size())
      throw std::runtime_error{"it consumed " + std::to_string(used) + " of " + std::to_string(given.size()) +
                               " bytes of a stream"};
    if (line->file) {
      line->file->skip(static_cast<size_t>(used));
    } else {
      begin += static_cast<size_t>(used);
      size -= static_cast<size_t>(used);
    }
    if (used > 0) continue;
    if (!line->file) {
      line->bytes.resize(begin + size);
      line->bytes.erase(line->bytes.begin(), line->bytes.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    if (calls == calls_per_turn) return {true, {}};
    if (given.size() >= line->max_unit)
      return finish(TP_LINE_FAILED, "unit larger than max_unit, " + std::to_string(line->max_unit) + " bytes");
    line->has_news = false;
    const auto rest =
      given.empty() ? std::string{} : ", " + std::to_string(given.size()) + " bytes of an incomplete unit";
    if (line->file) return finish(TP_LINE_CLOSED, "closed by the other side" + rest);
    if (line->end) return finish(line->end->state, line->end->why + rest);
    return {true, {}};
  }
}

} // namespace tickplant::replay
