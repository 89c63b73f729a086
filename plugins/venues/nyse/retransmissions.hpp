// Which messages to ask the request server for again, and when (section 5 of the facts). Pure: time and missing numbers
// come in, a function sends.
#pragma once

#include "codec.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace tickplant::nyse {

struct retransmission_policy {
  uint32_t messages = 1'000;           // asked at once; the venue's limit
  uint32_t in_flight = 4;              // requests at a time
  uint32_t attempts = 3;               // tries of one request
  uint64_t timeout_ns = 1'000'000'000; // without an answer, or without data behind an answer
};

/// One thread; allocates at construction only.
class retransmissions {
public:
  enum class state { complete, waiting, exhausted };
  /// The first missing range at or above a number.
  using missing_fn = std::function<std::optional<sdk::number_range>(uint64_t from)>;
  /// Sends a request and says its number; nothing if that is not possible at the moment.
  using send_fn = std::function<std::optional<uint32_t>(uint64_t from, uint64_t to)>;

  explicit retransmissions(const retransmission_policy& policy)
    : policy_(policy), longest_(policy.messages), slots_(policy.in_flight) {}

  /// Brings the requests in line with what is missing at `now`; call it after every arrival and when due() is reached.
  state plan(uint64_t now, const missing_fn& missing, const send_fn& send);

  /// What an answer means for the request with this number.
  enum class verdict { not_ours, accepted, split, refused };
  struct answer {
    verdict what = verdict::not_ours;
    sdk::number_range range{0, 0};
  };
  answer on_response(const request_response& response, uint64_t now);

  /// The connection is gone: what was asked has to be asked again, which is no new try.
  void forget_sent();
  std::optional<uint64_t> due() const;
  void clear();
  /// The first request that was tried as often as allowed.
  std::optional<sdk::number_range> exhausted() const { return exhausted_; }

private:
  struct slot {
    bool active = false, is_sent = false;
    uint32_t attempts = 0, number = 0;
    uint64_t from = 0, to = 0, due = 0;
  };
  void ask(slot& s, uint64_t now, const send_fn& send);
  const slot* covering(uint64_t number) const;
  uint64_t room_from(uint64_t from) const;

  retransmission_policy policy_;
  uint32_t longest_; // shorter than the policy's where the server finds that too long
  std::vector<slot> slots_;
  std::optional<sdk::number_range> exhausted_;
};

} // namespace tickplant::nyse
