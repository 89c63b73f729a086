// Pieces that were made apart, put one behind another, are one message of permessage-deflate for every client.
#include "instance.hpp"

#include <gtest/gtest.h>

namespace tickplant::deflate::testing {
namespace {

const std::string seven_offers[] = {
  "permessage-deflate; server_max_window_bits=9",  "permessage-deflate; server_max_window_bits=10",
  "permessage-deflate; server_max_window_bits=11", "permessage-deflate; server_max_window_bits=12",
  "permessage-deflate; server_max_window_bits=13", "permessage-deflate; server_max_window_bits=14",
  "permessage-deflate; server_max_window_bits=15"};

struct message {
  std::string packed, plain;
};

message make(const instance& made, uint32_t group, std::mt19937_64& random, const std::vector<std::string>& elements) {
  const auto envelope = some_text(random, random() % 120);
  message m{made.head(envelope), envelope};
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) m.packed += made.seam(",");
    m.packed += made.part(elements[i], group);
    m.plain += (i > 0 ? "," : "") + elements[i];
  }
  m.packed += made.tail("]}");
  m.plain += "]}";
  return m;
}

// Windows 9 to 15 of the client, context kept and not, many random messages each.
TEST(JoinedBlocks, UnpackToTheirPlainText) {
  for (const auto& settings : {pairs{}, pairs{{"strategy", "fixed"}}, pairs{{"level", "9"}, {"mem_level", "9"}}}) {
    instance made{settings};
    std::mt19937_64 random{42};
    for (int bits = 9; bits <= 15; ++bits) {
      ASSERT_NE(made.negotiate(seven_offers[bits - 9]), "");
      const uint32_t group = made.agreement.group;
      client keeping{bits, true}, forgetting{bits, false};
      for (int i = 0; i < 100; ++i) {
        std::vector<std::string> elements(1 + random() % 12);
        for (auto& e : elements) e = some_text(random, random() % (i % 10 == 0 ? 6'000 : 600));
        const auto m = make(made, group, random, elements);
        ASSERT_EQ(keeping.read(m.packed), m.plain) << bits << " bits, message " << i;
        ASSERT_EQ(forgetting.read(m.packed), m.plain) << bits << " bits, message " << i;
        std::string own;
        ASSERT_EQ(made.unpack(m.packed, own, m.plain.size()), static_cast<int64_t>(m.plain.size()));
        ASSERT_EQ(own, m.plain);
      }
    }
  }
}

TEST(JoinedBlocks, APartCanBeSharedByAnyMessages) {
  instance made;
  const std::string element = R"({"symbol":"AAPL","price":175.26,"bid":175.25,"ask":175.27,"volume":1000000})";
  const auto shared = made.part(element);
  EXPECT_EQ(made.part(element), shared) << "the same bytes whatever came before";
  client one{12, true};
  for (int n = 1; n < 50; ++n) {
    std::string packed = made.head("<" + std::to_string(n) + ":"), plain = "<" + std::to_string(n) + ":";
    for (int i = 0; i < n; ++i) {
      packed += (i > 0 ? made.seam(", ") : "") + shared;
      plain += (i > 0 ? ", " : "") + element;
    }
    packed += made.tail(">");
    EXPECT_EQ(one.read(packed), plain + ">");
  }
}

TEST(JoinedBlocks, EmptyAndVeryLongPiecesJoinToo) {
  instance made;
  std::mt19937_64 random{5};
  client one{15, true};
  for (const size_t head : {0, 1, 65'535, 65'536, 200'000})
    for (const size_t part : {0, 1, 65'535, 200'000})
      for (const size_t joint : {0, 1, 65'536}) {
        const auto e = some_text(random, head), p = some_text(random, part), j = some_text(random, joint);
        const auto packed = made.head(e) + made.part(p) + made.seam(j) + made.part(p) + made.tail(j);
        ASSERT_EQ(one.read(packed), e + p + j + p + j) << head << " " << part << " " << joint;
      }
}

TEST(JoinedBlocks, WhatDoesNotGetSmallerGrowsLittle) {
  instance made;
  std::mt19937_64 random{6};
  for (const size_t size : {1, 10, 500, 5'000, 70'000, 300'000}) {
    std::string noise(size, '\0');
    for (auto& c : noise) c = static_cast<char>(random());
    EXPECT_LE(made.part(noise).size(), size + 5 * (size / 65'535 + 1) + 1);
    EXPECT_EQ(client(15, false).read(made.part(noise)), noise);
  }
}

TEST(JoinedBlocks, QuotesGetSmaller) {
  instance made;
  std::string quote = R"({"symbol":"AAPL","exchange":"NASDAQ","price":175.26,"change":1.26,"changePercent":0.7241,)"
                      R"("bid":175.25,"ask":175.27,"bidSize":1000,"askSize":800,"open":174,"high":176.5,"low":173.9,)"
                      R"("previousClose":174,"volume":12345678,"timestamp":1699459200000})";
  EXPECT_LT(made.part(quote).size(), quote.size() * 8 / 10);
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += quote;
  EXPECT_LT(made.whole(eight).size(), quote.size()) << "a whole message sees what repeats itself";
}

TEST(JoinedBlocks, AWholeMessageIsReadByItselfAndLeavesPartsAsTheyAre) {
  instance made;
  std::mt19937_64 random{7};
  const auto text = some_text(random, 4'000);
  const auto part = made.part(text);
  client keeping{12, true};
  for (int i = 0; i < 50; ++i) {
    const auto whole_text = some_text(random, random() % 20'000);
    EXPECT_EQ(keeping.read(made.whole(whole_text)), whole_text);
    EXPECT_EQ(made.part(text), part);
  }
  EXPECT_EQ(made.whole(""), std::string(1, '\0')) << "RFC 7692, section 7.2.3.6";
}

TEST(JoinedBlocks, AGroupThatIsNotThereIsRefused) {
  instance made{{{"window_bits", "10"}}};
  uint8_t out[64];
  EXPECT_EQ(made.ops().part(made.self(), 2, out, 1, out, sizeof out), TP_E_ARGUMENT);
  EXPECT_EQ(made.ops().whole(made.self(), UINT32_MAX, out, 1, out, sizeof out), TP_E_ARGUMENT);
  EXPECT_EQ(made.ops().part(made.self(), 0, out, most_piece + 1, out, sizeof out), TP_E_LIMIT);
}

} // namespace
} // namespace tickplant::deflate::testing
