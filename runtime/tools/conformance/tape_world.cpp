#include "runtime/tools/conformance/tape_world.hpp"

#include <algorithm>

namespace tickplant::conformance {

namespace {

using sdk::testing::step_kind;
using sdk::testing::tape_bytes;

constexpr uint64_t shortest_timer_ns = 1'000; // a timer of 0 that is set again and again must not stop the clock
constexpr uint64_t usual_timeout_ns = 10'000'000'000;
constexpr size_t most_timers = 65'536, most_requests = 1'024, most_scripts = 4'096;

std::string copy_of(tp_str text) {
  return text.data == nullptr ? std::string{} : std::string{text.data, text.size};
}

/// What the server would say of an address.
std::string problem_of(uint16_t kind, std::string_view address) {
  const auto wants = [&](std::string_view one, std::string_view other = {}) {
    const bool is_good = address.starts_with(one) || (!other.empty() && address.starts_with(other));
    std::string schemes{one};
    if (!other.empty()) schemes.append(" or ").append(other);
    return is_good ? std::string{} : "its address '" + std::string{address} + "' does not begin with " + schemes;
  };
  switch (kind) {
    case TP_LINE_TCP: return wants("tcp://", "tls://");
    case TP_LINE_WEBSOCKET: return wants("ws://", "wss://");
    case TP_LINE_FILE: return wants("file://");
    default: return wants("udp://");
  }
}

} // namespace

tape_world::tape_world(const sdk::testing::tape& tape, feeding how)
  : tape_(tape), how_(how), now_ns_(tape.start_ns), reacted_(tape.reactions.size()), met_(tape.demands.size()) {
  scripts_.push_back({&tape.steps, {}, 0, now_ns_});
}

int32_t tape_world::line_open(const tp_line_spec& spec) {
  const auto name = copy_of(spec.name);
  auto problem = problem_of(spec.kind, copy_of(spec.address));
  if (lines_.contains(spec.line)) problem = "its number is in use";
  if (!problem.empty()) {
    if (refused_line_.empty())
      refused_line_ = "line " + std::to_string(spec.line) + " (" + name + ") cannot be opened: " + problem;
    return TP_E_ARGUMENT;
  }
  ++counts_.opened;
  traits_[name] = {spec.kind, spec.role, spec.pair};
  lines_.emplace(spec.line, open_line{spec.kind, name, spec.max_unit, false, {}, {}});
  const bool is_refused = std::ranges::find(tape_.refused, name) != tape_.refused.end();
  news_.push_back({false,
                   spec.line,
                   is_refused ? uint32_t{TP_LINE_FAILED} : uint32_t{TP_LINE_UP},
                   is_refused ? "connection refused" : "",
                   0,
                   {}});
  return TP_OK;
}

void tape_world::line_close(uint32_t line) {
  lines_.erase(line);
  std::erase_if(news_, [&](const news& n) { return !n.is_http && n.number == line; });
}

int32_t tape_world::send(uint32_t line, uint32_t, std::span<const uint8_t> bytes) {
  const auto at = lines_.find(line);
  if (at == lines_.end() || !at->second.is_up) return TP_E_DOWN;
  ++counts_.sent;
  for (size_t i = 0; i < tape_.demands.size(); ++i) {
    const auto& wanted = tape_.demands[i];
    met_[i] += wanted.line == at->second.name && sdk::testing::fits(wanted.pattern, bytes.data(), bytes.size());
  }
  react(at->second.name, false, bytes);
  return TP_OK;
}

void tape_world::react(const std::string& line, bool on_up, std::span<const uint8_t> sent) {
  for (size_t i = 0; i < tape_.reactions.size(); ++i) {
    const auto& r = tape_.reactions[i];
    if (r.on_up != on_up || r.line != line || reacted_[i] >= r.times ||
        !sdk::testing::fits(r.pattern, sent.data(), sent.size()))
      continue;
    ++reacted_[i];
    if (scripts_.size() >= most_scripts) return;
    auto& made = scripts_.emplace_back(script{nullptr, r.steps, 0, now_ns_});
    made.steps = &made.own;
    for (const auto& echo : r.echoes)
      sdk::testing::apply_echo(echo, sent.data(), sent.size(), made.own[echo.step].data);
    return; // the first that fits
  }
}

int32_t tape_world::http_get(const tp_http_request& asked) {
  if (requests_.contains(asked.id)) return TP_E_ARGUMENT;
  if (requests_.size() >= most_requests) return TP_E_LIMIT;
  ++counts_.requests;
  const uint64_t patience = asked.timeout_ns != 0 ? asked.timeout_ns : usual_timeout_ns;
  requests_.emplace(asked.id, request{copy_of(asked.url), now_ns_ + patience});
  answer_requests();
  return TP_OK;
}

void tape_world::answer_requests() {
  for (auto i = requests_.begin(); i != requests_.end();) {
    const auto answer = std::find_if(answers_.rbegin(), answers_.rend(), [&](const auto& step) {
      return i->second.url.find(step.line) != std::string::npos;
    });
    if (answer == answers_.rend() || answer->status == 0) { // 0: this one never answers
      ++i;
      continue;
    }
    auto body = answer->data;
    body.resize(body.size() + TP_PADDING);
    news_.push_back({true, i->first, 0, {}, answer->status, std::move(body)});
    i = requests_.erase(i);
  }
}

void tape_world::set_timer(uint32_t id, uint64_t after_ns) {
  if (const auto old = timers_.find(id); old != timers_.end()) {
    due_timers_.erase({old->second, id});
    timers_.erase(old);
  }
  if (after_ns == UINT64_MAX || timers_.size() >= most_timers) return;
  const uint64_t after = std::max(after_ns, shortest_timer_ns);
  const uint64_t due = now_ns_ > UINT64_MAX - 1 - after ? UINT64_MAX - 1 : now_ns_ + after;
  timers_.emplace(id, due);
  due_timers_.emplace(due, id);
  counts_.most_timers = std::max<uint64_t>(counts_.most_timers, timers_.size());
}

uint64_t tape_world::due_of_timers() const {
  uint64_t due = due_timers_.empty() ? UINT64_MAX : due_timers_.begin()->first;
  for (const auto& [id, asked] : requests_) due = std::min(due, asked.deadline_ns);
  return due;
}

bool tape_world::step(plugin::venue_sink& sink, uint64_t wake_ns) {
  if (!news_.empty()) {
    tell(sink);
    return true;
  }
  if (give_stream(sink)) return true;
  std::erase_if(scripts_, [this](const script& s) { return &s != &scripts_.front() && s.is_over(); });
  if (end_ns_ == UINT64_MAX && scripts_.front().is_over()) end_ns_ = now_ns_ + tape_.rest_ns;
  uint64_t due = UINT64_MAX;
  for (const auto& s : scripts_)
    if (!s.is_over()) due = std::min(due, s.due_ns);
  const uint64_t timer = due_of_timers();
  const uint64_t next = std::min({due, timer, wake_ns});
  if (next == UINT64_MAX || next > end_ns_) return false;
  now_ns_ = std::max(now_ns_, next);
  if (wake_ns <= std::min(due, timer)) return true;
  if (timer <= due && fire_due(sink)) return true;
  return run_scripts(sink, now_ns_);
}

bool tape_world::fire_due(plugin::venue_sink& sink) {
  for (const auto& [id, asked] : requests_)
    if (asked.deadline_ns <= now_ns_) {
      news_.push_back({true, id, 0, {}, TP_E_AGAIN, {}});
      requests_.erase(id);
      return true;
    }
  if (due_timers_.empty() || due_timers_.begin()->first > now_ns_) return false;
  const uint32_t id = due_timers_.begin()->second;
  due_timers_.erase(due_timers_.begin());
  timers_.erase(id);
  sink.on_timer(id, now_ns_);
  return true;
}

void tape_world::tell(plugin::venue_sink& sink) {
  const news told = std::move(news_.front());
  news_.pop_front();
  if (told.is_http) {
    tp_http_answer answer{};
    answer.struct_size = sizeof answer;
    answer.id = told.number;
    answer.status = told.status;
    if (!told.body.empty())
      answer.body = {reinterpret_cast<const char*>(told.body.data()), told.body.size() - TP_PADDING};
    answer.recv_ns = now_ns_;
    sink.on_http(answer);
    return;
  }
  const auto at = lines_.find(told.number);
  if (at == lines_.end()) return;
  const auto name = at->second.name;
  if (told.state == TP_LINE_UP)
    at->second.is_up = true;
  else
    lines_.erase(at);
  sink.on_line(told.number, told.state, told.why, now_ns_);
  if (told.state == TP_LINE_UP) react(name, true, {});
}

bool tape_world::run_scripts(plugin::venue_sink& sink, uint64_t until_ns) {
  // Reactions come before what the tape brings at the same time.
  for (auto& s : scripts_)
    if (&s != &scripts_.front() && !s.is_over() && s.due_ns <= until_ns) {
      run(s, sink);
      return true;
    }
  if (scripts_.front().is_over() || scripts_.front().due_ns > until_ns) return false;
  run(scripts_.front(), sink);
  return true;
}

void tape_world::run(script& from, plugin::venue_sink& sink) {
  const auto& now = (*from.steps)[from.next];
  switch (now.kind) {
    case step_kind::wait:
      from.due_ns = std::max(from.due_ns, now_ns_) + now.ns;
      ++from.next;
      return;
    case step_kind::unit:
    case step_kind::text: return give_units(from, sink);
    case step_kind::bytes:
      if (const auto line = line_of(now.line))
        lines_.at(*line).fresh.insert(lines_.at(*line).fresh.end(), now.data.begin(), now.data.end());
      else
        ++counts_.undelivered;
      ++from.next;
      return;
    case step_kind::close:
    case step_kind::fail:
      ++from.next;
      return end_line(now.line, now.kind == step_kind::close ? TP_LINE_CLOSED : TP_LINE_FAILED);
    case step_kind::http:
      answers_.push_back(now);
      ++from.next;
      return answer_requests();
  }
}

void tape_world::give_units(script& from, plugin::venue_sink& sink) {
  units_.clear();
  size_t used = 0;
  const auto is_unit = [&] {
    if (from.is_over()) return false;
    const auto kind = (*from.steps)[from.next].kind;
    return kind == step_kind::unit || kind == step_kind::text;
  };
  while (units_.size() < how_.units && is_unit()) {
    const auto& now = (*from.steps)[from.next++];
    const auto line = line_of(now.line);
    if (!line) {
      ++counts_.undelivered;
      continue;
    }
    const uint32_t most = lines_.at(*line).max_unit;
    const bool is_cut = most != 0 && now.data.size() > most;
    const size_t size = is_cut ? most : now.data.size();
    if (used == held_.size()) held_.emplace_back();
    auto& bytes = held_[used++];
    // Exactly the padding that is promised, so that a sanitizer sees what is read beyond it.
    bytes.assign(now.data.begin(), now.data.begin() + static_cast<std::ptrdiff_t>(size));
    bytes.resize(size + TP_PADDING, 0xEE);
    uint32_t flags = now.kind == step_kind::text ? TP_UNIT_TEXT : TP_UNIT_BINARY;
    if (is_cut) flags |= TP_UNIT_TRUNCATED;
    units_.push_back({bytes.data(), static_cast<uint32_t>(size), *line, now_ns_, flags, 0});
  }
  counts_.units += units_.size();
  if (!units_.empty()) sink.on_units(units_);
}

bool tape_world::give_stream(plugin::venue_sink& sink) {
  for (auto& [number, line] : lines_) {
    if (line.fresh.empty() || !line.is_up) continue;
    const uint32_t id = number;
    const size_t count = how_.stream_bytes == 0 ? line.fresh.size() : std::min(line.fresh.size(), how_.stream_bytes);
    line.unread.insert(line.unread.end(), line.fresh.begin(), line.fresh.begin() + static_cast<std::ptrdiff_t>(count));
    line.fresh.erase(line.fresh.begin(), line.fresh.begin() + static_cast<std::ptrdiff_t>(count));
    for (;;) {
      const auto at = lines_.find(id); // the plugin may close it
      if (at == lines_.end() || at->second.unread.empty()) return true;
      auto bytes = at->second.unread;
      const size_t size = bytes.size();
      bytes.resize(size + TP_PADDING, 0xEE);
      const int64_t consumed =
        sink.on_stream({bytes.data(), static_cast<uint32_t>(size), id, now_ns_, TP_UNIT_BINARY, 0});
      const auto still = lines_.find(id);
      if (still == lines_.end()) return true;
      if (consumed < 0 || static_cast<uint64_t>(consumed) > size) {
        news_.push_back({false, id, TP_LINE_FAILED, "refused by the plugin", 0, {}});
        still->second.fresh.clear();
        return true;
      }
      auto& rest = still->second.unread;
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(consumed));
      if (consumed == 0) {
        if (still->second.max_unit != 0 && rest.size() >= still->second.max_unit) {
          news_.push_back({false, id, TP_LINE_FAILED, "unit larger than max_unit", 0, {}});
          still->second.fresh.clear();
        }
        return true;
      }
    }
  }
  return false;
}

void tape_world::end_line(const std::string& name, uint32_t state) {
  const auto line = line_of(name);
  if (!line) {
    ++counts_.undelivered;
    return;
  }
  lines_.at(*line).is_up = false;
  news_.push_back({false, *line, state, state == TP_LINE_CLOSED ? "closed by the other side" : "reset", 0, {}});
}

std::optional<uint32_t> tape_world::line_of(const std::string& name) const {
  for (const auto& [number, line] : lines_)
    if (line.name == name && line.is_up) return number;
  return std::nullopt;
}

} // namespace tickplant::conformance
