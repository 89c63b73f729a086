#include "runtime/net/client/address_gate.hpp"

#include <algorithm>
#include <string_view>

namespace tickplant::net {

namespace {

bool is_known(const peer_address& peer) {
  return peer.family == 4 || peer.family == 6;
}

/// Beyond this many a new address's rate is not remembered: memory must not follow a flood of addresses.
constexpr size_t most_remembered = 262'144;

} // namespace

size_t address_gate::hash::operator()(const host& of) const {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(of.data()), of.size()});
}

address_gate::host address_gate::host_of(const peer_address& peer) {
  host out{};
  out[0] = peer.family;
  std::copy_n(peer.bytes.begin(), peer.family == 4 ? 4 : 8, out.begin() + 1);
  return out;
}

address_gate::verdict address_gate::enter(const peer_address& peer, const rules& bounds, uint64_t now_ns) {
  const std::lock_guard hold{lock_};
  if (sockets_ >= bounds.sockets) return verdict::full;
  if (is_known(peer)) {
    if (visitors_.size() >= sweep_at_) forget_the_quiet(now_ns);
    const auto name = host_of(peer);
    auto found = visitors_.find(name);
    const bool is_there = found != visitors_.end();
    if (bounds.connects.is_on() && (is_there || visitors_.size() < most_remembered)) {
      if (!is_there) found = visitors_.try_emplace(name).first;
      if (!found->second.connects.take(bounds.connects, now_ns)) return verdict::too_often;
    } else if (!is_there) {
      found = visitors_.try_emplace(name).first;
    }
    if (bounds.per_address != 0 && found->second.sockets >= bounds.per_address) return verdict::too_many;
    ++found->second.sockets;
  }
  ++sockets_;
  return verdict::may_enter;
}

void address_gate::add(const peer_address& peer) {
  const std::lock_guard hold{lock_};
  ++sockets_;
  if (is_known(peer)) ++visitors_[host_of(peer)].sockets;
}

void address_gate::leave(const peer_address& peer) {
  const std::lock_guard hold{lock_};
  if (sockets_ > 0) --sockets_;
  if (!is_known(peer)) return;
  const auto found = visitors_.find(host_of(peer));
  if (found == visitors_.end() || found->second.sockets == 0) return;
  // Whether its rate may be forgotten is seen when room is wanted; without rates it is at once.
  if (--found->second.sockets == 0 && found->second.connects.is_full(0)) visitors_.erase(found);
}

/// Costs a look at each entry, once per doubling of their number.
void address_gate::forget_the_quiet(uint64_t now_ns) {
  std::erase_if(visitors_,
                [&](const auto& entry) { return entry.second.sockets == 0 && entry.second.connects.is_full(now_ns); });
  sweep_at_ = std::max<size_t>(1'024, visitors_.size() * 2);
}

size_t address_gate::sockets() const {
  const std::lock_guard hold{lock_};
  return sockets_;
}

size_t address_gate::addresses() const {
  const std::lock_guard hold{lock_};
  return visitors_.size();
}

} // namespace tickplant::net
