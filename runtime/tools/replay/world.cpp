#include "runtime/tools/replay/world.hpp"

#include <algorithm>
#include <charconv>

namespace tickplant::replay {

namespace {

constexpr size_t most_timers = 65'536, most_requests = 1'024, most_sent = 1'024, longest_sent = 65'536;
constexpr uint64_t second_ns = 1'000'000'000, usual_timeout_ns = 10 * second_ns;
constexpr uint64_t shortest_timer_ns = 1'000; // a timer of 0 that is set again and again must not stop the clock

std::string copy_of(tp_str text) {
  return text.data ? std::string{text.data, text.size} : std::string{};
}

/// "udp://239.1.1.1:26400" -> endpoint; all zero for names, which a capture does not know.
endpoint endpoint_of(std::string_view address) {
  if (const size_t scheme = address.find("://"); scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
  return parse_endpoint(address.substr(0, address.find_first_of("/?"))).value_or(endpoint{});
}

} // namespace

int32_t world::line_open(const tp_line_spec& spec) {
  stirred_ = true;
  if (lines_.contains(spec.line)) return TP_E_ARGUMENT;
  open_line line{spec.kind, copy_of(spec.name), endpoint_of(copy_of(spec.address))};
  // The command line's word goes before the plugin's, unless several lines have this name.
  const auto named = [&](const named_line& n) { return n.name == line.name; };
  if (std::ranges::count_if(options_.lines, named) == 1) line.at = std::ranges::find_if(options_.lines, named)->at;
  opened_names_.insert(line.name);
  if (auto why = why_unplayable(spec, line)) {
    queue_.push_back(line_news{spec.line, TP_LINE_FAILED, std::move(*why)});
    return TP_OK;
  }
  lines_.emplace(spec.line, std::move(line));
  find_single_lines();
  queue_.push_back(line_news{spec.line, TP_LINE_UP, {}});
  return TP_OK;
}

std::optional<std::string> world::why_unplayable(const tp_line_spec& spec, const open_line& line) {
  if (spec.kind == TP_LINE_TCP) return streams_.open(spec.line, line.name, line.at, spec.max_unit);
  const bool udp = spec.kind == TP_LINE_UDP_GROUP || spec.kind == TP_LINE_UDP_PEER;
  const bool playable = (spec.kind == TP_LINE_FILE && options_.files && !ended_) || (udp && options_.datagrams) ||
                        (spec.kind == TP_LINE_WEBSOCKET && options_.web_sockets);
  return playable ? std::nullopt : std::optional<std::string>{"the capture does not hold this kind of line"};
}

void world::line_close(uint32_t line) {
  stirred_ = true;
  lines_.erase(line);
  streams_.close(line);
  find_single_lines();
  std::erase_if(queue_, [&](const auto& news) {
    const auto* about = std::get_if<line_news>(&news);
    return about && about->line == line;
  });
}

int32_t world::send(uint32_t line, uint32_t, std::span<const uint8_t> bytes) {
  const auto found = lines_.find(line);
  if (found == lines_.end()) return TP_E_DOWN;
  ++sent_count_;
  if (sent_.size() == most_sent) sent_.pop_front();
  sent_.push_back(
    {now_ns_, found->second.name, {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), longest_sent)}});
  return TP_OK;
}

int32_t world::http_get(const tp_http_request& asked) {
  stirred_ = true;
  if (waiting_.contains(asked.id)) return TP_E_ARGUMENT;
  if (waiting_.size() >= most_requests) return TP_E_LIMIT;
  ++requests_;
  const std::string key = recorded_answers::key_of(copy_of(asked.url));
  const auto known = answers_.look(key);
  if (known.newest && !known.is_played) {
    tell(asked.id, 200, answers_.take(key));
  } else if (known.newest) {
    // Asked again: the venue may have a newer one, so the old one is given after a while only.
    waiting_.insert_or_assign(asked.id, request{key, now_ns_ + second_ns, true});
  } else if (known.may_come && !ended_) {
    waiting_.insert_or_assign(asked.id,
                              request{key, now_ns_ + (asked.timeout_ns ? asked.timeout_ns : usual_timeout_ns), false});
  } else {
    tell(asked.id, TP_E_DOWN, nullptr);
  }
  return TP_OK;
}

void world::set_timer(uint32_t id, uint64_t after_ns) {
  stirred_ = true;
  if (const auto old = timers_.find(id); old != timers_.end()) {
    due_timers_.erase({old->second, id});
    timers_.erase(old);
  }
  if (after_ns == UINT64_MAX || timers_.size() >= most_timers) return;
  const uint64_t after = std::max(after_ns, shortest_timer_ns);
  const uint64_t due = now_ns_ > UINT64_MAX - 1 - after ? UINT64_MAX - 1 : now_ns_ + after;
  timers_.emplace(id, due);
  due_timers_.emplace(due, id);
}

