// Books that lost their state while the channel goes on: their past is asked for again and replayed beside the live
// flow.
#include "venue_session_sink.hpp"

namespace tickplant::nasdaq {

int32_t venue_session::resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns) {
  now_ns_ = now_ns;
  normalizer_.set_time(now_ns);
  const bool all = instrument == TP_ALL;
  if (channel != normalizer::channel) return TP_E_ARGUMENT;
  const bool by_picture = glimpse_.is_configured(), by_history = lines_.servers() > 0;
  if (!by_picture && !by_history && (!all || !soup_.is_configured())) return TP_E_UNSUPPORTED;
  if (!all && !normalizer_.symbols().is_wanted(instrument)) return TP_E_ARGUMENT;
  if (phase_ == phase::idle || phase_ == phase::starting) return TP_E_AGAIN;
  if (phase_ == phase::catching_up || phase_ == phase::joining) return TP_OK; // all of it comes anyway
  if (by_picture) {
    // The host repeats a LOST of ours, whose picture is on its way. One that is too old for the host is refused there,
    // and asked for again.
    if (all && picture_.serves_everything()) return TP_OK;
    const bool taken = request_picture(all ? recovery_targets::everything : instrument, arbiter_.next());
    end_burst();
    return taken ? TP_OK : TP_E_LIMIT;
  }
  if (!by_history) {
    const bool taken = retell_by_soup();
    end_burst();
    return taken ? TP_OK : TP_E_DOWN;
  }
  if (arbiter_.next() - 1 > options_.late_start_limit) return TP_E_LIMIT;
  if (normalizer_.is_feed_suspect() || (!all && normalizer_.symbols().is_suspect(static_cast<uint16_t>(instrument))))
    return TP_E_LIMIT; // the venue's own bytes cannot be read: asking again brings the same ones
  if (!replay_.request(all ? recovery_targets::everything : instrument)) return TP_E_LIMIT;
  // A replay of everything swallows one of single instruments that is under way.
  if (!replay_.is_active() || (all && !replay_.covers_everything())) begin_replay();
  end_burst();
  return TP_OK;
}

void venue_session::begin_replay() {
  replay_requests_.clear();
  replay_.begin(normalizer_.symbols());
  counters_.add(replay_passes);
  const auto begin = [this](uint32_t instrument) {
    normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_HISTORY, TP_SNAPSHOT, instrument, 0);
  };
  if (replay_.covers_everything()) begin(TP_ALL);
  for (const uint16_t locate : replay_.targets()) begin(locate);
}

void venue_session::advance_replay() {
  while (replay_.is_active()) {
    const bool all = replay_.covers_everything();
    const decode_context context{
      replay_.interests(normalizer_.symbols()), &replay_.halts(), TP_SNAPSHOT, true, all, all};
    const uint64_t count = replay_.drain(arbiter_.next(), [&](uint64_t sequence, const uint8_t* data, uint16_t size) {
      normalizer_.message(sequence, data, size, context);
    });
    counters_.add(replay_messages, count);
    if (replay_.position() < arbiter_.next()) {
      const auto outcome = replay_requests_.plan(
        now_ns_,
        [this](uint64_t from) { return replay_.first_missing(from, arbiter_.next(), options_.rerequest.messages); },
        [this](uint32_t server, uint64_t from, uint16_t n) { return send_request(server, from, n); });
      if (outcome != requester::state::exhausted) {
        arm(replay_timer, replay_requests_);
        return;
      }
      fail_replay();
    } else {
      finish_replay();
    }
    if (replay_.has_waiting()) begin_replay();
  }
  host_.cancel_timer(replay_timer);
  settle();
}

void venue_session::finish_replay() {
  const uint64_t last = arbiter_.next() - 1;
  const auto finish = [&](uint32_t instrument) {
    normalizer_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, instrument, last);
  };
  const bool all = replay_.covers_everything();
  if (all) {
    finish(TP_ALL);
    std::swap(normalizer_.halts(), replay_.halts()); // the live flow may have missed some
  }
  for (const uint16_t locate : replay_.targets()) {
    finish(locate);
    normalizer_.halts()[locate] = replay_.halts()[locate];
  }
  replay_.end();
  if (!all) return;
  adrift_ = false;
  owes_live_ = true;
  normalizer_.symbols().each([this](uint16_t locate) {
    if (normalizer_.symbols().is_suspect(locate))
      tell(TP_STREAM_LOST, "an order message of this stock cannot be read; only a new session helps", 0, 0, locate);
  });
}

void venue_session::fail_replay() {
  constexpr std::string_view reason = "the re-request servers did not answer while the session's history was replayed";
  if (replay_.covers_everything()) {
    adrift_ = true;
    tell(TP_STREAM_LOST, reason, replay_.position(), arbiter_.next() - 1);
  }
  for (const uint16_t locate : replay_.targets())
    tell(TP_STREAM_LOST, reason, replay_.position(), arbiter_.next() - 1, locate);
  replay_.end();
}

bool venue_session::send_request(uint32_t server, uint64_t from, uint16_t count) {
  const auto bytes = mold_request(session_, from, count);
  if (host_.send(line_set::first_server + server, TP_UNIT_BINARY, bytes) != TP_OK) return false;
  counters_.add(rerequest_sent);
  return true;
}

void venue_session::arm(timer which, const requester& asks) {
  const auto due = asks.due();
  if (!due) return host_.cancel_timer(which);
  host_.set_timer(which, *due > now_ns_ ? *due - now_ns_ : 0);
}

} // namespace tickplant::nasdaq
