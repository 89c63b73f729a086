#include "runtime/plugin/compression_host.hpp"

#include <tickplant/compression.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace tickplant::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<uint8_t> to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Doubles: a piece takes twice its size, so that no first offer suffices; a client's message "5x" is five x.
struct doubling {
  static inline bool throws = false;
  static inline std::vector<size_t> offered; // room of each call of unpack

  static void validate(sdk::settings settings, sdk::compression_host host) {
    if (settings.find("throw")) throw std::runtime_error{"validate"};
    for (const auto& pair : settings.pairs()) host.complain(sdk::view(pair.key), "is not known");
  }
  doubling(sdk::settings settings, sdk::compression_host host) {
    if (!settings.find("bad")) return;
    host.complain("bad", "is bad");
    throw std::runtime_error{"bad"};
  }
  void traits(tp_compression_traits& traits) const {
    traits.threshold = 7;
    traits.group_count = 3;
  }
  int64_t negotiate(std::string_view offers, tp_agreement& agreement, std::span<uint8_t> out) {
    agreement.group = 2;
    agreement.may_send_compressed = 1;
    if (offers.size() <= out.size()) std::copy(offers.begin(), offers.end(), out.begin());
    return static_cast<int64_t>(offers.size());
  }
  int64_t twice(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
    if (throws) throw std::runtime_error{"inside"};
    if (in.size() * 2 <= out.size())
      for (size_t i = 0; i < in.size(); ++i) out[2 * i] = out[2 * i + 1] = in[i];
    return static_cast<int64_t>(in.size() * 2);
  }
  int64_t head(uint32_t g, std::span<const uint8_t> in, std::span<uint8_t> out) { return twice(g, in, out); }
  int64_t part(uint32_t g, std::span<const uint8_t> in, std::span<uint8_t> out) { return twice(g, in, out); }
  int64_t seam(uint32_t g, std::span<const uint8_t> in, std::span<uint8_t> out) { return twice(g, in, out); }
  int64_t tail(uint32_t g, std::span<const uint8_t> in, std::span<uint8_t> out) { return twice(g, in, out); }
  int64_t whole(uint32_t g, std::span<const uint8_t> in, std::span<uint8_t> out) { return twice(g, in, out); }
  int64_t unpack(uint32_t, std::span<const uint8_t> in, std::span<uint8_t> out) {
    offered.push_back(out.size());
    const std::string text{in.begin(), in.end()};
    if (text.size() < 2) return TP_E_ARGUMENT;
    const size_t count = std::stoul(text);
    if (count > out.size()) return TP_E_LIMIT;
    std::fill_n(out.begin(), count, static_cast<uint8_t>(text.back()));
    return static_cast<int64_t>(count);
  }
};

compression_plugin made() {
  doubling::throws = false;
  doubling::offered.clear();
  plugin_info info;
  info.name = "doubling";
  info.kind = TP_KIND_COMPRESSION;
  return {info, sdk::make_compression_ops<doubling>()};
}

struct CompressionHost : testing::Test {
  compression_host host{made(), {}, {}};
  std::vector<uint8_t> out{'<'};
  CompressionHost() { EXPECT_TRUE(host.create()); }
};

TEST_F(CompressionHost, KeepsTheTraits) {
  EXPECT_EQ(host.threshold(), 7u);
  EXPECT_EQ(host.group_count(), 3u);
}

TEST_F(CompressionHost, AppendsEveryPiece) {
  EXPECT_EQ(host.head(0, to_bytes("a"), out), 2);
  EXPECT_EQ(host.part(0, to_bytes("b"), out), 2);
  EXPECT_EQ(host.seam(0, to_bytes(","), out), 2);
  EXPECT_EQ(host.tail(0, to_bytes("]"), out), 2);
  EXPECT_EQ(host.whole(0, to_bytes("w"), out), 2);
  EXPECT_EQ(out, to_bytes("<aabb,,]]ww"));
}

TEST_F(CompressionHost, OffersMoreWhereAPieceNeedsIt) {
  EXPECT_EQ(host.part(0, std::vector<uint8_t>(1'000'000, 'x'), out), 2'000'000);
  EXPECT_EQ(out.size(), 2'000'001u);
  EXPECT_EQ(host.faults(), 0u);
}

TEST_F(CompressionHost, NegotiatesAnAnswerOfAnyUsualLength) {
  for (const size_t size : {1, 256, 257, 1'024}) {
    agreement agreed;
    ASSERT_TRUE(host.negotiate(std::string(size, 'x'), agreed)) << size;
    EXPECT_EQ(agreed.answer, std::string(size, 'x'));
    EXPECT_EQ(agreed.group, 2u);
    EXPECT_TRUE(agreed.may_send_compressed);
  }
  agreement agreed;
  EXPECT_FALSE(host.negotiate(std::string(1'025, 'x'), agreed));
  EXPECT_FALSE(host.negotiate("", agreed));
}

TEST_F(CompressionHost, UnpacksWithinTheLimitAndOffersLittleFirst) {
  EXPECT_EQ(host.unpack(0, to_bytes("5x"), 100, out), 5);
  EXPECT_EQ(out, to_bytes("<xxxxx"));
  EXPECT_EQ(host.unpack(0, to_bytes("20000y"), 20'000, out), 20'000);
  EXPECT_EQ(out.size(), 20'006u);
  EXPECT_THAT(doubling::offered, ElementsAre(100, 1'048, 4'192, 16'768, 20'000));
}

TEST_F(CompressionHost, CountsClientsFaultsApart) {
  EXPECT_EQ(host.unpack(0, to_bytes("20001y"), 20'000, out), TP_E_LIMIT);
  EXPECT_EQ(host.unpack(0, to_bytes("x"), 20'000, out), TP_E_ARGUMENT);
  EXPECT_EQ(host.unpack(0, to_bytes("1x"), 0, out), TP_E_LIMIT);
  EXPECT_EQ(host.refused(), 3u);
  EXPECT_EQ(host.faults(), 0u);
  EXPECT_EQ(out, to_bytes("<"));
}

TEST_F(CompressionHost, AnExceptionIsAFaultOfOneCall) {
  std::vector<std::string> logged;
  compression_host talkative{made(), {}, [&](int, std::string_view text) { logged.emplace_back(text); }};
  ASSERT_TRUE(talkative.create());
  doubling::throws = true;
  EXPECT_EQ(talkative.part(0, to_bytes("a"), out), TP_E_INTERNAL);
  EXPECT_THAT(logged, ElementsAre("inside"));
  doubling::throws = false;
  EXPECT_EQ(talkative.part(0, to_bytes("a"), out), 2);
  EXPECT_EQ(talkative.faults(), 1u);
}

TEST(CompressionHostSettings, AreCheckedWithoutAnInstance) {
  EXPECT_TRUE(compression_host::validate(made(), {}).empty());
  EXPECT_THAT(compression_host::validate(made(), {{"x", "1"}}), ElementsAre(complaint{"x", "is not known"}));
  EXPECT_THAT(compression_host::validate(made(), {{"throw", "1"}}), ElementsAre(complaint{"", "validate"}));
}

TEST(CompressionHostSettings, BadOnesGiveNoInstance) {
  compression_host host{made(), {{"bad", "1"}}, {}};
  EXPECT_FALSE(host.create());
  EXPECT_TRUE(host.is_broken());
  EXPECT_THAT(host.complaints(), ElementsAre(complaint{"bad", "is bad"}));
  EXPECT_THAT(host.why_broken(), HasSubstr("create answered -8 (internal)"));
}

} // namespace
} // namespace tickplant::plugin
