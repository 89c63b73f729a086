// Which messages to ask a MoldUDP64 re-request server for, when and which server. Pure: time and missing numbers come
// in.
#pragma once

#include "mold.hpp"

#include <functional>
#include <optional>

namespace tickplant::nasdaq {

struct rerequest_policy {
  uint32_t messages = 200;        // asked at once
  uint32_t in_flight = 4;         // requests at a time
  uint32_t attempts = 5;          // tries of one request without any answer
  uint64_t retry_ns = 50'000'000; // until the second try; doubles each time
  uint32_t servers = 0;
};

/// The server knows no request numbers and never says no (section 3.2): silence is answered by another try at the next
/// server, a short answer by asking at once for what is still missing. One thread; allocates at construction only.
class requester {
public:
  enum class state { complete, waiting, exhausted };
  /// The first missing range at or above a number.
  using missing_fn = std::function<std::optional<sdk::number_range>(uint64_t from)>;
  /// Sends a request; false if that server's line is down.
  using send_fn = std::function<bool(uint32_t server, uint64_t from, uint16_t count)>;

  explicit requester(const rerequest_policy& policy) : policy_(policy), slots_(policy.in_flight) {}

  /// Brings the requests in line with what is missing at `now`; call it after every arrival and when due() is reached.
  state plan(uint64_t now, const missing_fn& missing, const send_fn& send);

  /// When plan() must be called again though nothing arrived.
  std::optional<uint64_t> due() const;
  bool active() const { return due().has_value(); }
  void clear();

private:
  struct slot {
    bool active = false;
    uint32_t attempts = 0;
    uint64_t from = 0, to = 0, due = 0;
  };
  void ask(slot& s, uint64_t now, const send_fn& send);
  const slot* covering(uint64_t number) const;
  uint64_t room_from(uint64_t from) const;

  rerequest_policy policy_;
  std::vector<slot> slots_;
  uint32_t server_ = 0;
};

} // namespace tickplant::nasdaq
