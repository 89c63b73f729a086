#include "venue_session.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace tickplant::synthetic {

namespace {

enum timer : uint32_t { tick_timer, snapshot_timer };
enum counter : uint32_t { ticks, snapshots, rounds_skipped };
constexpr std::array names{sdk::to_tp("messages.tick"), sdk::to_tp("snapshots"), sdk::to_tp("rounds.skipped")};

std::span<tp_event, most_events_a_tick> room(const std::unique_ptr<tp_event[]>& events) {
  return std::span<tp_event, most_events_a_tick>{events.get(), most_events_a_tick};
}

} // namespace

std::span<const tp_str> venue_session::counters() {
  return names;
}

void venue_session::validate(sdk::settings settings, sdk::venue_host host) {
  read_options(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); });
}

venue_session::venue_session(sdk::settings settings, sdk::venue_host host)
  : host_(host), events_(std::make_unique<tp_event[]>(most_events_a_tick)) {
  bool is_good = true;
  options_ = read_options(settings, [&](std::string_view key, std::string_view problem) {
    is_good = false;
    host.complain(key, problem);
  });
  if (!is_good) throw std::invalid_argument("the settings have faults");
}

int32_t venue_session::start(uint64_t now_ns) {
  const auto all = options_.instruments == 0 ? listed_names() : numbered_names(options_.instruments);
  listed_.reserve(all.size());
  for (uint32_t number = 0; number < all.size(); ++number) define(number, all[number]);
  for (uint32_t number = 0; number < listed_.size(); ++number) host_.stream(number, TP_ALL, TP_STREAM_DIRECTORY);
  round_ns_ = now_ns;
  host_.set_timer(tick_timer, 0);
  return TP_OK;
}

void venue_session::define(uint32_t number, const listed_name& name) {
  listed& made = listed_.emplace_back(listed{walker{name, options_.seed}, {}, 0, false});
  tp_instrument i{};
  i.struct_size = sizeof i;
  i.number = i.channel = number;
  i.parent = TP_ALL;
  i.book = TP_BOOK_LEVELS;
  i.price_exponent = price_exponent;
  i.partial_depth = options_.levels;
  i.price_step = i.quantity_step = i.lot = 1;
  i.previous_close = made.market.base;
  i.symbol = i.venue_code = i.name = sdk::to_tp(name.symbol);
  i.currency = sdk::to_tp("USD");
  made.wanted = host_.define(i);
  if (!made.wanted) return host_.stream(number, TP_ALL, TP_STREAM_LIVE, {}, 1);
  const tp_event state{TP_EV_STATUS, TP_STATE_TRADING, TP_END, number, 0, TP_NONE, TP_NONE, 0, 0, 0, 0};
  host_.emit(number, {&state, 1});
}

/// When an instrument ticks, counted from the beginning of a round.
uint64_t venue_session::due_of(uint64_t index) const {
  if (!options_.spread_ticks) return 0;
  const uint64_t due = options_.period_ns() * index / listed_.size(), step = uint64_t{options_.step_ms} * 1'000'000;
  return step == 0 ? due : due / step * step;
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  if (id == snapshot_timer) {
    send_snapshots(now_ns);
    return TP_OK;
  }
  const uint64_t period = options_.period_ns();
  for (; next_ < listed_.size() && round_ns_ + due_of(next_) <= now_ns; ++next_) tick(next_, now_ns);
  if (next_ == listed_.size()) {
    next_ = 0;
    round_ns_ += period;
    // A stall must not become a burst: rounds that are over are left out.
    if (round_ns_ + period <= now_ns) {
      const uint64_t missed = (now_ns - round_ns_) / period;
      round_ns_ += missed * period;
      host_.count(rounds_skipped, missed);
    }
  }
  const uint64_t due = round_ns_ + due_of(next_);
  host_.set_timer(tick_timer, due > now_ns ? due - now_ns : 0);
  return TP_OK;
}

void venue_session::tick(uint32_t number, uint64_t now_ns) {
  listed& l = listed_[number];
  if (!l.wanted) return;
  // Not before: this market is never empty.
  if (l.sequence == 0) host_.stream(number, TP_ALL, TP_STREAM_LIVE, {}, 1);
  l.market.tick(options_.walk_scale, options_.levels);
  const size_t count = tick_events(l.market, number, ++l.sequence, now_ns, l.shown, room(events_));
  host_.emit(number, {events_.get(), count});
  host_.count(ticks);
}

int32_t venue_session::resynchronise(uint32_t channel, uint32_t instrument, uint64_t) {
  if (channel >= listed_.size() || (instrument != TP_ALL && instrument != channel)) return TP_E_ARGUMENT;
  if (std::find(to_tell_again_.begin(), to_tell_again_.end(), channel) == to_tell_again_.end())
    to_tell_again_.push_back(channel);
  host_.set_timer(snapshot_timer, 0);
  return TP_OK;
}

void venue_session::send_snapshots(uint64_t now_ns) {
  for (const uint32_t number : to_tell_again_) {
    const listed& l = listed_[number];
    if (!l.wanted || l.sequence == 0) continue; // live with its first tick
    const size_t count = snapshot_events(l.shown, number, l.sequence, now_ns, room(events_));
    host_.emit(number, {events_.get(), count});
    host_.count(snapshots);
  }
  to_tell_again_.clear();
}

} // namespace tickplant::synthetic
