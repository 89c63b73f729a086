// The services that a venue plugin calls: the table tp_venue_host over book::feed and venue_io. Guards every call:
// outside of a call of the plugin, from inside another service, and in `validate` a service refuses. One instance, one
// thread; only `log` may be called from others. No exception leaves a service.
#pragma once

#include "runtime/book/feed.hpp"
#include "runtime/plugin/complaints.hpp"
#include "runtime/plugin/venue_io.hpp"
#include "runtime/support/time_zone.hpp"

#include <tickplant/venue.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::plugin {

/// Sees events in the place of the feed, and passes on what it likes. For the replay tool's checkpoints.
using emit_filter = std::function<int32_t(uint32_t channel, std::span<const tp_event>)>;

class venue_services {
public:
  /// What the plugin may do at this moment.
  enum class gate : uint8_t {
    closed,     // the host is not inside a call of the plugin
    validating, // complain, log, zone_offset
    open,
    stopping, // as open, but no event is taken
    busy      // inside a service
  };

  /// Without feed and io only `validate` may be called.
  venue_services(std::span<const tp_str> counter_names, log_function log, uint64_t random_seed);
  venue_services(const venue_services&) = delete;
  venue_services& operator=(const venue_services&) = delete;

  /// What the services work on; both outlive this object. `ops` tells what the plugin can take.
  void connect(book::feed& feed, venue_io& io, const tp_venue_ops& ops);
  void set_gate(gate to) { gate_ = to; }
  gate current_gate() const { return gate_; }
  void set_emit_filter(emit_filter filter) { filter_ = std::move(filter); }

  const tp_venue_host* table() const { return &table_; }
  tp_ctx* ctx() { return reinterpret_cast<tp_ctx*>(this); }

  const std::vector<complaint>& complaints() const { return complaints_; }
  std::vector<complaint> take_complaints() { return std::move(complaints_); }
  std::span<const std::string> counter_names() const { return names_; }
  std::span<const uint64_t> counters() const { return counts_; }
  /// Calls that were refused by the gate or for their arguments.
  uint64_t refused_calls() const { return refused_; }

  void log(int level, std::string_view text) const noexcept;

private:
  struct table_of;
  friend struct table_of;

  /// Counts it; the first ones of an instance are told in the log.
  int32_t refuse(int32_t code, std::string_view what, std::string_view problem = {}) noexcept;
  void complain(std::string_view key, std::string_view problem);

  tp_venue_host table_{};
  gate gate_ = gate::closed;
  book::feed* feed_ = nullptr;
  venue_io* io_ = nullptr;
  const tp_venue_ops* ops_ = nullptr;
  emit_filter filter_;
  std::vector<uint64_t> counts_;
  std::vector<std::string> names_;
  log_function log_;
  std::vector<complaint> complaints_;
  support::time_zones zones_;
  uint64_t random_state_, refused_ = 0;
};

} // namespace tickplant::plugin
