// One picture of GLIMPSE on its way: for which books, how far it is, and whether it joins the live flow. Pure: no host,
// no connection.
#pragma once

#include "recovery_targets.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::nasdaq {

/// asked: somebody waits, the connection is not there yet. reading: between the login and the end of the snapshot.
/// read: whole, waits for the live flow to reach it.
class glimpse_pass : public recovery_targets {
public:
  enum class verdict : uint8_t { good, early, stale };

  bool is_pending() const { return is_active() || has_waiting(); }
  bool is_reading() const { return is_active() && number_ == 0; }
  bool is_read() const { return is_active() && number_ != 0; }
  /// The live message that comes first behind the picture.
  uint64_t number() const { return number_; }

  /// For books that the host lost before message `from`: what it holds of their flow begins there.
  bool request_from(uint32_t instrument, uint64_t from) {
    waiting_from_ = std::max(waiting_from_, from);
    return request_anew(instrument);
  }
  void begin(const symbol_map& known) {
    recovery_targets::begin(known);
    from_ = std::exchange(waiting_from_, 0);
    number_ = 0;
    has_directory_ = false;
  }
  void read_to(uint64_t number, uint64_t now_ns) {
    number_ = number;
    read_ns_ = now_ns;
  }
  uint64_t read_ns() const { return read_ns_; }

  /// The messages before the first one that is no directory entry: true once.
  bool ends_directory(uint8_t type) {
    if (has_directory_ || type == 'R' || type == 'S') return false;
    return has_directory_ = true;
  }

  /// The proof of the ABI: every live message from number() on must have been handed over, and none before it may come
  /// later. `whole_from`: from there on nothing is missing; `next`: the next one to be handed over.
  verdict judge(uint64_t whole_from, uint64_t next) const {
    if (std::max(whole_from, from_) > number_) return verdict::stale;
    return next >= number_ ? verdict::good : verdict::early;
  }

  void requeue() {
    waiting_from_ = std::max(waiting_from_, from_);
    recovery_targets::requeue();
  }
  void abandon() {
    waiting_from_ = failures_ = 0;
    recovery_targets::abandon();
  }

  uint32_t failures() const { return failures_; }
  void note_failure() { ++failures_; }
  void note_success() { failures_ = 0; }

private:
  uint64_t from_ = 0, waiting_from_ = 0; // of the running pass, and of the next one
  uint64_t number_ = 0, read_ns_ = 0;
  bool has_directory_ = false;
  uint32_t failures_ = 0; // in a row
};

} // namespace tickplant::nasdaq
