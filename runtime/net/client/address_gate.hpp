// Who is connected to a listener from where, over all network loops: how many sockets there are, how many of one
// address, and how often an address comes anew. One lock, taken once per connection and end; any thread.
#pragma once

#include "runtime/net/client/peer_address.hpp"
#include "runtime/support/rate_bucket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace tickplant::net {

class address_gate {
public:
  struct rules {
    uint32_t sockets = UINT32_MAX; // of all addresses
    uint32_t per_address = 0;      // 0: no bound. Of IPv6 the first 64 bits count: one host has them all
    support::rate_rule connects;   // of one address
  };
  enum class verdict : uint8_t { may_enter, full, too_many, too_often };

  /// Counts a connection, unless it has to be refused. One that was refused for its number counts for its rate too.
  verdict enter(const peer_address& peer, const rules& bounds, uint64_t now_ns);
  /// Counts one that is there already.
  void add(const peer_address& peer);
  /// Once for each that may_enter or was added.
  void leave(const peer_address& peer);

  size_t sockets() const;
  /// Addresses that are remembered: those with sockets, and those whose rate is not yet forgotten.
  size_t addresses() const;

private:
  using host = std::array<uint8_t, 9>; // family, and what tells hosts apart
  struct hash {
    size_t operator()(const host& of) const;
  };
  struct visitor {
    uint32_t sockets = 0;
    support::rate_bucket connects;
  };
  static host host_of(const peer_address& peer);
  void forget_the_quiet(uint64_t now_ns);

  mutable std::mutex lock_;
  std::unordered_map<host, visitor, hash> visitors_; // without those whose address is not known
  size_t sockets_ = 0;
  size_t sweep_at_ = 1'024; // entries at which the quiet ones are looked for
};

} // namespace tickplant::net
