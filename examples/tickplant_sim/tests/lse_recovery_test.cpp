#include "tickplant_sim/tests/lse_services.hpp"

namespace tickplant::sim::lse {
namespace {

using namespace std::chrono_literals;

class LseRecovery : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseRecovery, testing::Values(protocol::mitch, protocol::gtp));

TEST(LseMitchRecovery, GiveASnapshotOfOneInstrumentWithItsNumber) {
  services at{protocol::mitch};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  at.hear_bytes(*client);
  // ULVR, which has firm quotes beside its order book.
  const std::size_t index = 5;
  const auto instrument = at.day.engine().at(index).of.instrument;
  at.say(*client, [&](mitch_encoder& e) { e.snapshot_request(0, {}, instrument); });
  const auto heard = at.hear(*client);
  test::lse_book_checker checker{false};
  std::vector<byte_buffer> completes;
  ASSERT_GT(heard.size(), 20u);
  EXPECT_EQ(heard[0].type(at.name), 0x82);
  EXPECT_EQ(heard[0].bytes[10], 'A');
  EXPECT_EQ(heard[1].type(at.name), 'T');
  for (std::size_t i = 1; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i].sequence, 0u);
    if (heard[i].type(at.name) == 0x83) {
      EXPECT_EQ(heard[i - 1].type(at.name), 'H');
      EXPECT_EQ(heard[i - 1].bytes[18], 9) << "reason not available";
      completes.push_back(heard[i].bytes);
    } else {
      checker.apply(heard[i].bytes);
    }
  }
  EXPECT_EQ(checker.fault(), "");
  expect_book(at, checker, index);
  EXPECT_EQ(checker.instruments().at(instrument).status, 'T');
  ASSERT_EQ(completes.size(), 2u);
  for (const auto& complete : completes) {
    EXPECT_EQ(number(complete, 2, 4), at.cache.next() - 1);
    EXPECT_EQ(number(complete, 12, 4), instrument);
  }
  EXPECT_EQ(completes[0][16], 0);
  EXPECT_EQ(completes[1][16], 0x20);
}

