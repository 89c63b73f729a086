#include "rest_queue.hpp"

#include <algorithm>

namespace tickplant::binance {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint64_t minute_ns = 60 * second_ns;
constexpr size_t most_running = 4;                     // "at most a few at once for all symbols" (E)
constexpr uint64_t answer_timeout_ns = 60 * second_ns; // above every timeout that the requests carry
constexpr uint64_t margin_ns = second_ns;              // the venue's minute need not begin with ours
constexpr uint64_t longest_ban_s = 3 * 24 * 3600;      // A5: 418 lasts 2 min up to 3 days
constexpr uint64_t default_429_s = 60, default_418_s = 120, default_403_s = 600;

bool same(const rest_request& a, const rest_request& b) {
  return a.kind == b.kind && (a.kind == rest_kind::exchange_info || a.instrument == b.instrument);
}

/// 1 s doubling to 30 s, half of it by chance.
uint64_t back_off_ns(uint32_t failures, uint64_t random) {
  const uint64_t whole = std::min<uint64_t>(second_ns << std::min(failures, 5u), 30 * second_ns);
  return whole / 2 + random % (whole / 2 + 1);
}

} // namespace

bool rest_queue::same_running(const rest_request& request) const {
  return std::any_of(running_.begin(), running_.end(),
                     [&](const flight& f) { return !f.disowned && same(f.request, request); });
}

bool rest_queue::push(const rest_request& request) {
  const auto alike = [&](const rest_request& r) { return same(r, request); };
  if (same_running(request) || std::any_of(waiting_.begin(), waiting_.end(), alike)) return false;
  // Without the directory there is nothing to ask depth for.
  if (request.kind == rest_kind::exchange_info)
    waiting_.push_front(request);
  else
    waiting_.push_back(request);
  return true;
}

void rest_queue::cancel_depth(uint32_t instrument) {
  const rest_request wanted{rest_kind::depth, instrument, 0};
  std::erase_if(waiting_, [&](const rest_request& r) { return same(r, wanted); });
  for (auto& f : running_) f.disowned |= same(f.request, wanted);
}

void rest_queue::cancel_all_depth() {
  std::erase_if(waiting_, [](const rest_request& r) { return r.kind == rest_kind::depth; });
  for (auto& f : running_) f.disowned |= f.request.kind == rest_kind::depth;
}

void rest_queue::roll_minute(uint64_t now_ns) {
  const uint64_t minute = (now_ns - std::min(now_ns, margin_ns)) / minute_ns;
  if (minute == minute_) return;
  minute_ = minute;
  used_weight_ = 0;
  for (const auto& f : running_) used_weight_ += f.request.weight; // may be weighed in the new minute
}

std::optional<rest_queue::ticket> rest_queue::next(uint64_t now_ns) {
  if (now_ns < blocked_until_ns_ || running_.size() >= most_running) return std::nullopt;
  roll_minute(now_ns);
  for (auto i = waiting_.begin(); i != waiting_.end(); ++i) {
    if (i->not_before_ns > now_ns) continue;
    // One that is heavier than the whole budget goes alone, or it would wait for ever.
    if (used_weight_ > 0 && used_weight_ + i->weight > weight_limit_) return std::nullopt;
    const ticket out{next_id_++, *i};
    waiting_.erase(i);
    running_.push_back({out.id, out.request, now_ns, false});
    used_weight_ += out.request.weight;
    return out;
  }
  return std::nullopt;
}

void rest_queue::again(rest_request request, uint64_t now_ns, uint64_t random) {
  request.not_before_ns = now_ns + back_off_ns(request.failures, random);
  ++request.failures;
  push(request);
}

void rest_queue::retry(rest_request request, uint64_t now_ns, uint64_t random) {
  again(request, now_ns, random);
}

void rest_queue::unsent(uint32_t id, uint64_t now_ns, uint64_t random) {
  answered({id, 0, {}, {}, false}, now_ns, random);
}

rest_queue::result rest_queue::answered(const rest_answer& answer, uint64_t now_ns, uint64_t random) {
  const auto found = std::find_if(running_.begin(), running_.end(), [&](const flight& f) { return f.id == answer.id; });
  if (found == running_.end()) return {outcome::unknown, {}};
  const flight done = *found;
  running_.erase(found);
  roll_minute(now_ns);
  if (answer.used_weight) {
    used_weight_ = *answer.used_weight;
    for (const auto& f : running_) used_weight_ += f.request.weight;
  }
  const bool banned = answer.status == 418 || answer.status == 403 || answer.too_much_weight;
  if (banned || answer.status == 429) {
    const uint64_t usual = answer.status == 429 ? default_429_s : answer.status == 403 ? default_403_s : default_418_s;
    const uint64_t wait = std::clamp<uint64_t>(answer.retry_after_s.value_or(usual), 1, longest_ban_s);
    blocked_until_ns_ = std::max(blocked_until_ns_, now_ns + wait * second_ns);
    if (!done.disowned) {
      rest_request request = done.request;
      request.not_before_ns = blocked_until_ns_;
      push(request);
    }
    return {banned ? outcome::banned : outcome::throttled, done.request};
  }
  if (done.disowned) return {outcome::unknown, done.request};
  if (answer.status == 200) return {outcome::good, done.request};
  // What the venue refuses now may be taken later (a listing before its first day), at the caller's pace.
  if (answer.status >= 400 && answer.status < 500) return {outcome::refused, done.request};
  again(done.request, now_ns, random);
  return {outcome::retried, done.request};
}

void rest_queue::expire(uint64_t now_ns, uint64_t random) {
  for (size_t i = 0; i < running_.size();) {
    if (running_[i].sent_ns + answer_timeout_ns > now_ns)
      ++i;
    else
      answered({running_[i].id, 0, {}, {}, false}, now_ns, random);
  }
}

uint64_t rest_queue::due_ns(uint64_t now_ns) const {
  if (waiting_.empty() || running_.size() >= most_running) return UINT64_MAX;
  uint64_t due = UINT64_MAX;
  uint32_t weight = 0;
  for (const auto& r : waiting_)
    if (r.not_before_ns < due) {
      due = r.not_before_ns;
      weight = r.weight;
    }
  due = std::max(due, blocked_until_ns_);
  const bool same_minute = (now_ns - std::min(now_ns, margin_ns)) / minute_ns == minute_;
  if (same_minute && used_weight_ > 0 && used_weight_ + weight > weight_limit_)
    due = std::max(due, (minute_ + 1) * minute_ns + margin_ns);
  return due;
}

void rest_queue::venue_limit(uint32_t per_minute) {
  if (per_minute > 0) weight_limit_ = std::min(configured_limit_, per_minute - per_minute / 6);
}

} // namespace tickplant::binance
