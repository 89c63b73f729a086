// Recorded days: files of messages without packets (specification notes, section 6).
#include "venue_session.hpp"

namespace tickplant::nasdaq {

void venue_session::begin_file() {
  if (file_next_ != 0) return;
  normalizer_.begin_session(now_ns_);
  tell(TP_STREAM_LIVE, {}, 1);
  phase_ = phase::live;
  file_next_ = 1;
}

void venue_session::end_file(bool cut_off) {
  if (cut_off) {
    counters_.add(malformed);
    host_.log(sdk::log_level::warning, "the file ends inside a message: it is truncated");
  }
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  tell(TP_STREAM_CLOSED, cut_off ? "the file ends inside a message" : "end of the file");
}

// Section 6: one record is one message, numbered by counting; an empty one marks the end of the session.
void venue_session::on_record(const tp_unit& unit) {
  if (phase_ == phase::closed) return;
  begin_file();
  const auto context = normalizer_.live();
  const auto deliver = [&](const uint8_t* data, uint32_t size) {
    normalizer_.message(file_next_++, data, size, context);
  };
  if (!options_.zero_lengths) {
    if (unit.size == 0)
      end_file(false);
    else
      deliver(unit.data, unit.size);
    return;
  }
  if (cutter_.feed({unit.data, unit.size}, deliver)) return;
  counters_.add(malformed);
  phase_ = phase::closed;
  tell(TP_STREAM_LOST, "message " + std::to_string(file_next_) +
                         " of the file has an unknown type or a length prefix that " +
                         "is not zero: what follows cannot be cut; is file_lengths right?");
}

} // namespace tickplant::nasdaq
