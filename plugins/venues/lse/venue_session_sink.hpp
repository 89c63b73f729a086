// Where the arbiter's messages go: into the normaliser.
#pragma once

#include "venue_session.hpp"

namespace tickplant::lse {

struct venue_session::sink {
  venue_session& owner;
  decode_context context;

  explicit sink(venue_session& session)
    : owner(session), context{static_cast<uint16_t>(session.phase_ == phase::catching_up ? +TP_SNAPSHOT : 0),
                              session.now_ns_, 0} {}
  void messages(uint64_t first, const uint8_t* message, uint32_t count) {
    owner.protocol_->live(first, message, count, context);
  }
  void held(uint64_t sequence, const uint8_t* message, uint16_t) {
    owner.protocol_->live(sequence, message, 1, context);
  }
};

} // namespace tickplant::lse
