#include "runtime/book/recovery_ledger.hpp"

#include <algorithm>

namespace tickplant::book {

namespace {

std::string_view view_of(tp_str text) {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}

std::string milliseconds_of(uint64_t ns) {
  auto micros = std::to_string(ns / 1'000 % 1'000);
  micros.insert(0, 3 - micros.size(), '0');
  return std::to_string(ns / 1'000'000) + '.' + micros + " ms";
}

} // namespace

std::string_view name_of(gap_outcome how) {
  switch (how) {
    case gap_outcome::filled: return "filled";
    case gap_outcome::snapshot: return "snapshot";
    case gap_outcome::stale: break;
  }
  return "stale";
}

std::string to_text(const ended_gaps& ended, std::string_view whose) {
  std::string text = "channel " + std::to_string(ended.channel);
  if (ended.instrument != TP_ALL) text += " instrument " + std::to_string(ended.instrument);
  text += whose;
  text += ended.count == 1 ? ": gap" : ": " + std::to_string(ended.count) + " gaps";
  if (ended.to != 0) text += ' ' + std::to_string(ended.from) + ".." + std::to_string(ended.to);
  switch (ended.how) {
    case gap_outcome::filled: text += " filled"; break;
    case gap_outcome::snapshot: text += " ended by a snapshot"; break;
    case gap_outcome::stale:
      text += ended.is_over ? " not filled before the numbers began anew" : " not filled, its books stay stale";
      break;
  }
  text += " after " + milliseconds_of(ended.took_ns);
  if (!ended.reason.empty()) text += ": " + ended.reason;
  return text;
}

recovery_ledger::entry& recovery_ledger::add(const tp_stream& s, uint64_t now_ns) {
  const auto [at, is_new] = open_.try_emplace(key{s.channel, s.instrument});
  entry& e = at->second;
  const bool is_known = !is_new && (s.to == 0 || (s.from <= e.to && s.to >= e.from));
  if (is_new)
    e.since_ns = now_ns;
  else if (!is_known)
    ++e.count;
  if (s.to != 0) {
    e.from = e.to == 0 ? s.from : std::min(e.from, s.from);
    e.to = std::max(e.to, s.to);
  }
  if (const auto reason = view_of(s.reason); !reason.empty()) e.reason.assign(reason);
  return e;
}

void recovery_ledger::stream(const tp_stream& s, uint64_t now_ns) {
  switch (s.state) {
    case TP_STREAM_GAP: add(s, now_ns); break;
    case TP_STREAM_LOST: {
      entry& e = add(s, now_ns);
      e.is_lost = true;
      e.has_snapshot = false;
      if (s.instrument == TP_ALL) break;
      if (const auto all = open_.find({s.channel, TP_ALL}); all != open_.end()) all->second.is_split = true;
      break;
    }
    case TP_STREAM_LIVE: live(s, now_ns); break;
    case TP_STREAM_RESTARTED:
      for (auto at = open_.lower_bound({s.channel, 0}); at != open_.end() && at->first.first == s.channel;)
        if (s.instrument == TP_ALL || at->first.second == s.instrument)
          at = close(at, gap_outcome::stale, {}, now_ns, true);
        else
          ++at;
      break;
    default: break;
  }
}

// What was only a gap is filled when the stream lives again. What was lost is whole when the feed says so.
void recovery_ledger::live(const tp_stream& s, uint64_t now_ns) {
  may_have_healed_ = true;
  const auto at = open_.find({s.channel, s.instrument});
  if (at == open_.end() || at->second.is_lost) return;
  if (at->second.is_split)
    open_.erase(at);
  else
    close(at, gap_outcome::filled, {}, now_ns);
}

void recovery_ledger::snapshot_ended(uint32_t channel, uint32_t instrument) {
  if (open_.empty()) return;
  for (auto at = open_.lower_bound({channel, 0}); at != open_.end() && at->first.first == channel; ++at)
    if (instrument == TP_ALL || at->first.second == TP_ALL || at->first.second == instrument)
      at->second.has_snapshot = may_have_healed_ = true;
}

void recovery_ledger::settle(uint64_t now_ns) {
  if (!may_have_healed_) return;
  may_have_healed_ = false;
  for (auto at = open_.begin(); at != open_.end();) {
    const entry& e = at->second;
    // A mere gap may end by a snapshot too, where the plugin prefers one.
    if ((e.is_lost || e.has_snapshot) && is_whole_(at->first.first, at->first.second))
      at = close(at, e.has_snapshot ? gap_outcome::snapshot : gap_outcome::filled, {}, now_ns);
    else
      ++at;
  }
}

void recovery_ledger::give_up(uint32_t channel, uint32_t instrument, std::string_view reason, uint64_t now_ns) {
  if (const auto at = open_.find({channel, instrument}); at != open_.end())
    close(at, gap_outcome::stale, reason, now_ns);
}

void recovery_ledger::end_all(std::string_view reason, uint64_t now_ns) {
  for (auto at = open_.begin(); at != open_.end();) at = close(at, gap_outcome::stale, reason, now_ns);
}

uint64_t recovery_ledger::open() const {
  uint64_t sum = 0;
  for (const auto& [of, e] : open_) sum += e.count;
  return sum;
}

recovery_ledger::entries::iterator recovery_ledger::close(entries::iterator at, gap_outcome how,
                                                          std::string_view reason, uint64_t now_ns, bool is_over) {
  const entry& e = at->second;
  counts_[static_cast<size_t>(how)] += e.count;
  std::string why = e.reason;
  if (!reason.empty()) why += (why.empty() ? "" : "; ") + std::string{reason};
  const uint64_t took = now_ns > e.since_ns ? now_ns - e.since_ns : 0;
  const ended_gaps gaps{at->first.first, at->first.second, e.from, e.to, e.count, how, took, std::move(why), is_over};
  at = open_.erase(at);
  if (on_end_) on_end_(gaps);
  return at;
}

} // namespace tickplant::book