uint64_t world::next_due() const {
  uint64_t due = answers_.next_ns();
  if (!due_timers_.empty()) due = std::min(due, due_timers_.begin()->first);
  for (const auto& [id, asked] : waiting_) due = std::min(due, asked.due_ns);
  return due;
}

bool world::run_due(plugin::venue_sink& sink) {
  stirred_ = true;
  if (answers_.next_ns() <= now_ns_) {
    answers_.release(now_ns_);
    answer_waiting();
    return true;
  }
  for (const auto& [id, asked] : waiting_) {
    if (asked.due_ns > now_ns_) continue;
    const uint32_t due_id = id;
    const auto body = asked.repeats ? answers_.take(asked.key) : nullptr;
    waiting_.erase(due_id);
    tell(due_id, body ? 200 : TP_E_DOWN, body);
    return true;
  }
  if (due_timers_.empty() || due_timers_.begin()->first > now_ns_) return false;
  const uint32_t id = due_timers_.begin()->second;
  due_timers_.erase(due_timers_.begin());
  timers_.erase(id);
  sink.on_timer(id, now_ns_);
  return true;
}

void world::tell(uint32_t id, int32_t status, answer_ptr body) {
  queue_.push_back(reply{id, status, std::move(body)});
}

void world::answer_waiting() {
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    const auto known = answers_.look(i->second.key);
    if (known.newest && !known.is_played) {
      tell(i->first, 200, answers_.take(i->second.key));
      i = waiting_.erase(i);
    } else {
      ++i;
    }
  }
}

void world::arrive(std::string_view key, std::string_view body) {
  stirred_ = true;
  answers_.arrive(key, body);
  answer_waiting();
}

bool world::run_queued(plugin::venue_sink& sink) {
  stirred_ = true;
  if (queue_.empty()) return run_streams(sink);
  const auto news = std::move(queue_.front());
  queue_.pop_front();
  if (const auto* about = std::get_if<line_news>(&news)) {
    if (about->state != TP_LINE_UP) { // the number is free again
      lines_.erase(about->line);
      find_single_lines();
    }
    sink.on_line(about->line, about->state, about->why, now_ns_);
    return true;
  }
  const auto& [id, status, body] = std::get<reply>(news);
  tp_http_answer answer{};
  answer.struct_size = sizeof answer;
  answer.id = id;
  answer.status = status;
  if (body) answer.body = {body->text().data(), body->text().size()};
  answer.recv_ns = now_ns_;
  sink.on_http(answer);
  return true;
}

bool world::run_streams(plugin::venue_sink& sink) {
  auto turn = streams_.run(sink, now_ns_);
  if (turn.end) queue_.push_back(line_news{turn.end->line, turn.end->state, std::move(turn.end->why)});
  return turn.did_something;
}

void world::end_of_input() {
  stirred_ = true;
  ended_ = true;
  for (const auto& [number, line] : lines_)
    if (line.kind == TP_LINE_FILE) queue_.push_back(line_news{number, TP_LINE_FILE_END, {}});
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    if (i->second.repeats || answers_.next_ns() != UINT64_MAX) {
      ++i;
      continue;
    }
    tell(i->first, TP_E_DOWN, nullptr);
    i = waiting_.erase(i);
  }
}

void world::find_single_lines() {
  file_ = socket_ = group_ = std::nullopt;
  for (const auto& [number, line] : lines_) {
    auto* single = line.kind == TP_LINE_FILE        ? &file_
                   : line.kind == TP_LINE_WEBSOCKET ? &socket_
                   : line.kind == TP_LINE_UDP_GROUP ? &group_
                                                    : nullptr;
    if (single && !*single) *single = number;
  }
}

std::optional<uint32_t> world::line_of_packet(const record& from) const {
  if (from.kind == record_kind::frame) return socket_;
  if (from.kind != record_kind::datagram) return std::nullopt;
  // Published captures may have their addresses blanked: that is one stream, whatever its line is called.
  if (from.to == endpoint{}) return group_;
  for (const auto& [number, line] : lines_) {
    // A server's answers come from its address to a port of the capturing machine; our own requests to it do not.
    if (line.kind == TP_LINE_UDP_GROUP && line.at == from.to) return number;
    if (line.kind == TP_LINE_UDP_PEER && line.at == from.from) return number;
  }
  return std::nullopt;
}

std::vector<std::string> world::unopened() const {
  std::vector<std::string> names;
  const auto look = [&](const auto& list) {
    for (const auto& line : list)
      if (!opened_names_.contains(line.name)) names.push_back(line.name);
  };
  look(options_.lines);
  look(options_.answers);
  return names;
}

} // namespace tickplant::replay
