// Negotiation by RFC 7692, section 7.1, over the grammar of RFC 6455, section 9.1.
#include "instance.hpp"

#include "offers.hpp"

#include <gtest/gtest.h>

namespace tickplant::deflate::testing {
namespace {

const std::string plain_answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

struct offer_case {
  const char* offers;
  const char* adds; // behind plain_answer; null: declined
  uint32_t group = 0;
};

void check(instance& made, const offer_case& each) {
  const auto answer = made.negotiate(each.offers);
  EXPECT_EQ(answer, each.adds ? plain_answer + each.adds : "") << each.offers;
  if (!each.adds) return;
  EXPECT_EQ(made.agreement.group, each.group) << each.offers;
  EXPECT_EQ(made.agreement.may_send_compressed, 1u) << each.offers;
}

TEST(DeflateOffers, TakesWhatBrowsersAndLibrariesOffer) {
  instance made;
  for (const auto& each : {offer_case{"permessage-deflate", ""},
                           {"permessage-deflate; client_max_window_bits", ""},
                           {"permessage-deflate;client_max_window_bits=15", ""},
                           {"permessage-deflate; client_max_window_bits=8", ""},
                           {"permessage-deflate; server_no_context_takeover", ""},
                           {"permessage-deflate; client_no_context_takeover; server_no_context_takeover", ""},
                           {"permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=12"},
                           {"permessage-deflate; server_max_window_bits=12", "; server_max_window_bits=12"},
                           {"permessage-deflate; server_max_window_bits=11", "; server_max_window_bits=11", 1},
                           {"permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10", 2},
                           {"permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9", 3},
                           {R"(permessage-deflate; server_max_window_bits="10")", "; server_max_window_bits=10", 2},
                           {R"(permessage-deflate; server_max_window_bits="1\0")", "; server_max_window_bits=10", 2},
                           {"permessage-deflate ;\tserver_max_window_bits = 9 ", "; server_max_window_bits=9", 3}})
    check(made, each);
}

TEST(DeflateOffers, TakesTheFirstThatSuits) {
  instance made;
  for (const auto& each :
       {offer_case{"permessage-deflate; server_max_window_bits=8, permessage-deflate", ""},
        {"x-webkit-deflate-frame, permessage-deflate", ""},
        {"permessage-deflate; server_max_window_bits=10, permessage-deflate", "; server_max_window_bits=10", 2},
        {"permessage-deflate; new_thing=\"a\", permessage-deflate; client_max_window_bits", ""},
        {"foo; a; b=c; d=\"e\", permessage-deflate", ""},
        {", ,permessage-deflate,,", ""}})
    check(made, each);
}

TEST(DeflateOffers, DeclinesWhatItCannotServe) {
  instance made;
  for (const char* offers : {"permessage-deflate; server_max_window_bits=8",
                             "permessage-deflate; server_max_window_bits",
                             "permessage-deflate; server_max_window_bits=7",
                             "permessage-deflate; server_max_window_bits=16",
                             "permessage-deflate; server_max_window_bits=09",
                             "permessage-deflate; server_max_window_bits=1",
                             "permessage-deflate; server_max_window_bits=0x9",
                             "permessage-deflate; server_max_window_bits=99999999999999999999",
                             "permessage-deflate; client_max_window_bits=7",
                             "permessage-deflate; client_max_window_bits=16",
                             "permessage-deflate; client_max_window_bits=010",
                             "permessage-deflate; server_no_context_takeover=1",
                             "permessage-deflate; client_no_context_takeover=true",
                             "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                             "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
                             "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
                             "permessage-deflate; unknown",
                             "permessage-deflate; unknown=1",
                             "Permessage-Deflate",
                             "permessage-deflat",
                             "permessage-deflate2",
                             "permessage-bzip2",
                             "",
                             " \t ",
                             ",,,"})
    check(made, {offers, nullptr});
}

// One fault spoils the whole header: whoever sent it means something that we do not know.
TEST(DeflateOffers, DeclinesEverythingOfABrokenHeader) {
  instance made;
  for (const char* offers : {"permessage-deflate;",
                             "permessage-deflate; ;client_max_window_bits",
                             "permessage-deflate; =9",
                             "permessage-deflate; server_max_window_bits=",
                             "permessage-deflate; server_max_window_bits=,permessage-deflate",
                             "permessage-deflate; server_max_window_bits=\"",
                             "permessage-deflate; server_max_window_bits=\"10",
                             "permessage-deflate; server_max_window_bits=\"1 0\"",
                             "permessage-deflate; server_max_window_bits=\"\"",
                             "permessage-deflate; server_max_window_bits=\"10\\",
                             "permessage-deflate; server_max_window_bits=\"10\"x",
                             "permessage-deflate; server_max_window_bits=10=10",
                             "permessage-deflate client_max_window_bits",
                             "permessage-deflate, ;",
                             "permessage-deflate, (comment)",
                             "permessage-deflate, \"quoted\"",
                             "permessage-deflate\r\n",
                             "permessage-deflate, \x01",
                             "permessage-deflate, \xC3\xA9",
                             ";permessage-deflate",
                             "=permessage-deflate"})
    check(made, {offers, nullptr});
  EXPECT_EQ(made.negotiate(std::string_view{"permessage-deflate\0", 19}), "");
}

TEST(DeflateOffers, NeverExceedsItsOwnWindow) {
  instance made{{{"window_bits", "10"}}};
  check(made, {"permessage-deflate", ""});
  check(made, {"permessage-deflate; server_max_window_bits=12", "; server_max_window_bits=10"});
  check(made, {"permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9", 1});
}

TEST(DeflateOffers, AsksForRoomForItsAnswer) {
  instance made;
  tp_agreement agreement{sizeof agreement, 0, 0, 0};
  uint8_t small[4] = {1, 2, 3, 4};
  const auto size =
    made.ops().negotiate(made.self(), sdk::to_tp("permessage-deflate"), &agreement, small, sizeof small);
  EXPECT_EQ(size, static_cast<int64_t>(plain_answer.size()));
  EXPECT_EQ(small[0], 1);
}

TEST(DeflateOffers, SurvivesRandomHeaders) {
  instance made;
  std::mt19937_64 random{11};
  static constexpr std::string_view pieces[] = {
    "permessage-deflate",     ";",  ",", "=", "\"", "\\", " ", "8", "12", "server_max_window_bits",
    "client_max_window_bits", "\t", "x"};
  int taken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string offers{pieces[0]};
    for (auto n = random() % 8; n > 0; --n) offers += pieces[random() % std::size(pieces)];
    const auto answer = made.negotiate(offers);
    if (answer.empty()) continue;
    ++taken;
    EXPECT_TRUE(answer.starts_with(plain_answer));
    EXPECT_LT(made.agreement.group, 4u);
  }
  EXPECT_GT(taken, 100);
}

} // namespace
} // namespace tickplant::deflate::testing
