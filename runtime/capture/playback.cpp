#include "runtime/capture/playback.hpp"

#include <algorithm>
#include <cstring>

namespace tickplant::capture {

namespace {

constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint64_t connect_timeout_ns = 10 * second_ns; // as the server's lines
constexpr uint64_t usual_http_timeout_ns = 10 * second_ns;
constexpr uint64_t shortest_timer_ns = 1'000; // a timer of 0 that is set again and again must not stop the clock
/// Of a gap in the clock that much is lived through, timer by timer; the rest is leapt over.
constexpr uint64_t longest_wait_ns = 3'600 * second_ns;
constexpr size_t most_timers = 4'096, most_requests = 1'024, most_unclaimed = 1'024, most_units = 1'024;

std::string copy_of(tp_str text) {
  return text.data == nullptr ? std::string{} : std::string{text.data, text.size};
}

bool is_datagram(uint16_t kind) {
  return kind == TP_LINE_UDP_GROUP || kind == TP_LINE_UDP_PEER;
}

} // namespace

playback::playback(std::vector<std::string> files, uint64_t after_ns) : source_(std::move(files)), after_ns_(after_ns) {
  load_next();
  if (next_) now_ns_ = played_ns_ = largest_ns_ = next_->recv_ns;
  end_ns_ = now_ns_ + after_ns_;
}

void playback::load_next() {
  next_ = source_.next();
  if (!next_) return;
  ++counts_.records;
  largest_ns_ = std::max(largest_ns_, next_->recv_ns);
  end_ns_ = largest_ns_ + after_ns_;
}

int32_t playback::line_open(const tp_line_spec& spec) {
  if (lines_.contains(spec.line)) return TP_E_ARGUMENT;
  line made;
  made.kind = spec.kind;
  made.name = copy_of(spec.name);
  made.deadline_ns = now_ns_ + connect_timeout_ns;
  const bool is_up = is_recorded_up(made.name);
  lines_.emplace(spec.line, std::move(made));
  if (is_up) come_up(spec.line);
  return TP_OK;
}

void playback::line_close(uint32_t number) {
  lines_.erase(number);
  std::erase_if(news_, [&](const news& n) { return n.what == news::kind::line && n.number == number; });
}

int32_t playback::send(uint32_t number, uint32_t, std::span<const uint8_t>) {
  const auto at = lines_.find(number);
  if (at == lines_.end() || !at->second.is_up) return TP_E_DOWN;
  ++counts_.sent;
  return TP_OK;
}

int32_t playback::http_get(const tp_http_request& asked) {
  if (requests_.contains(asked.id)) return TP_E_ARGUMENT;
  if (requests_.size() >= most_requests) return TP_E_LIMIT;
  auto url = copy_of(asked.url);
  if (const auto known = unclaimed_.find(url); known != unclaimed_.end()) {
    news_.push_back({news::kind::http, asked.id, 0, {}, std::move(known->second.front())});
    known->second.pop_front();
    --unclaimed_count_;
    if (known->second.empty()) unclaimed_.erase(known);
    return TP_OK;
  }
  const uint64_t patience = asked.timeout_ns != 0 ? asked.timeout_ns : usual_http_timeout_ns;
  requests_.emplace(asked.id, request{std::move(url), now_ns_ + patience});
  return TP_OK;
}

void playback::set_timer(uint32_t id, uint64_t after_ns) {
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

/// When a timer, or the patience with a line or a request, is over.
uint64_t playback::due_ns() const {
  uint64_t due = due_timers_.empty() ? UINT64_MAX : due_timers_.begin()->first;
  for (const auto& [number, l] : lines_)
    if (!l.is_up) due = std::min(due, l.deadline_ns);
  for (const auto& [id, asked] : requests_) due = std::min(due, asked.deadline_ns);
  return due;
}

std::optional<uint64_t> playback::next_ns() {
  if (!news_.empty()) return now_ns_;
  const uint64_t due = due_ns();
  if (next_) return std::max(now_ns_, std::min(due, next_->recv_ns));
  if (!is_over_) return now_ns_;
  if (due <= end_ns_) return std::max(now_ns_, due);
  return std::nullopt;
}

bool playback::step(plugin::venue_sink& sink, uint64_t wake_ns) {
  if (!news_.empty()) {
    tell_news(sink);
    return true;
  }
  const uint64_t due = due_ns();
  const uint64_t until = next_ ? std::max(now_ns_, next_->recv_ns) : end_ns_;
  const uint64_t lived = next_ ? std::max(now_ns_, std::min(until, played_ns_ + longest_wait_ns)) : until;
  if (wake_ns < due && wake_ns <= lived) {
    now_ns_ = std::max(now_ns_, wake_ns);
    return true;
  }
  if (due <= lived) {
    now_ns_ = std::max(now_ns_, due);
    fire_due(sink);
    return true;
  }
  if (lived < until) {
    ++counts_.leaps;
    now_ns_ = played_ns_ = until;
    return true;
  }
  if (next_) {
    now_ns_ = played_ns_ = until;
    play(sink);
    return true;
  }
  if (is_over_) return false;
  is_over_ = true;
  end_lines();
  return true;
}

void playback::fire_due(plugin::venue_sink& sink) {
  for (auto& [number, l] : lines_)
    if (!l.is_up && l.deadline_ns <= now_ns_) {
      l.deadline_ns = UINT64_MAX;
      news_.push_back({news::kind::line, number, TP_LINE_FAILED, "not connected in time in the capture", {}});
      return;
    }
  for (const auto& [id, asked] : requests_)
    if (asked.deadline_ns <= now_ns_) {
      news_.push_back({news::kind::http, id, 0, {}, {TP_E_AGAIN, {}}});
      requests_.erase(id);
      return;
    }
  if (due_timers_.empty() || due_timers_.begin()->first > now_ns_) return;
  const uint32_t id = due_timers_.begin()->second;
  due_timers_.erase(due_timers_.begin());
  timers_.erase(id);
  sink.on_timer(id, now_ns_);
}

void playback::tell_news(plugin::venue_sink& sink) {
  const news told = std::move(news_.front());
  news_.pop_front();
  if (told.what == news::kind::line) {
    if (told.state != TP_LINE_UP) lines_.erase(told.number); // the number is free again
    sink.on_line(told.number, told.state, told.why, now_ns_);
    return;
  }
  ++counts_.answers;
  tp_http_answer given{};
  given.struct_size = sizeof given;
  given.id = told.number;
  given.status = told.reply.status;
  if (!told.reply.body.empty()) given.body = {told.reply.body.data(), told.reply.body.size() - TP_PADDING};
  given.recv_ns = now_ns_;
  sink.on_http(given);
}

void playback::come_up(uint32_t number) {
  line& l = lines_.at(number);
  if (l.is_up) return;
  l.is_up = true;
  l.deadline_ns = UINT64_MAX;
  news_.push_back({news::kind::line, number, TP_LINE_UP, {}, {}});
}

bool playback::is_recorded_up(const std::string& name) const {
  return std::any_of(recorded_.begin(), recorded_.end(),
                     [&](const auto& one) { return one.second.is_up && one.second.name == name; });
}

/// The plugin's open line that carries what a line of the capture did: by the same number, else by the name alone.
std::optional<uint32_t> playback::open_line_of(uint32_t recorded) const {
  const auto from = recorded_.find(recorded);
  if (from == recorded_.end()) return std::nullopt;
  if (const auto same = lines_.find(recorded); same != lines_.end() && same->second.name == from->second.name)
    return recorded;
  for (const auto& [number, l] : lines_)
    if (l.name == from->second.name) return number;
  return std::nullopt;
}

void playback::play(plugin::venue_sink& sink) {
  if (source_.is_other_session()) {
    ++counts_.sessions;
    for (const auto& [number, l] : lines_)
      news_.push_back({news::kind::line, number, TP_LINE_CLOSED, "another session of the capture begins", {}});
    recorded_.clear();
    requests_.clear();
  }
  switch (next_->kind) {
    case record_kind::unit: return play_units(sink);
    case record_kind::stream:
      if (const auto number = open_line_of(next_->line))
        play_stream(sink, *number, next_->payload);
      else
        ++counts_.unrouted;
      break;
    case record_kind::line_opened:
      if (opened_line opened; decode(next_->payload, opened)) recorded_[next_->line] = {opened.name, false};
      break;
    case record_kind::line_state: play_state(); break;
    case record_kind::http_answer: play_answer(); break;
    case record_kind::dropped:
      if (uint64_t count = 0; next_->payload.size() == sizeof count) {
        std::memcpy(&count, next_->payload.data(), sizeof count);
        counts_.dropped += count;
      }
      break;
    default: break; // what the plugin asked for, and kinds of a later version
  }
  load_next();
}

void playback::play_units(plugin::venue_sink& sink) {
  units_.clear();
  size_t used = 0;
  bool is_first = true;
  while (next_ && next_->kind == record_kind::unit && units_.size() < most_units &&
         (is_first || (next_->flags & continues_delivery) != 0)) {
    is_first = false;
    const auto number = open_line_of(next_->line);
    if (!number || !lines_.at(*number).is_up) {
      ++counts_.unrouted;
    } else {
      if (used == held_.size()) held_.emplace_back();
      auto& bytes = held_[used++];
      bytes.resize(next_->payload.size() + TP_PADDING);
      std::copy(next_->payload.begin(), next_->payload.end(), bytes.begin());
      units_.push_back(
        {bytes.data(), static_cast<uint32_t>(next_->payload.size()), *number, next_->recv_ns, next_->flags & 0xFFu, 0});
    }
    load_next();
  }
  counts_.units += units_.size();
  counts_.deliveries += !units_.empty();
  if (!units_.empty()) sink.on_units(units_);
}

void playback::play_stream(plugin::venue_sink& sink, uint32_t number, std::span<const uint8_t> bytes) {
  line& l = lines_.at(number);
  if (!l.is_up) {
    ++counts_.unrouted;
    return;
  }
  counts_.stream_bytes += bytes.size();
  l.unread.resize(l.unread_bytes + bytes.size() + TP_PADDING);
  std::copy(bytes.begin(), bytes.end(), l.unread.begin() + static_cast<std::ptrdiff_t>(l.unread_bytes));
  l.unread_bytes += bytes.size();
  for (;;) {
    const auto at = lines_.find(number); // the plugin may close it
    if (at == lines_.end() || at->second.unread_bytes == 0) return;
    line& now = at->second;
    const int64_t consumed =
      sink.on_stream({now.unread.data(), static_cast<uint32_t>(now.unread_bytes), number, now_ns_, TP_UNIT_BINARY, 0});
    const auto still = lines_.find(number);
    if (still == lines_.end()) return;
    if (consumed < 0 || static_cast<uint64_t>(consumed) > still->second.unread_bytes) {
      news_.push_back({news::kind::line, number, TP_LINE_FAILED, "refused by the plugin", {}});
      return;
    }
    if (consumed == 0) return;
    auto& rest = still->second;
    rest.unread.erase(rest.unread.begin(), rest.unread.begin() + static_cast<std::ptrdiff_t>(consumed));
    rest.unread_bytes -= static_cast<size_t>(consumed);
  }
}

void playback::play_state() {
  const auto from = recorded_.find(next_->line);
  if (from == recorded_.end()) return;
  from->second.is_up = next_->flags == TP_LINE_UP;
  const auto number = open_line_of(next_->line);
  if (!number) return;
  if (next_->flags == TP_LINE_UP) return come_up(*number);
  line& l = lines_.at(*number);
  l.is_up = false;
  l.deadline_ns = UINT64_MAX;
  news_.push_back({news::kind::line, *number, next_->flags, std::string{next_->text()}, {}});
}

void playback::play_answer() {
  http_answer found;
  if (!decode(next_->payload, found)) return;
  answer made;
  made.status = found.status;
  made.body.resize(found.body.size() + TP_PADDING);
  std::copy(found.body.begin(), found.body.end(), made.body.begin());
  for (const auto& [id, asked] : requests_)
    if (asked.url == found.url) {
      news_.push_back({news::kind::http, id, 0, {}, std::move(made)});
      requests_.erase(id);
      return;
    }
  if (unclaimed_count_ == most_unclaimed) {
    ++counts_.unrouted;
    return;
  }
  unclaimed_[std::string{found.url}].push_back(std::move(made));
  ++unclaimed_count_;
}

/// Datagram lines stay, silent; all others end.
void playback::end_lines() {
  for (auto& [number, l] : lines_) {
    if (is_datagram(l.kind)) continue;
    const uint32_t state = l.kind == TP_LINE_FILE ? TP_LINE_FILE_END : TP_LINE_CLOSED;
    news_.push_back({news::kind::line, number, state, "the capture ends", {}});
  }
}

} // namespace tickplant::capture
