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
size_t venue_session::on_records(std::span<const tp_unit> units) {
  if (phase_ != phase::closed) begin_file();
  if (options_.zero_lengths || phase_ == phase::closed) {
    on_chunk(units.front());
    return 1;
  }
  size_t count = 0;
  while (count < units.size() && units[count].line == line_set::file && units[count].size > 0) ++count;
  if (count == 0) {
    end_file(false);
    return 1;
  }
  normalizer_.records(file_next_, units.first(count), normalizer_.live());
  file_next_ += count;
  now_ns_ = units[count - 1].recv_ns;
  return count;
}

void venue_session::on_chunk(const tp_unit& unit) {
  if (phase_ == phase::closed) return;
  const auto context = normalizer_.live();
  const auto deliver = [&](const uint8_t* data, uint32_t size) {
    normalizer_.message(file_next_++, data, size, context);
  };
  if (cutter_.feed({unit.data, unit.size}, deliver)) return;
  counters_.add(malformed);
  phase_ = phase::closed;
  tell(TP_STREAM_LOST, "message " + std::to_string(file_next_) +
                         " of the file has an unknown type or a length prefix that " +
                         "is not zero: what follows cannot be cut; is file_lengths right?");
}

} // namespace tickplant::nasdaq
