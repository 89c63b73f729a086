// The one queue of REST requests of an instance: weight budget, Retry-After, bans and retries (venue document, A4, A5
// and E). Pure: says what may be asked when; the caller asks. One thread; all times in ns since 1970.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace tickplant::binance {

enum class rest_kind : uint8_t { exchange_info, depth };

struct rest_request {
  rest_kind kind;
  uint32_t instrument; // depth only
  uint32_t weight;
  uint32_t failures = 0; // tries that came to nothing
  uint64_t not_before_ns = 0;
};

/// What an HTTP answer said, beside its body.
struct rest_answer {
  uint32_t id;
  int32_t status;                        // HTTP code, or TP_E_* where none came
  std::optional<uint32_t> used_weight;   // X-MBX-USED-WEIGHT-1M
  std::optional<uint64_t> retry_after_s; // Retry-After
  bool too_much_weight = false;          // error body with code -1003
};

class rest_queue {
public:
  enum class outcome : uint8_t {
    good,
    retried,   // queued again
    throttled, // queued again, and everything stops for a while
    banned,    // the same by 418, 403 or -1003: worth an alarm
    refused,   // the venue answers this request with an error that waiting does not mend
    unknown    // nothing was asked under this id, or it was cancelled
  };
  struct result {
    outcome what;
    rest_request request;
  };

  explicit rest_queue(uint32_t weight_limit) : configured_limit_(weight_limit), weight_limit_(weight_limit) {}

  /// One request per kind and instrument at a time: true if it was added, false if it waits or runs already.
  bool push(const rest_request& request);
  /// Takes back what waits for the instrument, and disowns what runs.
  void cancel_depth(uint32_t instrument);
  void cancel_all_depth();

  /// The next request that may be sent at once, under the id that it gets.
  struct ticket {
    uint32_t id;
    rest_request request;
  };
  std::optional<ticket> next(uint64_t now_ns);
  /// The host did not take the request.
  void unsent(uint32_t id, uint64_t now_ns, uint64_t random);
  result answered(const rest_answer& answer, uint64_t now_ns, uint64_t random);
  /// Asks for a request again whose answer was good in form and bad in content.
  void retry(rest_request request, uint64_t now_ns, uint64_t random);
  /// Gives up on requests that the host never answered.
  void expire(uint64_t now_ns, uint64_t random);

  /// When `next` may give something; UINT64_MAX while nothing waits or only an answer can help.
  uint64_t due_ns(uint64_t now_ns) const;
  uint64_t blocked_until_ns() const { return blocked_until_ns_; }
  uint32_t used_weight() const { return used_weight_; }
  /// The limit that exchangeInfo states; the smaller one of it, less a sixth, and the configured one is kept.
  void venue_limit(uint32_t per_minute);
  size_t waiting() const { return waiting_.size(); }
  size_t running() const { return running_.size(); }

private:
  struct flight {
    uint32_t id;
    rest_request request;
    uint64_t sent_ns;
    bool disowned;
  };
  void roll_minute(uint64_t now_ns);
  bool same_running(const rest_request& request) const;
  void again(rest_request request, uint64_t now_ns, uint64_t random);

  uint32_t configured_limit_, weight_limit_;
  uint32_t used_weight_ = 0, next_id_ = 1;
  uint64_t minute_ = 0, blocked_until_ns_ = 0;
  std::deque<rest_request> waiting_;
  std::vector<flight> running_;
};

} // namespace tickplant::binance
