#include "runtime/net/client/address_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tickplant::net {
namespace {

using verdict = address_gate::verdict;
constexpr uint64_t second = 1'000'000'000;

peer_address v4(uint32_t number, uint16_t port = 1) {
  peer_address out;
  out.family = 4;
  out.port = port;
  for (size_t i = 0; i != 4; ++i) out.bytes[i] = static_cast<uint8_t>(number >> (24 - 8 * i));
  return out;
}

peer_address v6(uint8_t network, uint8_t interface) {
  peer_address out;
  out.family = 6;
  out.bytes[7] = network;
  out.bytes[15] = interface;
  return out;
}

TEST(AddressGate, CountsByAddressWhateverThePort) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.per_address = 2;
  EXPECT_EQ(gate.enter(v4(1, 10), bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter(v4(1, 11), bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter(v4(1, 12), bounds, 0), verdict::too_many);
  EXPECT_EQ(gate.enter(v4(2, 12), bounds, 0), verdict::may_enter);
  gate.leave(v4(1, 10));
  EXPECT_EQ(gate.enter(v4(1, 13), bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.sockets(), 3u);
}

TEST(AddressGate, AHostOfIpv6IsItsFirst64Bits) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.per_address = 1;
  EXPECT_EQ(gate.enter(v6(1, 1), bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter(v6(1, 2), bounds, 0), verdict::too_many);
  EXPECT_EQ(gate.enter(v6(2, 1), bounds, 0), verdict::may_enter);
  EXPECT_EQ(v6(1, 1).host_text(), v6(1, 2).host_text());
  EXPECT_NE(v6(1, 1).host_text(), v6(2, 1).host_text());
  EXPECT_EQ(v4(1, 13).host_text(), v4(1, 14).address_text());
}

TEST(AddressGate, BoundsAllTogether) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.sockets = 3;
  for (uint32_t i = 0; i != 3; ++i) EXPECT_EQ(gate.enter(v4(i), bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter(v4(9), bounds, 0), verdict::full);
  gate.leave(v4(0));
  EXPECT_EQ(gate.enter(v4(9), bounds, 0), verdict::may_enter);
}

TEST(AddressGate, BoundsHowOftenAnAddressComes) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.connects = {60, 60, 60 * second};
  int entered = 0;
  for (int i = 0; i != 100; ++i)
    if (gate.enter(v4(1), bounds, second) == verdict::may_enter) ++entered, gate.leave(v4(1));
  EXPECT_EQ(entered, 60);
  EXPECT_EQ(gate.enter(v4(1), bounds, second), verdict::too_often);
  EXPECT_EQ(gate.enter(v4(2), bounds, second), verdict::may_enter) << "others are not punished";
  EXPECT_EQ(gate.enter(v4(1), bounds, 2 * second + 1), verdict::may_enter) << "one a second comes back";
}

TEST(AddressGate, ForgetsThoseWhoLeft) {
  address_gate gate;
  address_gate::rules bounds;
  for (uint32_t i = 0; i != 10'000; ++i) {
    gate.enter(v4(i), bounds, 0);
    gate.leave(v4(i));
  }
  EXPECT_EQ(gate.addresses(), 0u);
  bounds.connects = {1, 1, second};
  for (uint32_t i = 0; i != 100'000; ++i) {
    const uint64_t now = second + i * (second / 1'000);
    ASSERT_EQ(gate.enter(v4(i), bounds, now), verdict::may_enter);
    gate.leave(v4(i));
  }
  EXPECT_LE(gate.addresses(), 4'096u) << "a thousand new ones a second, each to be remembered for a second";
  EXPECT_EQ(gate.sockets(), 0u);
}

TEST(AddressGate, AFloodOfAddressesIsNotRememberedWithoutBound) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.connects = {1, 1, 3'600 * second};
  for (uint32_t i = 0; i != 300'000; ++i)
    if (gate.enter(v4(i), bounds, second) == verdict::may_enter) gate.leave(v4(i));
  EXPECT_LE(gate.addresses(), 262'144u);
}

TEST(AddressGate, UnknownAddressesAreCountedAltogetherOnly) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.per_address = 1;
  bounds.sockets = 2;
  EXPECT_EQ(gate.enter({}, bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter({}, bounds, 0), verdict::may_enter);
  EXPECT_EQ(gate.enter({}, bounds, 0), verdict::full);
}

TEST(AddressGate, HoldsItsBoundAmongThreads) {
  address_gate gate;
  address_gate::rules bounds;
  bounds.per_address = 5;
  std::atomic<int> inside{0};
  std::atomic<bool> is_broken{false};
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i != 5'000; ++i) {
        if (gate.enter(v4(1), bounds, 0) != verdict::may_enter) continue;
        if (++inside > 5) is_broken = true;
        --inside;
        gate.leave(v4(1));
      }
    });
  for (auto& one : threads) one.join();
  EXPECT_FALSE(is_broken);
  EXPECT_EQ(gate.sockets(), 0u);
}

} // namespace
} // namespace tickplant::net
