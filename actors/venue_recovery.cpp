#include "actors/venue_recovery.hpp"

namespace tickplant::actors {

namespace {

// What asking leads to may be due at once (a channel in the place of a book), but never without end.
constexpr int most_rounds = 4;

} // namespace

venue_recovery::venue_recovery(const book::feed& feed, feed_context& context, venue_health& health, log say,
                               naming whose)
  : feed_(feed), context_(context), health_(health), say_(std::move(say)), whose_(std::move(whose)),
    ledger_([this](uint32_t channel, uint32_t number) { return feed_.is_whole(channel, number); },
            [this](const book::ended_gaps& gaps) { ended(gaps); }),
    queue_(health.care().recovery) {}

void venue_recovery::wanted(uint32_t channel, uint32_t number, std::string_view reason) {
  if (queue_.want(channel, number, reason, context_.loop.monotonic_ns()))
    say_(TP_LOG_INFO, "resynchronisation wanted: " + std::string{reason});
}

void venue_recovery::stream(const tp_stream& stream) {
  ledger_.stream(stream, context_.loop.monotonic_ns());
  has_news_ = true;
  const bool is_all = stream.instrument == TP_ALL;
  if (stream.state == TP_STREAM_LOST) {
    ++losses_;
    if (is_all) note_channel(stream.channel, true);
    queue_.want(stream.channel, stream.instrument, "data was lost", context_.loop.monotonic_ns());
  } else if (stream.state == TP_STREAM_LIVE) {
    if (is_all) note_channel(stream.channel, false);
    // What lives again by itself has not to be asked for.
    if (stream.from != 0 || feed_.is_whole(stream.channel, stream.instrument))
      queue_.done(stream.channel, stream.instrument);
    else
      to_check_.insert(stream.channel);
  } else if (stream.state == TP_STREAM_RESTARTED && is_all) {
    queue_.done(stream.channel, TP_ALL); // there is nothing left that could be asked for
  }
}

void venue_recovery::snapshot_ended(uint32_t channel, uint32_t number) {
  ledger_.snapshot_ended(channel, number);
  queue_.done(channel, number);
  has_news_ = true;
  if (number != TP_ALL) {
    if (lost_.contains(channel)) rebuilt_one_by_one_.insert(channel);
    return;
  }
  note_channel(channel, false);
  to_check_.insert(channel);
}

// A venue is lost as a whole when none of its channels is left: only then a restart of the instance disturbs nothing.
void venue_recovery::note_channel(uint32_t channel, bool is_lost) {
  (is_lost ? live_ : lost_).erase(channel);
  (is_lost ? lost_ : live_).insert(channel);
  if (!live_.empty() || lost_.empty())
    lost_since_ = 0;
  else if (lost_since_ == 0)
    lost_since_ = context_.loop.monotonic_ns();
}

// A channel that was lost may come back by snapshots of its single books: with the last one nothing is left to ask for.
void venue_recovery::find_rebuilt_channels() {
  for (const auto channel : std::exchange(rebuilt_one_by_one_, {})) {
    if (!lost_.contains(channel) || !feed_.is_whole(channel, TP_ALL)) continue;
    note_channel(channel, false);
    queue_.done(channel, TP_ALL);
  }
}

void venue_recovery::work() {
  has_news_ = false;
  find_rebuilt_channels();
  const uint64_t now = context_.loop.monotonic_ns();
  // Books that were lost while their channel's snapshot was under way were not in it.
  for (const auto channel : std::exchange(to_check_, {}))
    for (const auto number : feed_.lost_books(channel))
      queue_.want(channel, number, "the snapshot of its channel did not bring it", now);
  ledger_.settle(now);
  ask_due();
}

void venue_recovery::ask_due() {
  const uint64_t now = context_.loop.monotonic_ns(), wall = venue_ns_();
  for (int round = 0; round < most_rounds; ++round) {
    queue_.run(
      now, [this, wall](uint32_t channel, uint32_t number) { return host_->resynchronise(channel, number, wall); },
      [this, now](uint32_t channel, uint32_t number, const std::string& reason) {
        say_(TP_LOG_WARNING, "channel " + std::to_string(channel) + whose_(channel, number) +
                               " stays stale: the venue offers no way to ask for its books again");
        ledger_.give_up(channel, number, "the venue offers no way to ask for it: " + reason, now);
      });
    if (!queue_.is_due() || host_->is_broken()) break;
  }
  if (has_news_) ledger_.settle(now); // a snapshot may have ended inside
}

void venue_recovery::tick() {
  const uint64_t now = context_.loop.monotonic_ns();
  if (const auto rebuilt = feed_.counters().rebuilt; rebuilt != rebuilt_) {
    rebuilt_ = rebuilt;
    queue_.progress(now);
  }
  const auto before = queue_.counts().timeouts;
  work();
  if (const auto late = queue_.counts().timeouts - before; late > 0)
    say_(TP_LOG_WARNING, std::to_string(late) + " snapshots did not end in time and were asked for again");
}

void venue_recovery::end(std::string_view why) {
  ledger_.end_all(why, context_.loop.monotonic_ns());
}

void venue_recovery::ended(const book::ended_gaps& gaps) {
  health_.gaps.ended[static_cast<size_t>(gaps.how)] += gaps.count;
  health_.gaps.took.observe_ns(gaps.took_ns);
  say_(gaps.how == book::gap_outcome::stale ? TP_LOG_WARNING : TP_LOG_INFO,
       to_text(gaps, whose_(gaps.channel, gaps.instrument)));
}

admin::recovery_figures venue_recovery::figures() const {
  const auto& ended = health_.gaps.ended;
  const auto& counts = queue_.counts();
  admin::recovery_figures made;
  made.open = ledger_.open();
  made.filled = ended[static_cast<size_t>(book::gap_outcome::filled)];
  made.snapshot = ended[static_cast<size_t>(book::gap_outcome::snapshot)];
  made.stale = ended[static_cast<size_t>(book::gap_outcome::stale)];
  made.took = health_.gaps.took;
  made.running = queue_.running();
  made.waiting = queue_.waiting();
  made.asked = counts.asked;
  made.timeouts = counts.timeouts;
  made.postponed = counts.postponed;
  made.limited = counts.limited;
  made.unsupported = counts.unsupported;
  return made;
}

} // namespace tickplant::actors
