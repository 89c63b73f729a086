// The TCP connection to the request server, one for all channels, as the venue knows one connection a client: connects
// with back-off that respects the day's logins, answers heartbeats, numbers the requests and counts them.
#pragma once

#include "config.hpp"
#include "counters.hpp"
#include "venue_day.hpp"

#include <tickplant/backoff.hpp>
#include <tickplant/venue.hpp>

namespace tickplant::nyse {

/// Cuts the unread part of a stream into packets by PktSize. Bytes consumed, or nothing where the stream cannot be cut.
template <class Call>
std::optional<int64_t> cut_packets(const tp_unit& unit, Call&& call) {
  size_t at = 0;
  while (unit.size - at >= packet_head) {
    const size_t size = sdk::le16(unit.data + at);
    if (size < packet_head) return std::nullopt;
    if (size > unit.size - at) break;
    call(unit.data + at, size);
    at += size;
  }
  return static_cast<int64_t>(at);
}

class request_line {
public:
  static constexpr uint32_t line = 0;
  enum timer : uint32_t { reconnect_timer = 1, watch_timer };
  /// What became of the wish to ask for something.
  enum class outcome { sent, not_now, exhausted };
  struct sending {
    outcome what = outcome::not_now;
    uint32_t number = 0;
  };

  request_line(sdk::venue_host host, const options& opts, counter_sheet& counters);

  bool is_configured() const { return !options_.servers.empty(); }
  bool is_up() const { return is_up_; }
  void open(uint64_t now_ns);
  void close();

  /// True where the connection came up or went down.
  bool on_line(uint32_t state, std::string_view why, uint64_t now_ns);
  bool on_timer(uint32_t id, uint64_t now_ns);
  /// Bytes consumed; answers go to `on_response(const request_response&)`.
  template <class Call>
  int64_t on_stream(const tp_unit& unit, Call&& on_response) {
    const auto consumed = cut_packets(unit, [&](const uint8_t* data, size_t size) {
      const auto p = read_packet(data, size);
      if (!p) return counters_.add(malformed);
      take(*p, unit.recv_ns, on_response);
    });
    heard_ns_ = unit.recv_ns;
    if (consumed) return *consumed;
    counters_.add(malformed);
    drop("the request server sent something that is no packet", unit.recv_ns);
    return unit.size;
  }

  sending ask_retransmission(uint8_t channel, uint64_t from, uint64_t to, uint64_t now_ns);
  sending ask_refresh(uint8_t channel, uint32_t index, uint64_t now_ns);
  sending ask_mapping(uint8_t channel, uint32_t index, uint64_t now_ns);

  daily_quotas& quotas() { return quotas_; }
  bool has_quota(quota which, uint64_t now_ns) {
    quotas_.set_day(day_.of(now_ns));
    return quotas_.has(which);
  }

private:
  template <class Call>
  void take(const packet& p, uint64_t now_ns, Call&& on_response) {
    if (p.is_heartbeat()) return answer_heartbeat(now_ns);
    const uint8_t* message = p.messages;
    for (uint32_t i = 0; i < p.count; ++i, message = next_message(message)) {
      if (const auto response = read_response(message))
        on_response(*response);
      else
        counters_.add(unknown_types);
    }
  }
  void answer_heartbeat(uint64_t now_ns);
  void drop(std::string_view why, uint64_t now_ns);
  void schedule(uint64_t now_ns);
  bool has(quota which, std::string_view what, uint64_t now_ns);
  sending send(const request_bytes& bytes);
  asker who(uint8_t channel) const { return {options_.source_id, options_.product, channel}; }

  sdk::venue_host host_;
  const options& options_;
  counter_sheet& counters_;
  venue_day day_;
  daily_quotas quotas_;
  std::array<int64_t, static_cast<size_t>(quota::count_)> alarmed_day_{};
  bool is_up_ = false, is_open_ = false;
  uint32_t server_ = 0, sequence_ = 0;
  uint8_t failures_ = 0;
  uint64_t heard_ns_ = 0;
};

} // namespace tickplant::nyse
