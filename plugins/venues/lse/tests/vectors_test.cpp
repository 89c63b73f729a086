// Every worked example of ../shared/data/lse through the plugin: MITCH and GTP (S0-53). Says so and ends where the file
// is missing.
#include "feed_builder.hpp"
#include "gtp/codec.hpp"
#include "mitch/codec.hpp"
#include "mitch/messages.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

namespace tickplant::lse::testing {
namespace {

using nlohmann::json;

bytes from_hex(const std::string& hex) {
  bytes data;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    data.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return data;
}

struct Vectors : ::testing::Test {
  json all;
  void SetUp() override {
    std::ifstream file{TP_SHARED_DIR "/data/lse/synthetic_message_vectors.json"};
    if (!file) GTEST_SKIP() << "the vectors are missing: " TP_SHARED_DIR "/data/lse";
    all = json::parse(file)["vectors"];
  }
  bytes vector(const std::string& protocol, const std::string& name) const {
    for (const auto& v : all)
      if (v["protocol"].get<std::string>().starts_with(protocol) && v["message"] == name) {
        auto data = from_hex(v["hex"]);
        EXPECT_EQ(data.size(), v["length"]) << name;
        return data;
      }
    ADD_FAILURE() << "no vector " << name;
    return {};
  }
  /// One instance that takes the named messages in this order, one unit each.
  std::unique_ptr<world> play(const std::string& protocol, const std::vector<std::string>& names) const {
    auto w = protocol == "GTP"
               ? std::make_unique<world>(world::settings_list{{"lines.a", "udp://239.1.1.1:1"}, {"protocol", "gtp"}})
               : std::make_unique<world>();
    uint64_t sequence = 1;
    for (const auto& name : names) w->a(unit(sequence++, {vector(protocol, name)}));
    return w;
  }
};

constexpr uint64_t eight = morning; // the vector's Time: 08:00:00 local

TEST_F(Vectors, OfMitchHaveTheirFieldsInTheEvents) {
  const auto w = play("MITCH", {"Time", "System Event", "Symbol Directory", "Symbol Status", "Add Order",
                                "Add Order (market order)", "Add Attributed Order", "Order Modified", "Order Executed",
                                "Order Executed With Price/Size", "Order Deleted", "Order Book Clear", "Trade",
                                "Trade (cancellation)", "Auction Trade", "Auction Info", "Statistics"});
  ASSERT_EQ(w->host.instruments.size(), 2u); // the firm quotes are a book of their own
  const auto& main = w->host.instruments[0];
  EXPECT_EQ(main.symbol, "GB00VECTOR01");
  EXPECT_EQ(main.venue_code, "2926");
  EXPECT_EQ(main.raw.previous_close, 123'450'000'000);
  EXPECT_EQ(main.raw.parent, TP_ALL);
  EXPECT_EQ(w->host.instruments[1].symbol, "GB00VECTOR01");
  EXPECT_EQ(w->host.instruments[1].raw.parent, 0u);

  const auto& events = w->host.events;
  ASSERT_EQ(events.size(), 16u); // a day start is a phase and a clear
  EXPECT_EQ(events[0].kind, TP_EV_PHASE);
  EXPECT_EQ(events[0].detail, TP_PHASE_DAY_START);
  EXPECT_EQ(events[0].venue_ns, eight + 123'456'000);
  EXPECT_EQ(events[1].kind, TP_EV_CLEAR);

  EXPECT_EQ(events[2].kind, TP_EV_STATUS);
  EXPECT_EQ(events[2].detail, TP_STATE_AUCTION);
  EXPECT_EQ(w->text(events[2].ref), "a");
  EXPECT_EQ(events[2].extra, midnight + (8 * 3'600 + 2 * 60 + 30) * second);
  EXPECT_EQ(events[2].venue_ns, eight + 2'000);

  EXPECT_EQ(events[3].kind, TP_EV_ADD);
  EXPECT_EQ(events[3].flags, TP_BID | TP_END);
  EXPECT_EQ(events[3].instrument, 0u);
  EXPECT_EQ(events[3].order, 123'456'789'012u);
  EXPECT_EQ(events[3].price, 123'425'000'000);
  EXPECT_EQ(events[3].quantity, 1'500);
  EXPECT_EQ(events[3].sequence, 5u);

  EXPECT_EQ(events[4].flags, TP_ASK | TP_NO_LIMIT | TP_END);
  EXPECT_EQ(events[4].order, 123'456'789'013u);
  EXPECT_EQ(events[4].price, TP_NONE);
  EXPECT_EQ(events[4].quantity, 700);

  EXPECT_EQ(events[5].kind, TP_EV_ADD);
  EXPECT_EQ(events[5].flags, TP_ASK | TP_END);
  EXPECT_EQ(events[5].instrument, 1u);
  EXPECT_EQ(events[5].order, 123'456'789'014u);
  EXPECT_EQ(events[5].price, 123'500'000'000);
  EXPECT_EQ(events[5].quantity, 2'000);
  EXPECT_EQ(w->text(events[5].extra), "VECTORMM");

  EXPECT_EQ(events[6].kind, TP_EV_MODIFY);
  EXPECT_EQ(events[6].flags, TP_KEEP | TP_END);
  EXPECT_EQ(events[6].instrument, TP_OF_ORDER);
  EXPECT_EQ(events[6].order, 123'456'789'012u);
  EXPECT_EQ(events[6].quantity, 900);
  EXPECT_EQ(events[6].price, 123'425'000'000);

  EXPECT_EQ(events[7].kind, TP_EV_EXECUTE);
  EXPECT_EQ(events[7].flags, TP_PRINT | TP_END);
  EXPECT_EQ(events[7].instrument, TP_OF_ORDER);
  EXPECT_EQ(events[7].order, 123'456'789'012u);
  EXPECT_EQ(events[7].quantity, 250);
  EXPECT_EQ(events[7].ref, 77'001u);

  EXPECT_EQ(events[8].kind, TP_EV_EXECUTE);
  EXPECT_EQ(events[8].flags, TP_PRINT | TP_PRICE | TP_LEFT | TP_END);
  EXPECT_EQ(events[8].quantity, 100);
  EXPECT_EQ(events[8].extra, 550u);
  EXPECT_EQ(events[8].ref, 77'002u);
  EXPECT_EQ(events[8].price, 123'420'000'000);

  EXPECT_EQ(events[9].kind, TP_EV_DELETE);
  EXPECT_EQ(events[9].instrument, 1u);
  EXPECT_EQ(events[9].order, 123'456'789'014u);

  EXPECT_EQ(events[10].kind, TP_EV_CLEAR);
  EXPECT_EQ(events[10].instrument, 0u);

  EXPECT_EQ(events[11].kind, TP_EV_TRADE);
  EXPECT_EQ(events[11].flags, TP_PRINT | TP_PRICE | TP_END);
  EXPECT_EQ(events[11].quantity, 5'000);
  EXPECT_EQ(events[11].price, 123'430'000'000);
  EXPECT_EQ(events[11].ref, 77'003u);
  EXPECT_EQ(events[11].extra, uint64_t{TP_COND_CROSS});

  EXPECT_EQ(events[12].kind, TP_EV_BREAK);
  EXPECT_EQ(events[12].ref, 77'003u);

  EXPECT_EQ(events[13].kind, TP_EV_TRADE);
  EXPECT_EQ(events[13].quantity, 42'000);
  EXPECT_EQ(events[13].price, 123'375'000'000);
  EXPECT_EQ(events[13].ref, 77'004u);
  EXPECT_EQ(events[13].extra, TP_COND_AUCTION | TP_COND_CLOSING | uint64_t{'C'} << 32);

  EXPECT_EQ(events[14].kind, TP_EV_IMBALANCE);
  EXPECT_EQ(events[14].detail, TP_AUCTION_CLOSING);
  EXPECT_EQ(events[14].quantity, 38'000);
  EXPECT_EQ(static_cast<int64_t>(events[14].ref), 123'350'000'000);

  EXPECT_EQ(events[15].kind, TP_EV_VALUE);
  EXPECT_EQ(events[15].detail, TP_VAL_CLOSE);
  EXPECT_TRUE(events[15].flags & TP_UNSET);
  EXPECT_EQ(w->text(events[15].ref), "F");
  EXPECT_EQ(w->counted("malformed") + w->counted("unknown") + w->counted("unknown_values"), 0u);
}

TEST_F(Vectors, TopOfBookIsAQuoteInItsPhaseOnly) {
  auto w = play("MITCH", {"Symbol Directory", "Top of Book"});
  EXPECT_TRUE(w->of_kind(TP_EV_QUOTE).empty());
  w->a(unit(3, {symbol_status(2926, 'G'), vector("MITCH", "Top of Book")}));
  const auto quotes = w->of_kind(TP_EV_QUOTE);
  ASSERT_EQ(quotes.size(), 1u);
  EXPECT_EQ(quotes[0].price, 123'300'000'000);
  EXPECT_EQ(quotes[0].quantity, 1'000);
  EXPECT_EQ(static_cast<int64_t>(quotes[0].order), TP_NONE);
  EXPECT_EQ(static_cast<int64_t>(quotes[0].ref), TP_NONE);
  EXPECT_EQ(w->of_kind(TP_EV_STATUS)[0].detail, TP_STATE_NO_DEPTH);
}

TEST_F(Vectors, UnitsAreCut) {
  const auto beat = vector("MITCH", "Unit Header (heartbeat)");
  const auto read = read_unit(beat.data(), beat.size(), length_field::one_byte);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->count, 0u);
  EXPECT_EQ(read->group, 'A');
  EXPECT_EQ(read->sequence, 70'026u);
  const auto two = vector("MITCH", "Unit with two messages");
  const auto pair = read_unit(two.data(), two.size(), length_field::one_byte);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->count, 2u);
  EXPECT_EQ(pair->sequence, 70'026u);
  EXPECT_EQ(pair->end(), 70'028u);
  EXPECT_EQ(sdk::le32(pair->messages + 2), 28'801u); // Time, then an execution of order 5
  EXPECT_EQ(mitch::order_id(pair->messages + 6), 5u);
}

TEST_F(Vectors, OfMitchRequestsAreWhatThePluginSends) {
  const auto unit_of = [&](const std::string& name) {
    const auto m = vector("MITCH", name);
    return unit(0, {m}, ' ');
  };
  EXPECT_EQ(mitch::login_request("VEC001", "mit_1234"), unit_of("Login Request"));
  EXPECT_EQ(mitch::logout_request(), unit_of("Logout Request"));
  EXPECT_EQ(mitch::replay_request('A', 70'001, 25), unit_of("Replay Request"));
  EXPECT_EQ(mitch::snapshot_request({snapshot_target::scope::segment, 0, "SET1"}), unit_of("Snapshot Request"));
}

TEST_F(Vectors, OfMitchAnswersAreRead) {
  const auto read = [&](const std::string& name) {
    const auto m = vector("MITCH", name);
    return mitch::read_admin(m.data()).value();
  };
  EXPECT_EQ(read("Login Response").status, 'b');
  EXPECT_EQ(read("Replay Response").what, admin_message::kind::replay_response);
  EXPECT_EQ(read("Replay Response").status, 'O');
  EXPECT_EQ(read("Snapshot Response").what, admin_message::kind::snapshot_response);
  EXPECT_EQ(read("Snapshot Response").status, 'A');
  const auto complete = read("Snapshot Complete");
  EXPECT_EQ(complete.includes, 70'025u);
  EXPECT_EQ(complete.segment, "");
  EXPECT_EQ(complete.instrument, 2'926u);
  EXPECT_EQ(complete.book, book_kind::firm_quotes);
}

TEST_F(Vectors, OfGtpHaveTheirFieldsInTheEvents) {
  world w{{"lines.a", "udp://239.1.1.1:1"}, {"protocol", "gtp"}};
  fields directory; // no vector has one: 141 bytes with the instrument of the others
  directory.number(141, 2).letter('p').number(1, 8).number(70'011, 8).text("GB00VECTOR02", 12).number(0, 40);
  directory.text("SET1", 6).number(0, 23).text("GBX", 3).number(0, 38);
  const auto v = [&](const char* name) { return vector("GTP", name); };
  w.a(unit(1, {directory.raw(), v("Add Order Incremental"), v("Order Modify"), v("Order Delete"), v("Order Book Clear"),
               v("Trade"), v("Instrument Status"), v("System Event"), v("Statistics Update")}));
  ASSERT_EQ(w.host.instruments.size(), 1u);
  EXPECT_EQ(w.host.instruments[0].symbol, "GB00VECTOR02");
  EXPECT_EQ(w.host.instruments[0].raw.quantity_exponent, -8);
  const auto& events = w.host.events;
  ASSERT_EQ(events.size(), 8u);
  constexpr uint64_t transaction = 1'754'550'000'123'451'789, stamp = 1'754'550'000'123'456'789;

  EXPECT_EQ(events[0].kind, TP_EV_ADD);
  EXPECT_EQ(events[0].flags, TP_BID | TP_END);
  EXPECT_EQ(events[0].order, 9'001u); // the first book's references are the venue's own
  EXPECT_EQ(events[0].price, 123'425'000'000);
  EXPECT_EQ(events[0].quantity, 150'000'000'000);
  EXPECT_EQ(events[0].venue_ns, transaction);
  EXPECT_EQ(events[0].sequence, 2u);

  EXPECT_EQ(events[1].kind, TP_EV_MODIFY);
  EXPECT_EQ(events[1].flags, TP_KEEP | TP_CHECK | TP_END);
  EXPECT_EQ(events[1].order, 9'001u);
  EXPECT_EQ(events[1].price, 123'425'000'000);
  EXPECT_EQ(events[1].quantity, 90'000'000'000);
  EXPECT_EQ(static_cast<int64_t>(events[1].ref), 123'425'000'000);
  EXPECT_EQ(events[1].extra, 150'000'000'000u);

  EXPECT_EQ(events[2].kind, TP_EV_DELETE);
  EXPECT_EQ(events[2].flags, TP_CHECK | TP_END);
  EXPECT_EQ(static_cast<int64_t>(events[2].ref), 123'425'000'000);
  EXPECT_EQ(events[2].extra, 90'000'000'000u);

  EXPECT_EQ(events[3].kind, TP_EV_CLEAR);
  EXPECT_EQ(events[3].instrument, 0u);

  EXPECT_EQ(events[4].kind, TP_EV_TRADE);
  EXPECT_EQ(events[4].flags, TP_PRINT | TP_PRICE | TP_END);
  EXPECT_EQ(events[4].price, 123'425'000'000);
  EXPECT_EQ(events[4].quantity, 25'000'000'000);
  EXPECT_EQ(events[4].ref, 55'001u);

  EXPECT_EQ(events[5].kind, TP_EV_STATUS);
  EXPECT_EQ(events[5].detail, TP_STATE_AUCTION);
  EXPECT_EQ(w.text(events[5].ref), "d");
  EXPECT_EQ(events[5].venue_ns, stamp);
  EXPECT_EQ(events[5].extra, midnight + (16 * 3'600 + 37 * 60 + 30) * second); // of the day of receipt, local

  EXPECT_EQ(events[6].kind, TP_EV_PHASE);
  EXPECT_EQ(events[6].detail, TP_PHASE_DAY_END);

  EXPECT_EQ(events[7].kind, TP_EV_VALUE);
  EXPECT_EQ(events[7].detail, TP_VAL_CLOSE);
  EXPECT_EQ(events[7].price, 123'375'000'000);
  EXPECT_EQ(w.text(events[7].ref), "A");
  EXPECT_EQ(w.counted("malformed") + w.counted("unknown") + w.counted("unknown_values"), 0u);
}

TEST_F(Vectors, OfGtpRequestsAndAnswersAreRight) {
  const auto unit_of = [&](const char* name) { return unit(0, {vector("GTP", name)}, ' '); };
  EXPECT_EQ(gtp::login_request("VEC001"), unit_of("Login Request"));
  EXPECT_EQ(gtp::replay_request(70'001, 25, 7), unit_of("Replay Request"));
  // The vector asks for the electronic book alone, the plugin for all of them.
  auto wanted = unit_of("Recovery Request");
  wanted[8 + 18] = 0;
  EXPECT_EQ(gtp::recovery_request({snapshot_target::scope::instrument, 70'011, {}}, 1, 8), wanted);
  const auto response = vector("GTP", "Recovery Response"), complete = vector("GTP", "Replay and Recovery Complete");
  const auto read = gtp::read_admin(response.data()).value();
  EXPECT_EQ(read.includes, 70'025u);
  EXPECT_EQ(read.status, 'A');
  EXPECT_EQ(read.request, 8u);
  const auto end = gtp::read_admin(complete.data()).value();
  EXPECT_EQ(end.what, admin_message::kind::complete);
  EXPECT_EQ(end.request, 8u);
  EXPECT_EQ(end.trading_status, 'T');
}

TEST_F(Vectors, AreAllPlayed) {
  EXPECT_EQ(all.size(), 41u); // where there are more, the tests above have to take them in
}

} // namespace
} // namespace tickplant::lse::testing
