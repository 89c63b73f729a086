#include "subscriber.hpp"

#include <algorithm>
#include <bit>

namespace tickplant::binance {
namespace {

constexpr size_t most_unanswered = 256;

} // namespace

void subscriber::queue(uint32_t instrument) {
  entry& e = entries_[instrument];
  if (e.queued || (e.missing() | e.surplus()) == 0) return;
  e.queued = true;
  queue_.push_back(instrument);
}

void subscriber::want(uint32_t instrument, std::string_view symbol, uint8_t bits) {
  if (instrument >= entries_.size()) entries_.resize(instrument + 1);
  entry& e = entries_[instrument];
  e.symbol = symbol;
  e.wanted = bits;
  full_ = false;
  queue(instrument);
}

void subscriber::on_up() {
  up_ = true;
  queue_.clear();
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    entries_[i].queued = false;
    queue(i);
  }
}

void subscriber::on_down() {
  up_ = probe_ = full_ = false;
  active_ = over_limit_ = 0;
  batch_ = UINT32_MAX;
  unanswered_.clear();
  for (auto& e : entries_) e.sent = e.refused = e.confirmed = 0;
}

bool subscriber::append(const entry& e, unsigned kind) {
  const std::string_view suffixes[stream_kinds] = {options_.depth_suffix, "@bookTicker", options_.trade_suffix,
                                                   "@ticker", "@markPrice@1s"};
  const size_t size = e.symbol.size() + suffixes[kind].size() + 3;
  if (text_.size() + size + 32 > options_.most_bytes) return false; // 32: the end with the id
  if (text_.back() == '"') text_ += ',';
  text_ += '"';
  text_ += e.symbol;
  text_ += suffixes[kind];
  text_ += '"';
  return true;
}

bool subscriber::write(bool subscribe) {
  request r{next_id_, subscribe, {}, 0};
  text_ = subscribe ? R"({"method":"SUBSCRIBE","params":[)" : R"({"method":"UNSUBSCRIBE","params":[)";
  const uint32_t most_names = std::min(batch_, options_.most_names);
  over_limit_ = subscribe ? 0 : over_limit_;
  bool room = true;
  for (const uint32_t i : queue_) {
    entry& e = entries_[i];
    const uint8_t due = subscribe ? e.missing() : e.surplus();
    uint8_t taken = 0;
    for (unsigned kind = 0; kind < stream_kinds; ++kind) {
      const auto bit = static_cast<uint8_t>(1u << kind);
      if ((due & bit) == 0) continue;
      if (subscribe && active_ >= options_.most_streams) {
        ++over_limit_;
        continue;
      }
      if (!room || r.names >= most_names || !append(e, kind)) {
        room = false;
        break;
      }
      ++r.names;
      taken |= bit;
      active_ += subscribe ? 1u : 0u;
      active_ -= subscribe ? 0u : 1u;
    }
    if (taken != 0) r.streams.emplace_back(i, taken);
    if (subscribe)
      e.sent |= taken;
    else
      e.sent = static_cast<uint8_t>(e.sent & ~taken);
    e.confirmed = static_cast<uint8_t>(e.confirmed & e.sent);
  }
  std::erase_if(queue_, [this](uint32_t i) {
    entry& e = entries_[i];
    e.queued = (e.missing() | e.surplus()) != 0;
    return !e.queued;
  });
  if (r.names == 0) return false;
  text_ += R"(],"id":)" + std::to_string(next_id_++) + '}';
  remember(std::move(r));
  return true;
}

void subscriber::remember(request&& r) {
  if (unanswered_.size() == most_unanswered) unanswered_.pop_front();
  unanswered_.push_back(std::move(r));
}

std::optional<std::string_view> subscriber::next(uint64_t now_ns) {
  if (!up_ || now_ns < next_send_ns_) return std::nullopt;
  // What goes first makes room for what comes.
  bool wrote = !queue_.empty() && (write(false) || write(true));
  if (!wrote) {
    full_ = !queue_.empty();
    if (!probe_) return std::nullopt;
    text_ = R"({"method":"LIST_SUBSCRIPTIONS","id":)" + std::to_string(next_id_) + '}';
    remember({next_id_++, false, {}, 0});
    probe_ = false;
  }
  next_send_ns_ = now_ns + options_.spacing_ns;
  return text_;
}

uint64_t subscriber::due_ns() const {
  const bool work = up_ && ((!queue_.empty() && !full_) || probe_);
  return work ? next_send_ns_ : UINT64_MAX;
}

subscriber::answer subscriber::answered(uint64_t id, bool good) {
  answer out;
  const auto found = std::find_if(unanswered_.begin(), unanswered_.end(), [&](const request& r) { return r.id == id; });
  if (found == unanswered_.end()) return out;
  const request r = std::move(*found);
  unanswered_.erase(found);
  out.known = true;
  if (good) {
    if (r.subscribe) {
      out.confirmed = r.streams;
      for (const auto& [instrument, bits] : r.streams) {
        entry& e = entries_[instrument];
        e.confirmed = static_cast<uint8_t>(e.confirmed | (bits & e.sent));
      }
    }
    if (queue_.empty()) batch_ = UINT32_MAX;
    return out;
  }
  if (!r.subscribe) return out; // what cannot be unsubscribed is not there, or ends with the connection
  for (const auto& [instrument, bits] : r.streams) {
    entry& e = entries_[instrument];
    const auto still = static_cast<uint8_t>(e.sent & bits);
    e.sent = static_cast<uint8_t>(e.sent & ~bits);
    active_ -= static_cast<uint32_t>(std::popcount(still));
    if (r.names == 1) {
      e.refused |= bits;
      ++out.given_up;
    }
    queue(instrument);
  }
  batch_ = r.names == 1 ? batch_ : std::max(1u, r.names / 2);
  full_ = false;
  return out;
}

} // namespace tickplant::binance
