#include "runtime/capture/recorder.hpp"

#include <cstring>

namespace tickplant::capture {

namespace {

constexpr size_t usual_chunk = 256u << 10;
constexpr uint64_t longest_hold_ns = 200'000'000; // what was recorded reaches the disk's thread within this

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string copy_of(tp_str text) {
  return text.data == nullptr ? std::string{} : std::string{text.data, text.size};
}

std::string without_query(std::string text) {
  if (const size_t query = text.find('?'); query != std::string::npos) text.resize(query);
  return text;
}

} // namespace

recorder::recorder(plugin::venue_sink& sink, std::shared_ptr<series> to, std::function<uint64_t()> wall_ns,
                   const settings& told)
  : sink_(sink), to_(std::move(to)), wall_ns_(std::move(wall_ns)) {
  chunk_.reserve(usual_chunk + 4096);
  for (const auto& [key, value] : told) write(record_kind::setting, 0, 0, wall_ns_(), bytes_of(key + '\0' + value));
}

recorder::~recorder() {
  world_.reset(); // nothing comes any more
  write(record_kind::closed, 0, 0, wall_ns_(), {});
  hand_over();
}

void recorder::write(record_kind kind, uint32_t flags, uint32_t line, uint64_t ns, std::span<const uint8_t> payload,
                     std::span<const uint8_t> second) {
  if (to_->has_failed()) {
    ++counts_.dropped;
    return;
  }
  // A chunk that the disk did not take must not grow for ever.
  if (chunk_.size() >= usual_chunk) {
    hand_over();
    if (chunk_.size() >= usual_chunk) {
      ++counts_.dropped;
      ++untold_drops_;
      ++sequence_;
      return;
    }
  }
  if (untold_drops_ > 0) {
    uint8_t number[sizeof untold_drops_];
    std::memcpy(number, &untold_drops_, sizeof number);
    append(chunk_, {record_kind::dropped, 0, 0, sequence_++, ns, number});
    untold_drops_ = 0;
  }
  append(chunk_, {kind, static_cast<uint16_t>(flags), line, sequence_++, ns, payload}, second);
  ++counts_.records;
  counts_.bytes += head_bytes + payload.size() + second.size();
}

void recorder::hand_over() {
  if (chunk_.empty()) return;
  if (to_->push(chunk_)) chunk_.reserve(usual_chunk + 4096);
}

void recorder::hand_over_if_due(uint64_t ns) {
  if (chunk_.size() < usual_chunk && ns < handed_over_ns_ + longest_hold_ns) return;
  handed_over_ns_ = ns;
  hand_over();
}

int32_t recorder::line_open(const tp_line_spec& spec) {
  const int32_t answer = world_->line_open(spec);
  if (answer == TP_OK) {
    const opened_line line{spec.kind, spec.role, copy_of(spec.name), without_query(copy_of(spec.address))};
    write(record_kind::line_opened, 0, spec.line, wall_ns_(), encode(line));
    unread_.erase(spec.line);
  }
  return answer;
}

void recorder::line_close(uint32_t line) {
  world_->line_close(line);
  unread_.erase(line);
}

int32_t recorder::send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) {
  const int32_t answer = world_->send(line, unit_flags, bytes);
  // What was sent on a TCP line may be a login: its length alone is kept.
  if (answer == TP_OK) {
    const auto size = static_cast<uint32_t>(bytes.size());
    uint8_t number[sizeof size];
    std::memcpy(number, &size, sizeof number);
    write(record_kind::sent, unit_flags & 0xFF, line, wall_ns_(), number);
  }
  return answer;
}

int32_t recorder::http_get(const tp_http_request& request) {
  const int32_t answer = world_->http_get(request);
  if (answer == TP_OK) {
    const auto& url = asked_.insert_or_assign(request.id, copy_of(request.url)).first->second;
    write(record_kind::http_request, 0, request.id, wall_ns_(), bytes_of(url));
  }
  return answer;
}

void recorder::on_units(std::span<const tp_unit> units) {
  uint32_t follows = 0;
  for (const tp_unit& unit : units) {
    write(record_kind::unit, (unit.flags & 0xFF) | follows, unit.line, unit.recv_ns, {unit.data, unit.size});
    follows = continues_delivery;
  }
  if (!units.empty()) hand_over_if_due(units.back().recv_ns);
  sink_.on_units(units);
}

int64_t recorder::on_stream(const tp_unit& unit) {
  uint32_t& unread = unread_[unit.line];
  if (unit.size > unread) {
    write(record_kind::stream, 0, unit.line, unit.recv_ns, {unit.data + unread, unit.size - unread});
    hand_over_if_due(unit.recv_ns);
  }
  const int64_t used = sink_.on_stream(unit);
  // The plugin may have closed the line, and with it the entry.
  if (const auto at = unread_.find(unit.line); at != unread_.end())
    at->second = used < 0 || static_cast<uint64_t>(used) > unit.size ? 0 : unit.size - static_cast<uint32_t>(used);
  return used;
}

void recorder::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  write(record_kind::line_state, state, line, now_ns, bytes_of(why));
  if (state != TP_LINE_UP) unread_.erase(line);
  sink_.on_line(line, state, why, now_ns);
}

void recorder::on_http(const tp_http_answer& answer) {
  const auto asked = asked_.find(answer.id);
  const std::string url = asked == asked_.end() ? std::string{} : std::move(asked->second);
  if (asked != asked_.end()) asked_.erase(asked);
  std::vector<uint8_t> head(8);
  const auto size = static_cast<uint32_t>(url.size());
  std::memcpy(head.data(), &answer.status, 4);
  std::memcpy(head.data() + 4, &size, 4);
  head.insert(head.end(), url.begin(), url.end());
  const std::string_view body{answer.body.data, answer.body.data == nullptr ? 0 : answer.body.size};
  write(record_kind::http_answer, 0, answer.id, answer.recv_ns, head, bytes_of(body));
  hand_over_if_due(answer.recv_ns);
  sink_.on_http(answer);
}

void recorder::on_timer(uint32_t id, uint64_t now_ns) {
  hand_over_if_due(now_ns); // a quiet venue's records reach the disk too
  sink_.on_timer(id, now_ns);
}

} // namespace tickplant::capture
