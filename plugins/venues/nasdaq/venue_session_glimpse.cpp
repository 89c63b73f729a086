// GLIMPSE: the picture of all books at one moment, for whoever joined late or lost something for good, and its
// hand-over to the live flow (specification notes, section 5; the proof is the ABI's).
#include "venue_session_sink.hpp"

namespace tickplant::nasdaq {

namespace {

/// For the live flow to reach a picture that is newer; the lines lag by milliseconds.
constexpr uint64_t longest_proof_ns = 10'000'000'000;

} // namespace

struct venue_session::glimpse_handler {
  venue_session& owner;

  bool accepted(std::string_view, uint64_t sequence) { return owner.picture_accepted(sequence); }
  void sequenced(const uint8_t* data, uint32_t size) { owner.picture_message(data, size); }
  void ended() { owner.fail_picture("the session ended before the end of the snapshot", glimpse_failed); }
  void rejected(char reason) {
    owner.counters_.add(soup_refused);
    owner.fail_picture(reason == 'S' ? "the login was refused: no such session"
                                     : "the login was refused: not authorised",
                       glimpse_failed);
  }
  void broken() {
    owner.counters_.add(malformed);
    owner.fail_picture("its packets cannot be read", glimpse_failed);
  }
};

int64_t venue_session::read_picture(const tp_unit& unit) {
  return glimpse_.on_stream(unit, glimpse_handler{*this});
}

/// `from` 0: for what the plugin itself gave up; else for books that the host lost before that message. False if too
/// many wait already.
bool venue_session::request_picture(uint32_t instrument, uint64_t from) {
  if (!(from == 0 ? picture_.request(instrument) : picture_.request_from(instrument, from))) return false;
  glimpse_.want(now_ns_);
  return true;
}

bool venue_session::picture_accepted(uint64_t sequence) {
  counters_.add(soup_logins);
  if (!picture_.has_waiting()) { // nobody wants it any more
    glimpse_.release(now_ns_);
    return true;
  }
  if (sequence != 1) {
    fail_picture("the snapshot does not begin at its first message", glimpse_failed);
    return true;
  }
  picture_.begin(normalizer_.symbols());
  const auto begin = [this](uint32_t instrument) {
    normalizer_.flush(); // first in its array: before the first instrument the host knows the channel by it alone
    normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT_PICTURE, TP_SNAPSHOT, instrument, 0);
    if (instrument != TP_ALL) normalizer_.symbols().suspect(static_cast<uint16_t>(instrument), false);
  };
  if (picture_.covers_everything()) {
    begin(TP_ALL);
    normalizer_.trust_feed();
    normalizer_.symbols().each([this](uint16_t locate) { normalizer_.symbols().suspect(locate, false); });
  }
  for (const uint16_t locate : picture_.targets()) begin(locate);
  normalizer_.flush();
  if (phase_ == phase::idle) normalizer_.set_day(now_ns_);
  return true;
}

void venue_session::picture_message(const uint8_t* data, uint32_t size) {
  constexpr uint32_t end_size = 21;
  if (!picture_.is_reading()) return;
  const bool all = picture_.covers_everything();
  const uint8_t type = size > 0 ? data[0] : 0;
  if (all && picture_.ends_directory(type)) picture_directory_done();
  if (type != 'G') {
    counters_.add(glimpse_messages);
    const decode_context context{
      picture_.interests(normalizer_.symbols()), &picture_.halts(), TP_SNAPSHOT, true, all, false, true};
    if (size < message_layouts[type].length) return fail_picture("one of its messages is too short", glimpse_failed);
    return normalizer_.message(0, data, size, context);
  }
  const auto number = size >= end_size ? read_soup_number(data + 1, end_size - 1) : std::nullopt;
  if (!number || *number == 0 || *number > UINT64_MAX / 2)
    return fail_picture("its end names no message to go on with", glimpse_failed);
  picture_.read_to(*number, now_ns_);
  glimpse_.release(now_ns_);
}

// All stocks are known from here on: messages that waited for that go their way, and none is dropped any more.
void venue_session::picture_directory_done() {
  const bool is_news = !normalizer_.knows_directory();
  if (normalizer_.symbols().size() > 0) normalizer_.tell_directory();
  if (phase_ == phase::joining)
    end_joining();
  else if (is_news)
    whole_from_ = std::max(whole_from_, arbiter_.next());
}

