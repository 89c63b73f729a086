#include "depth_sync.hpp"

#include <tickplant/venue.h>

#include <cstring>
#include <utility>

namespace tickplant::binance {
namespace {

// On one connection ids never fall (venue document, E, "out of order"). So many lower ones in a row, after the book had
// gone on, cannot be late ones: after a long halt the venue may number anew (document, H, "Not settled").
constexpr uint32_t olds_that_prove_a_restart = 64;

} // namespace

void frame_buffer::add(diff_ids ids, std::string_view frame, uint64_t recv_ns) {
  const size_t end = used_ + frame.size();
  if (bytes_.size() < end + TP_PADDING) bytes_.resize((end + TP_PADDING) * 2);
  std::memcpy(bytes_.data() + used_, frame.data(), frame.size());
  entries_.push_back({used_, frame.size(), ids, recv_ns});
  used_ = end;
}

void frame_buffer::clear() {
  *this = frame_buffer{};
}

void depth_sync::drop() {
  budget_->bytes -= buffer_.bytes();
  buffer_.clear();
}

bool depth_sync::hold(diff_ids ids, std::string_view frame, uint64_t recv_ns) {
  if (buffer_.bytes() + frame.size() > limits_.bytes || buffer_.count() >= limits_.count ||
      budget_->bytes + frame.size() > budget_->bytes_limit)
    return false;
  buffer_.add(ids, frame, recv_ns);
  budget_->bytes += frame.size();
  return true;
}

diff_verdict depth_sync::lost(diff_ids ids, std::string_view frame, uint64_t recv_ns, diff_verdict why) {
  start_over(ids, frame, recv_ns);
  in_gap_ = true;
  return why;
}

continuity depth_sync::stands(diff_ids ids) const {
  if (state_ == sync_state::live) return judge(book_id_, ids);
  if (!covers_from_) return continuity::next;
  return judge(buffer_.count() > 0 ? buffer_.at(buffer_.count() - 1).ids.last : *covers_from_ - 1, ids);
}

diff_verdict depth_sync::on_diff(diff_ids ids, std::string_view frame, uint64_t recv_ns, bool may_restart) {
  if (state_ == sync_state::live) {
    const continuity now = judge(book_id_, ids);
    if (now == continuity::next) return diff_verdict::apply;
    if (now == continuity::gap) return lost(ids, frame, recv_ns, diff_verdict::gap);
    if (!applied_any_) return diff_verdict::before;
    if (may_restart && ++olds_in_a_row_ >= olds_that_prove_a_restart)
      return lost(ids, frame, recv_ns, diff_verdict::restarted);
    return diff_verdict::old;
  }
  if (state_ == sync_state::idle) state_ = sync_state::buffering;
  if (covers_from_) {
    const continuity next = stands(ids);
    if (next == continuity::gap) return lost(ids, frame, recv_ns, diff_verdict::hole);
    if (next == continuity::old) {
      if (may_restart && ++olds_in_a_row_ >= olds_that_prove_a_restart)
        return lost(ids, frame, recv_ns, diff_verdict::restarted);
      return diff_verdict::old;
    }
    olds_in_a_row_ = 0;
  } else {
    covers_from_ = ids.first;
  }
  if (hold(ids, frame, recv_ns)) return diff_verdict::held;
  start_over(ids, frame, recv_ns);
  return diff_verdict::overflow;
}

void depth_sync::applied(diff_ids ids) {
  book_id_ = ids.last;
  applied_any_ = true;
  olds_in_a_row_ = 0;
}

void depth_sync::requested() {
  if (state_ != sync_state::live) state_ = sync_state::snapshot_requested;
}

void depth_sync::request_failed() {
  if (state_ == sync_state::snapshot_requested) state_ = covers_from_ ? sync_state::buffering : sync_state::idle;
}

depth_sync::join depth_sync::judge_snapshot(uint64_t last_update_id) const {
  if (state_ != sync_state::snapshot_requested) return join::not_awaited;
  // lastUpdateId = U - 1 is contiguous (venue document, H, "refetch test").
  return covers_from_ && last_update_id + 1 < *covers_from_ ? join::too_old : join::fits;
}

void depth_sync::joined(uint64_t last_update_id) {
  state_ = sync_state::live;
  book_id_ = last_update_id;
  in_gap_ = applied_any_ = false;
  olds_in_a_row_ = 0;
  covers_from_.reset();
}

frame_buffer depth_sync::take_buffer() {
  budget_->bytes -= buffer_.bytes();
  return std::exchange(buffer_, frame_buffer{});
}

void depth_sync::resynchronise() {
  if (state_ != sync_state::live) return;
  drop();
  state_ = sync_state::buffering;
  covers_from_ = book_id_ + 1;
  olds_in_a_row_ = 0;
}

void depth_sync::start_over(diff_ids ids, std::string_view frame, uint64_t recv_ns) {
  drop();
  if (state_ != sync_state::snapshot_requested) state_ = sync_state::buffering;
  olds_in_a_row_ = 0;
  covers_from_ = ids.first;
  // A frame that does not fit an empty buffer is beyond every limit: then coverage begins behind it.
  if (!hold(ids, frame, recv_ns)) covers_from_ = ids.last + 1;
}

void depth_sync::reset() {
  drop();
  state_ = sync_state::idle;
  in_gap_ = applied_any_ = false;
  olds_in_a_row_ = 0;
  covers_from_.reset();
  book_id_ = 0;
}

rising_ids::verdict rising_ids::on_id(uint64_t first, uint64_t last, uint64_t& missed, bool may_restart) {
  missed = 0;
  if (any_ && last <= last_) {
    if (!may_restart || ++olds_in_a_row_ < olds_that_prove_a_restart) return verdict::old;
    last_ = last;
    olds_in_a_row_ = 0;
    return verdict::restarted;
  }
  if (any_ && first > last_ + 1) missed = first - last_ - 1;
  any_ = true;
  last_ = last;
  olds_in_a_row_ = 0;
  return verdict::fresh;
}

} // namespace tickplant::binance