TEST(LseMitchRecovery, GiveEveryInstrumentOfASegmentTheNumberOfItsMoment) {
  services at{protocol::mitch};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  at.hear_bytes(*client);
  // With both filled the segment wins.
  at.say(*client, [&](mitch_encoder& e) { e.snapshot_request(0, "SET1", 10'125); });
  test::lse_book_checker checker{false};
  std::set<std::uint32_t> numbers;
  std::map<std::uint64_t, std::uint32_t> complete;
  bool ended = false;
  for (int turn = 0; turn < 10'000 && !ended; ++turn) {
    // The client takes little at a time, and the market goes on.
    byte_buffer bytes;
    client->advance(at.now, 1, bytes);
    for (const auto& message : read_units(bytes, at.name)) {
      if (message.type(at.name) == 0x82) continue;
      if (message.type(at.name) != 0x83) {
        checker.apply(message.bytes);
        continue;
      }
      const auto instrument = number(message.bytes, 12, 4);
      const auto segment = std::string(message.bytes.begin() + 6, message.bytes.begin() + 12);
      if (instrument == 0) {
        EXPECT_EQ(segment, "SET1  ");
        EXPECT_EQ(number(message.bytes, 2, 4), 0u);
        ended = true;
        continue;
      }
      EXPECT_EQ(segment, "      ");
      complete[instrument] = static_cast<std::uint32_t>(number(message.bytes, 2, 4));
      numbers.insert(complete[instrument]);
    }
    at.run(5);
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(complete.size(), 6u);
  EXPECT_GT(numbers.size(), 3u);
  // Every book goes on from its own number to what it is now.
  for (std::uint32_t sequence = 1; sequence < at.cache.next(); ++sequence) {
    const auto& message = at.sent_message(sequence);
    const char type = static_cast<char>(message[1]);
    std::uint64_t instrument = 0;
    if (type == 'A' || type == 'F') instrument = number(message, 19, 4);
    if (std::string_view{"DUEC"}.find(type) != std::string_view::npos) {
      const auto known = checker.orders().find(number(message, 6, 8));
      if (known == checker.orders().end()) continue;
      instrument = known->second.instrument;
    }
    if (type == 'y' || type == 'H') instrument = number(message, 6, 4);
    if (const auto from = complete.find(instrument); from != complete.end() && sequence > from->second)
      checker.apply(message);
  }
  for (std::size_t i = 0; i < at.day.engine().instrument_count(); ++i)
    if (complete.contains(at.day.engine().at(i).of.instrument)) expect_book(at, checker, i);
}

TEST(LseMitchRecovery, RefuseWhatTheyDoNotKnow) {
  services at{protocol::mitch};
  const auto status = [&](auto&& write) {
    auto client = at.connect(service_kind::recovery);
    at.now += 1s;
    at.log_in(*client);
    at.hear_bytes(*client);
    at.say(*client, write);
    return at.hear_status(*client, 10);
  };
  EXPECT_EQ(status([](mitch_encoder& e) { e.snapshot_request(0, "NONE", 0); }), 'a');
  EXPECT_EQ(status([](mitch_encoder& e) { e.snapshot_request(0, {}, 4711); }), 'a');
  EXPECT_EQ(status([](mitch_encoder& e) { e.replay_request('A', 1, 1); }), 'd');
  EXPECT_EQ(at.counts.request_refusals, 3u);
}

TEST(LseMitchRecovery, HideWhatALevel1OnlyAuctionHides) {
  services at{protocol::mitch};
  auto options = services::options();
  options.auction_every_s = 0.5;
  options.auction_length_s = 60;
  at.day = trading_day{options};
  at.run(3'000);
  ASSERT_EQ(at.day.engine().at(0).status.code, 'G');
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  at.hear_bytes(*client);
  at.say(*client, [&](mitch_encoder& e) { e.snapshot_request(0, {}, 10'101); });
  std::string types;
  for (const auto& message : at.hear(*client)) types += static_cast<char>(message.type(at.name));
  EXPECT_EQ(types, "\x82TH\x83");
}

struct gtp_answer {
  std::uint32_t sequence = 0, count = 0;
  std::vector<byte_buffer> messages;
  std::string completes; // their status letters
};

gtp_answer ask_gtp(services& at, const gtp::recovery_request& request) {
  auto client = at.connect(service_kind::recovery);
  at.now += 1s;
  at.log_in(*client);
  at.hear_bytes(*client);
  at.say(*client, [&](gtp_encoder& e) { e.recovery_request(request); });
  gtp_answer out;
  for (const auto& message : at.hear(*client)) {
    const auto type = message.type(at.name);
    if (type == 0x82) {
      EXPECT_EQ(message.bytes[11], 'A');
      EXPECT_EQ(number(message.bytes, 12, 4), request.id);
      out.sequence = static_cast<std::uint32_t>(number(message.bytes, 3, 4));
      out.count = static_cast<std::uint32_t>(number(message.bytes, 7, 4));
    } else if (type == 0x83) {
      EXPECT_EQ(number(message.bytes, 3, 4), request.id);
      out.completes += static_cast<char>(message.bytes[7]);
    } else {
      out.messages.push_back(message.bytes);
    }
  }
  EXPECT_TRUE(client->is_over());
  return out;
}

TEST(LseGtpRecovery, GiveBooksWithTheNumberInTheResponse) {
  services at{protocol::gtp};
  gtp::recovery_request request;
  request.level = 2;
  request.id = 77;
  const auto answer = ask_gtp(at, request);
  EXPECT_EQ(answer.sequence, at.cache.next() - 1);
  EXPECT_EQ(answer.count, answer.messages.size());
  // Twelve order books, two of firm quotes, and the end.
  EXPECT_EQ(answer.completes, std::string(14, 'T') + " ");
  test::lse_book_checker checker{true};
  bool sells = false;
  for (const auto& message : answer.messages) {
    if (message[2] == 'y') sells = false;
    if (message[2] == 'F') {
      EXPECT_FALSE(sells && message[19] == 'B') << "buy side first";
      sells = message[19] == 'S';
    }
    checker.apply(message);
  }
  EXPECT_EQ(checker.fault(), "");
  for (std::size_t i = 0; i < at.day.engine().instrument_count(); ++i) expect_book(at, checker, i);
  // Whatever comes after the response's number leads on to the books of then.
  at.run(1'000);
  for (auto sequence = answer.sequence + 1; sequence < at.cache.next(); ++sequence)
    if (at.sent_message(sequence)[2] != 'w') checker.apply(at.sent_message(sequence));
  for (std::size_t i = 0; i < at.day.engine().instrument_count(); ++i) expect_book(at, checker, i);
}

TEST(LseGtpRecovery, GiveOneBookTypeOfOneInstrument) {
  services at{protocol::gtp};
  gtp::recovery_request request;
  request.instrument = at.day.engine().at(5).of.instrument;
  request.of = gtp::book::firm_quote;
  const auto answer = ask_gtp(at, request);
  EXPECT_EQ(answer.messages.size(), 7u);
  EXPECT_EQ(answer.completes, "T ");
}

TEST(LseGtpRecovery, GiveTheOtherKindsOfRecovery) {
  services at{protocol::gtp};
  gtp::recovery_request request;
  request.level = 1;
  request.segment = "SET0";
  const auto types = [&](std::uint8_t type) {
    request.type = type;
    std::set<char> out;
    for (const auto& message : ask_gtp(at, request).messages) out.insert(static_cast<char>(message[2]));
    return std::string(out.begin(), out.end());
  };
  EXPECT_EQ(types(0), "p");
  EXPECT_EQ(types(2), "P");
  EXPECT_EQ(types(3), "jw");
  EXPECT_EQ(types(4), "H");
  EXPECT_EQ(types(6), "S");
  // Trades from a number on, as they were sent.
  request.type = 2;
  request.level = 2;
  const auto all = ask_gtp(at, request);
  ASSERT_GT(all.messages.size(), 10u);
  request.from = at.trades.trades()[5].sequence;
  const auto later = ask_gtp(at, request);
  EXPECT_EQ(later.messages.size(), all.messages.size() - 5);
  EXPECT_EQ(later.messages[0], at.sent_message(request.from));
}

TEST_P(LseRecovery, GiveOldPicturesThatBelongToOldNumbers) {
  service_fault_rates rates;
  rates.stale = 1;
  services at{GetParam(), {}, rates};
  at.recovery.remember();
  const auto old_sequence = at.cache.next() - 1;
  test::lse_book_checker then{at.name == protocol::gtp};
  for (const auto& message : at.sent) then.apply(message);
  at.run(1'000);
  at.recovery.remember();
  at.run(1'000);
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  at.hear_bytes(*client);
  if (at.name == protocol::gtp)
    at.say(*client, [](gtp_encoder& e) {
      gtp::recovery_request request;
      request.instrument = 10'107;
      e.recovery_request(request);
    });
  else
    at.say(*client, [](mitch_encoder& e) { e.snapshot_request(0, {}, 10'107); });
  test::lse_book_checker checker{at.name == protocol::gtp};
  std::uint64_t told = 0;
  for (const auto& message : at.hear(*client)) {
    const auto type = message.type(at.name);
    if (type == (at.name == protocol::gtp ? 0x82 : 0x83))
      told = number(message.bytes, at.name == protocol::gtp ? 3 : 2, 4);
    if (type < 0x80) checker.apply(message.bytes);
  }
  EXPECT_EQ(told, old_sequence);
  EXPECT_EQ(at.faults.counts().stale, 1u);
  for (const bool buy : {true, false}) {
    const auto was = then.side(10'107, false, buy), is = checker.side(10'107, false, buy);
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t i = 0; i < was.size(); ++i) {
      EXPECT_EQ(was[i].id, is[i].id);
      EXPECT_EQ(was[i].quantity, is[i].quantity);
    }
  }
}

} // namespace
} // namespace tickplant::sim::lse