void venue_session::advance_picture() {
  if (!options_.is_live()) return finish_picture(); // nothing follows that it would have to join
  switch (picture_.judge(whole_from_, arbiter_.next())) {
    case glimpse_pass::verdict::good: return finish_picture();
    case glimpse_pass::verdict::stale:
      return fail_picture("the snapshot ends at message " + std::to_string(picture_.number()) +
                            ", but the live flow is whole from " + std::to_string(whole_from_) + " on only",
                          glimpse_stale);
    case glimpse_pass::verdict::early:
      if (now_ns_ >= picture_.read_ns() + longest_proof_ns)
        return fail_picture("the live flow does not reach message " + std::to_string(picture_.number()) +
                              ", where the snapshot ends",
                            glimpse_stale);
      host_.set_timer(proof_timer, picture_.read_ns() + longest_proof_ns - now_ns_);
  }
}

void venue_session::finish_picture() {
  const uint64_t number = picture_.number();
  const bool all = picture_.covers_everything();
  const auto finish = [&](uint16_t locate) {
    auto& live = normalizer_.halts()[locate];
    const bool is_newer = live.trading_at >= number || live.venue_at >= number;
    live.complete(picture_.halts()[locate], number);
    return is_newer;
  };
  std::vector<uint16_t> restated; // what the live flow said was said without knowing the other half
  const auto end = [&](uint32_t instrument) {
    normalizer_.mark(TP_EV_SNAPSHOT_END, 0, TP_SNAPSHOT | TP_END, instrument, number - 1);
  };
  if (all) {
    end(TP_ALL);
    normalizer_.symbols().each([&](uint16_t locate) {
      if (finish(locate)) restated.push_back(locate);
    });
  }
  for (const uint16_t locate : picture_.targets()) {
    end(locate);
    if (finish(locate)) restated.push_back(locate);
  }
  const uint64_t last = std::max(arbiter_.next(), number) - 1;
  for (const uint16_t locate : restated) normalizer_.tell_status(locate, last);
  picture_.end();
  picture_.note_success();
  counters_.add(glimpse_pictures);
  glimpse_.succeeded();
  host_.cancel_timer(proof_timer);
  if (picture_.has_waiting()) glimpse_.want(now_ns_);
  if (all) {
    adrift_ = false;
    owes_live_ = true;
    jumped_from_.reset();
    host_.log(sdk::log_level::info, "a GLIMPSE picture joined the live flow at message " + std::to_string(number));
  }
  if (options_.is_live()) return settle();
  phase_ = phase::closed;
  tell(TP_STREAM_CLOSED, "a picture alone: no live line is configured");
}

/// The partial picture is thrown away, by the next one's beginning, and asked for again after a pause. The host is told
/// only when it has failed several times: what it holds of the live flow since the loss goes with such a word.
void venue_session::fail_picture(std::string_view why, counter which) {
  if (!picture_.is_pending()) return;
  counters_.add(which);
  picture_.note_failure();
  host_.cancel_timer(proof_timer);
  picture_.requeue();
  if (picture_.failures() % options_.glimpse_attempts == 0) {
    tell(TP_STREAM_LOST, "GLIMPSE: " + std::string{why} + "; " + std::to_string(picture_.failures()) +
                           " attempts failed, it is tried on and on");
    adrift_ = true;
    whole_from_ = std::max(whole_from_, arbiter_.next());
    picture_.request(recovery_targets::everything);
  }
  if (end_ != 0 && picture_.failures() >= options_.glimpse_attempts) {
    abandon_picture();
    return settle();
  }
  if (glimpse_.now() != soup_line::state::waiting) glimpse_.fail(why, now_ns_);
}

void venue_session::abandon_picture() {
  glimpse_.release(now_ns_);
  picture_.abandon();
  host_.cancel_timer(proof_timer);
}

/// Books whose messages could not be read become right by a picture, where one can be had.
void venue_session::heal_damage() {
  const auto damaged = normalizer_.take_damaged();
  if (!glimpse_.is_configured() || phase_ == phase::idle) return;
  for (const uint32_t instrument : damaged)
    if (instrument == TP_ALL || normalizer_.symbols().is_wanted(instrument))
      request_picture(instrument == TP_ALL ? recovery_targets::everything : instrument, arbiter_.next());
}

} // namespace tickplant::nasdaq
