// The server's half of SoupBinTCP and the picture of GLIMPSE, read by a reader of the test's own.
#include "tickplant_sim/nasdaq/glimpse_picture.hpp"
#include "tickplant_sim/nasdaq/soup_conversation.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"

#include <gtest/gtest.h>

#include <map>

namespace tickplant::sim::nasdaq {
namespace {

using namespace std::chrono_literals;

std::string padded(const std::string& text, std::size_t size, bool left) {
  const std::string blanks(size - text.size(), ' ');
  return left ? blanks + text : text + blanks;
}
std::string login(const std::string& session, const std::string& sequence, const std::string& user = "USER",
                  const std::string& password = "SECRET") {
  return std::string("\0\x2FL", 3) + padded(user, 6, false) + padded(password, 10, false) + padded(session, 10, false) +
         padded(sequence, 20, true);
}

struct Soup : ::testing::Test {
  Soup() : store(1 << 20) {
    for (int i = 1; i <= 5; ++i) store_message("m" + std::to_string(i));
    offer.session = "TEST000001";
    offer.store = &store;
  }
  void store_message(const std::string& text) {
    std::vector<std::uint8_t> block{0, static_cast<std::uint8_t>(text.size())};
    block.insert(block.end(), text.begin(), text.end());
    store.append(block);
  }
  void begin(const service_fault_rates& rates = {}) {
    faults.emplace(rates, 7);
    talk.emplace(offer, *faults, counts, now);
  }
  void say(const std::string& bytes) {
    talk->receive({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, now);
  }
  /// "A:...", "S:..." and so on for every packet that is due, and what is left of a last one that is not whole.
  std::vector<std::string> hear(std::size_t room = 65'536) {
    byte_buffer out;
    talk->advance(now, room, out);
    std::vector<std::string> packets;
    std::size_t at = 0;
    while (out.size() - at >= 3) {
      const std::size_t length = static_cast<std::size_t>(out[at]) << 8 | out[at + 1];
      if (out.size() - at < 2 + length) break;
      packets.push_back(std::string(1, static_cast<char>(out[at + 2])) +
                        (length > 1 ? ":" + std::string(out.begin() + static_cast<long>(at) + 3,
                                                        out.begin() + static_cast<long>(at + 2 + length))
                                    : ""));
      at += 2 + length;
    }
    unread = out.size() - at;
    return packets;
  }
  std::string accepted(const std::string& number) const {
    return "A:" + padded(offer.session, 10, true) + padded(number, 20, true);
  }

  message_store store;
  soup_offer offer;
  soup_counts counts;
  std::optional<service_faults> faults;
  std::optional<soup_conversation> talk;
  steady_time now{1000s};
  std::size_t unread = 0;
};

using packets = std::vector<std::string>;

TEST_F(Soup, GivesTheSessionFromTheNumberAskedForAndGoesOn) {
  begin();
  EXPECT_EQ(hear(), packets{});
  say(login("", "4"));
  EXPECT_EQ(hear(), (packets{accepted("4"), "S:m4", "S:m5"}));
  store_message("m6");
  EXPECT_EQ(hear(), packets{"S:m6"});
  EXPECT_EQ(counts.logins, 1u);
}

TEST_F(Soup, ZeroAsksForWhatComesAndTooMuchForWhatThereIs) {
  begin();
  say(login("TEST000001", "0"));
  EXPECT_EQ(hear(), packets{accepted("6")});
  begin();
  say(login("", "99"));
  EXPECT_EQ(hear(), packets{accepted("6")});
}

TEST_F(Soup, RefusesStrangersAndOtherSessions) {
  offer.username = "user";
  offer.password = "secret";
  begin();
  say(login("", "1", "USER", "WRONG"));
  EXPECT_EQ(hear(), packets{"J:A"});
  EXPECT_TRUE(talk->is_over());
  begin();
  say(login("OTHER", "1"));
  EXPECT_EQ(hear(), packets{"J:S"});
  begin();
  say(login("", "5"));
  EXPECT_EQ(hear().front(), accepted("5")) << "names are read without regard to case";
}

TEST_F(Soup, BeatsEverySecondAndGivesSilentClientsUp) {
  begin();
  say(login("", "6"));
  hear();
  now += 999ms;
  EXPECT_EQ(hear(), packets{});
  now += 1ms;
  EXPECT_EQ(hear(), packets{"H"});
  for (int i = 0; i < 20; ++i) {
    now += 1s;
    say(std::string("\0\1R", 3));
    EXPECT_EQ(hear(), packets{"H"});
  }
  now += 15s;
  hear();
  EXPECT_TRUE(talk->is_over());
  EXPECT_EQ(counts.timeouts, 1u);
}

TEST_F(Soup, EndsWithTheSessionAndWhenAnotherBegins) {
  begin();
  say(login("", "5"));
  hear();
  offer.has_ended = true;
  EXPECT_EQ(hear(), packets{"Z"});
  offer.has_ended = false;
  begin();
  say(login("", "5"));
  hear();
  offer.session = "TEST000002";
  EXPECT_EQ(hear(), packets{"Z"});
  EXPECT_TRUE(talk->is_over());
}

TEST_F(Soup, TakesLoginsInPiecesAndThrowsNonsenseOut) {
  begin();
  for (const char byte : login("", "5")) say(std::string(1, byte));
  EXPECT_EQ(hear().size(), 2u);
  say(std::string("\0\0", 2));
  EXPECT_TRUE(talk->is_over());
  EXPECT_EQ(counts.malformed, 1u);
}

TEST_F(Soup, AnswersNoFasterThanThereIsRoom) {
  begin();
  say(login("", "1"));
  EXPECT_EQ(hear(1).size(), 1u);
  EXPECT_EQ(hear(6).size(), 2u);
}

TEST_F(Soup, FaultsRefuseDelayAndCut) {
  begin({.refuse = 1});
  say(login("", "1"));
  EXPECT_EQ(hear(), packets{"J:A"});
  begin({.delay = 1000ms});
  say(login("", "1"));
  now += 499ms;
  EXPECT_EQ(hear(), packets{});
  now += 1100ms;
  EXPECT_EQ(hear().size(), 6u);
  begin({.cut = 1});
  say(login("", "1"));
  EXPECT_EQ(hear(), packets{accepted("1")});
  EXPECT_GT(unread, 0u) << "in the midst of a message";
  EXPECT_TRUE(talk->is_over());
  EXPECT_EQ(counts.cut, 1u);
}

TEST_F(Soup, APictureHasEveryOrderOfTheBooksAndTheNumberThatFollows) {
  trading_day_options options;
  options.flow.symbols = demo_symbols();
  options.open_after_s = 0.01;
  trading_day day{options};
  block_buffer flow;
  for (std::uint64_t ms = 0; ms < 2'000; ++ms)
    day.advance({ms * 1'000'000, 30'000'000'000'000 + ms * 1'000'000, 0}, flow);
  offer.store = nullptr;
  offer.picture = [&] { return std::make_shared<const block_buffer>(write_picture(*day.flow(), 1, 4711)); };
  begin();
  say(login("", "1"));
  const auto said = hear(1u << 24);
  ASSERT_GT(said.size(), 2u);
  EXPECT_EQ(said.front(), accepted("1"));
  EXPECT_EQ(said.back(), "S:G" + padded("4711", 20, true));
  std::map<char, std::size_t> types;
  for (const auto& each : said)
    if (each.starts_with("S:")) ++types[each[2]];
  EXPECT_EQ(types['R'], day.flow()->symbol_count());
  EXPECT_EQ(types['H'], day.flow()->symbol_count());
  EXPECT_EQ(types['A'], day.flow()->live_orders());
  EXPECT_GT(types['A'], 100u);
}

TEST_F(Soup, WithoutAPictureTheSessionIsNotAvailable) {
  offer.store = nullptr;
  offer.picture = [] { return nullptr; };
  begin();
  say(login("", "1"));
  EXPECT_EQ(hear(), packets{"J:S"});
}

} // namespace
} // namespace tickplant::sim::nasdaq
