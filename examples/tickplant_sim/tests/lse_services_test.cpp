#include "tickplant_sim/lse/conversation.hpp"
#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/london_clock.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/replay_service.hpp"
#include "tickplant_sim/lse/unit.hpp"
#include "tickplant_sim/tests/lse_book_checker.hpp"

#include <gtest/gtest.h>
#include <set>

namespace tickplant::sim::lse {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t ms = 1'000'000;
constexpr std::size_t room = 1 << 20;
const steady_time begin{std::chrono::hours{10}};

std::uint64_t number(std::span<const std::uint8_t> m, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | m[at + i];
  return value;
}

struct told_message {
  std::uint32_t sequence; // of the unit
  byte_buffer bytes;
  std::uint8_t type(protocol name) const { return bytes[name == protocol::gtp ? 2 : 1]; }
};

/// Takes whole units apart; fails the test when the bytes end inside one.
std::vector<told_message> read_units(std::span<const std::uint8_t> bytes, protocol name) {
  std::vector<told_message> out;
  while (!bytes.empty()) {
    const auto header = read_unit_header(bytes);
    if (!header || header->length > bytes.size()) {
      ADD_FAILURE() << "bytes end inside a unit";
      return out;
    }
    auto payload = bytes.subspan(unit_header_bytes, header->length - unit_header_bytes);
    for (std::uint32_t i = 0; i < header->count; ++i) {
      const auto length = static_cast<std::size_t>(number(payload, 0, name == protocol::gtp ? 2 : 1));
      out.push_back({header->sequence == 0 ? 0 : header->sequence + i,
                     {payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length)}});
      payload = payload.subspan(length);
    }
    EXPECT_TRUE(payload.empty());
    bytes = bytes.subspan(header->length);
  }
  return out;
}

/// A market that has traded for some seconds, with its services in front of it and a client's view of them.
struct services {
  explicit services(protocol name_, service_rules rules = {}, service_fault_rates rates = {},
                    const run_state& state = always_running)
    : name{name_}, day{options()}, feed{make_feed(name_, messages)}, wire{make_service_protocol(name_)},
      desk{name_, std::move(rules)}, replay{*wire, cache, 'A'},
      recovery{*wire, {day, cache, trades, [this] { return time(); }}, 'A'}, faults{rates, 7, state} {
    run(3'000);
  }

  static trading_day_options options() {
    trading_day_options o;
    o.messages_per_second = 1'000;
    return o;
  }
  feed_time time() const { return {at_ms * ms, 36'000'000 * ms + at_ms * ms, 1'754'550'000'000 * ms + at_ms * ms}; }

  void run(std::uint64_t milliseconds) {
    for (std::uint64_t i = 0; i < milliseconds; ++i, ++at_ms) {
      day.advance(time(), *feed, messages);
      for (std::size_t n = 0; n < messages.count(); ++n) {
        const auto message = messages.message(n);
        if (name == protocol::gtp && message[2] == 'P') trades.append(cache.next(), message);
        cache.append(message);
        sent.emplace_back(message.begin(), message.end());
      }
      messages.clear();
    }
  }
  const byte_buffer& sent_message(std::uint32_t sequence) const { return sent[sequence - 1]; }

  std::unique_ptr<conversation> connect(service_kind kind) {
    answer_service& answers = kind == service_kind::replay ? static_cast<answer_service&>(replay) : recovery;
    return std::make_unique<conversation>(service_parts{*wire, answers, desk, faults, counts, 'A'}, now);
  }

  /// Sends what `write(mitch_encoder or gtp_encoder)` wrote, each message in a unit of its own.
  template <class Write>
  void say(conversation& to, Write&& write) {
    message_buffer request;
    if constexpr (std::is_invocable_v<Write, mitch_encoder&>) {
      mitch_encoder encoder{request};
      write(encoder);
    } else {
      gtp_encoder encoder{request};
      write(encoder);
    }
    byte_buffer bytes;
    append_admin_units(request, ' ', bytes);
    to.receive(bytes, now);
  }
  void log_in(conversation& to, std::string_view comp_id = "TICK01", std::string_view password = "mit_1234") {
    if (name == protocol::gtp)
      say(to, [&](gtp_encoder& e) { e.login_request(comp_id); });
    else
      say(to, [&](mitch_encoder& e) { e.login_request(comp_id, password); });
  }
  /// Everything the service says until it has nothing more at the moment.
  byte_buffer hear_bytes(conversation& from) {
    byte_buffer out;
    for (std::size_t before = 1; before != out.size() && !from.is_over();) {
      before = out.size();
      byte_buffer piece;
      from.advance(now, room, piece);
      out.insert(out.end(), piece.begin(), piece.end());
    }
    return out;
  }
  std::vector<told_message> hear(conversation& from) { return read_units(hear_bytes(from), name); }
  /// The status letter of the only message heard.
  char hear_status(conversation& from, std::size_t at) {
    const auto heard = hear(from);
    if (heard.size() != 1 || heard[0].bytes.size() <= at) return '?';
    return static_cast<char>(heard[0].bytes[at]);
  }
  char login_status(conversation& from) { return hear_status(from, name == protocol::gtp ? 3 : 2); }

  protocol name;
  std::uint64_t at_ms = 0;
  steady_time now = begin;
  trading_day day;
  message_buffer messages;
  std::unique_ptr<market_feed> feed;
  message_cache cache;
  trade_log trades;
  std::vector<byte_buffer> sent;
  std::unique_ptr<service_protocol> wire;
  service_desk desk;
  replay_service replay;
  recovery_service recovery;
  service_faults faults;
  service_counts counts;
};

void expect_book(const services& at, test::lse_book_checker& checker, std::size_t index) {
  const auto& one = at.day.engine().at(index);
  for (const bool quotes : {false, true})
    for (const side s : both_sides) {
      const auto seen = checker.side(one.of.instrument, quotes, s == side::buy);
      std::size_t n = 0;
      (quotes ? one.quotes : one.orders).for_each(s, [&](const book_order& order) {
        ASSERT_LT(n, seen.size());
        EXPECT_EQ(seen[n].id, order.id);
        EXPECT_EQ(seen[n].quantity, order.shown);
        ++n;
      });
      EXPECT_EQ(n, seen.size());
    }
}

class LseServices : public testing::TestWithParam<protocol> {};
INSTANTIATE_TEST_SUITE_P(Protocols, LseServices, testing::Values(protocol::mitch, protocol::gtp));

TEST_P(LseServices, LetKnownCompIdsIn) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  EXPECT_EQ(at.login_status(*client), 'A');
  EXPECT_FALSE(client->is_over());
}

TEST_P(LseServices, TellMitchClientsNothingAndGtpClientsWhyTheyAreUnknown) {
  services at{GetParam()};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client, "NOBODY");
  EXPECT_EQ(at.login_status(*client), GetParam() == protocol::gtp ? 'f' : '?');
  EXPECT_TRUE(client->is_over());
}

TEST(LseMitchServices, RefuseAWrongPasswordAndALockedCompId) {
  service_rules rules;
  rules.accounts[1].locked = true;
  services at{protocol::mitch, rules};
  auto wrong = at.connect(service_kind::replay), locked = at.connect(service_kind::replay);
  at.log_in(*wrong, "TICK01", "guess");
  at.log_in(*locked, "TICK02");
  EXPECT_EQ(at.login_status(*wrong), 'e');
  EXPECT_EQ(at.login_status(*locked), 'a');
  EXPECT_TRUE(wrong->is_over() && locked->is_over());
}

TEST_P(LseServices, AllowOneConnectionPerCompIdAndEndASecondLogin) {
  services at{GetParam()};
  auto first = at.connect(service_kind::replay), second = at.connect(service_kind::replay);
  at.log_in(*first);
  EXPECT_EQ(at.login_status(*first), 'A');
  at.now += 1s;
  at.log_in(*second);
  EXPECT_EQ(at.login_status(*second), 'd');
  EXPECT_TRUE(second->is_over());
  EXPECT_FALSE(first->is_over());
  // The other service is open to it in MITCH, but not in GTP.
  auto other = at.connect(service_kind::recovery);
  at.now += 1s;
  at.log_in(*other);
  EXPECT_EQ(at.login_status(*other), GetParam() == protocol::gtp ? 'd' : 'A');
  at.log_in(*first);
  EXPECT_TRUE(first->is_over());
  EXPECT_EQ(at.counts.second_logins, 1u);
  auto third = at.connect(service_kind::replay);
  at.now += 1s;
  at.log_in(*third);
  EXPECT_EQ(at.login_status(*third), 'A');
}

TEST_P(LseServices, IgnoreWhatComesBeforeTheLoginIsAnswered) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  const auto ask = [&] {
    if (at.name == protocol::gtp)
      at.say(*client, [](gtp_encoder& e) { e.replay_request(1, 2, 3); });
    else
      at.say(*client, [](mitch_encoder& e) { e.replay_request('A', 1, 2); });
  };
  ask();
  at.log_in(*client);
  ask();
  EXPECT_EQ(at.login_status(*client), 'A');
  EXPECT_EQ(at.counts.ignored, 2u);
  ask();
  EXPECT_GE(at.hear(*client).size(), 3u);
}

TEST_P(LseServices, EndConnectionsThatKeepSilent) {
  services at{GetParam()};
  auto mute = at.connect(service_kind::replay), idle = at.connect(service_kind::replay);
  at.log_in(*idle);
  EXPECT_EQ(at.login_status(*idle), 'A');
  at.now += 4'999ms;
  at.hear_bytes(*mute);
  at.hear_bytes(*idle);
  EXPECT_FALSE(mute->is_over() || idle->is_over());
  at.now += 1ms;
  at.hear_bytes(*mute);
  at.hear_bytes(*idle);
  EXPECT_TRUE(mute->is_over() && idle->is_over());
  EXPECT_EQ(at.counts.timeouts, 2u);
}

TEST_P(LseServices, RefuseLoginsAndRequestsBeyondTheDaysLimits) {
  service_rules rules;
  rules.logins_a_day = 2;
  rules.replays_a_day = 1;
  services at{GetParam(), rules};
  const auto ask = [&](conversation& client) {
    if (at.name == protocol::gtp)
      at.say(client, [](gtp_encoder& e) { e.replay_request(1, 1, 9); });
    else
      at.say(client, [](mitch_encoder& e) { e.replay_request('A', 1, 1); });
  };
  std::string logins, requests;
  for (int i = 0; i < 4; ++i) {
    if (i == 3) at.desk.begin_day();
    auto client = at.connect(service_kind::replay);
    at.now += 10s;
    at.log_in(*client);
    logins += at.login_status(*client);
    if (client->is_over()) continue;
    ask(*client);
    const auto heard = at.hear(*client);
    ASSERT_GE(heard.size(), 1u);
    requests += static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 9]);
  }
  EXPECT_EQ(logins, "AAbA");
  EXPECT_EQ(requests, "ADA");
}

TEST_P(LseServices, LetQuickLoginsWaitLongerAndLonger) {
  services at{GetParam()};
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 4; ++i) {
    auto client = at.connect(service_kind::replay);
    at.log_in(*client);
    auto waited = 0ms;
    while (at.hear_bytes(*client).empty() && waited < 10s) {
      waited += 1ms;
      at.now += 1ms;
    }
    waits.push_back(waited);
  }
  EXPECT_EQ(waits, (std::vector<std::chrono::milliseconds>{0ms, 100ms, 200ms, 400ms}));
}

TEST_P(LseServices, ReplayExactlyWhatWasSent) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  if (at.name == protocol::gtp)
    at.say(*client, [](gtp_encoder& e) { e.replay_request(200, 700, 42); });
  else
    at.say(*client, [](mitch_encoder& e) { e.replay_request('A', 200, 700); });
  const auto heard = at.hear(*client);
  const std::size_t ends = at.name == protocol::gtp ? 1 : 0;
  ASSERT_EQ(heard.size(), 1 + 700 + ends);
  EXPECT_EQ(heard[0].type(at.name), 4);
  EXPECT_EQ(heard[0].sequence, 0u);
  for (std::uint32_t i = 0; i < 700; ++i) {
    ASSERT_EQ(heard[1 + i].sequence, 200 + i);
    ASSERT_EQ(heard[1 + i].bytes, at.sent_message(200 + i));
  }
  if (at.name == protocol::gtp) {
    EXPECT_EQ(heard.back().type(at.name), 0x83);
    EXPECT_EQ(number(heard.back().bytes, 3, 4), 42u);
    EXPECT_TRUE(client->is_over());
    return;
  }
  EXPECT_FALSE(client->is_over());
  at.say(*client, [](mitch_encoder& e) { e.logout_request(); });
  EXPECT_TRUE(client->is_over());
}

TEST_P(LseServices, AnswerQueuedRequestsOneAfterTheOther) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  if (at.name == protocol::gtp)
    at.say(*client, [](gtp_encoder& e) {
      for (std::uint32_t i = 0; i < 3; ++i) e.replay_request(1 + 10 * i, 2, i);
    });
  else
    at.say(*client, [](mitch_encoder& e) {
      for (std::uint32_t i = 0; i < 3; ++i) e.replay_request('A', 1 + 10 * i, 2);
    });
  std::vector<std::uint32_t> sequences;
  for (const auto& message : at.hear(*client))
    if (message.sequence > 0) sequences.push_back(message.sequence);
  EXPECT_EQ(sequences, (std::vector<std::uint32_t>{1, 2, 11, 12, 21, 22}));
}

TEST_P(LseServices, RefuseRangesThatAreNotWhollyInTheCache) {
  services at{GetParam()};
  const auto status = [&](std::uint32_t first, std::uint32_t count, char group = 'A') {
    auto client = at.connect(service_kind::replay);
    at.now += 1s;
    at.log_in(*client);
    at.hear_bytes(*client);
    if (at.name == protocol::gtp)
      at.say(*client, [&](gtp_encoder& e) { e.replay_request(first, count, 1); });
    else
      at.say(*client, [&](mitch_encoder& e) { e.replay_request(group, first, static_cast<std::uint16_t>(count)); });
    const auto heard = at.hear(*client);
    return heard.empty() ? '?' : static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 9]);
  };
  const auto next = at.cache.next();
  EXPECT_EQ(status(next - 1, 1), 'A');
  EXPECT_EQ(status(next - 1, 2), 'O');
  EXPECT_EQ(status(next, 1), 'O');
  EXPECT_EQ(status(0, 1), 'O');
  EXPECT_EQ(status(1, 0), 'O');
  EXPECT_EQ(status(1, 1), 'A');
  byte_buffer filler{20, 0, '0'};
  filler.resize(20);
  while (at.cache.next() <= message_cache::capacity + 1) at.cache.append(filler);
  EXPECT_EQ(status(1, 1), 'O');
  EXPECT_EQ(status(2, 1), 'A');
  EXPECT_EQ(status(2, 65'000), 'A');
  EXPECT_EQ(status(5, 1, 'Z'), at.name == protocol::mitch ? 'I' : 'A'); // GTP has no group in its request
  at.cache.restart();
  EXPECT_EQ(status(5, 1), 'O');
}

TEST(LseCache, KeepsARunForItsReplayWhateverLeavesTheCache) {
  message_cache cache;
  for (std::uint32_t i = 1; i <= 3'000; ++i) cache.append(byte_buffer{static_cast<std::uint8_t>(i), 7});
  const auto run = cache.take(500, 2'400);
  cache.restart();
  for (std::uint32_t i = 0; i < 100'000; ++i) cache.append(byte_buffer{0});
  EXPECT_EQ(cache.first(), 100'001 - message_cache::capacity);
  for (std::uint32_t i = 500; i < 2'900; ++i) ASSERT_EQ(run.message(i)[0], static_cast<std::uint8_t>(i));
}

TEST(LseMitchServices, GiveASnapshotOfOneInstrumentWithItsNumber) {
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

TEST(LseMitchServices, GiveEveryInstrumentOfASegmentTheNumberOfItsMoment) {
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

TEST(LseMitchServices, RefuseWhatTheyDoNotKnow) {
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

TEST(LseMitchServices, HideWhatALevel1OnlyAuctionHides) {
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

TEST(LseGtpServices, GiveBooksWithTheNumberInTheResponse) {
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
}

TEST(LseGtpServices, GiveOneBookTypeOfOneInstrument) {
  services at{protocol::gtp};
  gtp::recovery_request request;
  request.instrument = at.day.engine().at(5).of.instrument;
  request.of = gtp::book::firm_quote;
  const auto answer = ask_gtp(at, request);
  EXPECT_EQ(answer.messages.size(), 7u);
  EXPECT_EQ(answer.completes, "T ");
}

TEST(LseGtpServices, GiveTheOtherKindsOfRecovery) {
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

TEST(LseGtpServices, RefuseMoreThanTenQueuedRequests) {
  services at{protocol::gtp};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  at.hear_bytes(*client);
  at.say(*client, [](gtp_encoder& e) {
    for (std::uint32_t i = 1; i <= 12; ++i) e.replay_request(i, 1, i);
  });
  std::map<char, int> statuses;
  for (const auto& message : at.hear(*client))
    if (message.type(at.name) == 4) ++statuses[static_cast<char>(message.bytes[11])];
  EXPECT_EQ(statuses['A'], 10);
  EXPECT_EQ(statuses['c'], 2);
}

TEST_P(LseServices, CloseOnBytesThatAreNoUnits) {
  services at{GetParam()};
  auto short_unit = at.connect(service_kind::replay), long_unit = at.connect(service_kind::replay),
       broken = at.connect(service_kind::replay);
  short_unit->receive(byte_buffer{3, 0, 1, 'A', 0, 0, 0, 0}, at.now);
  long_unit->receive(byte_buffer{0xFF, 0xFF, 1, 'A', 0, 0, 0, 0}, at.now);
  broken->receive(byte_buffer{10, 0, 1, 'A', 0, 0, 0, 0, 200, 200}, at.now);
  EXPECT_TRUE(short_unit->is_over() && long_unit->is_over() && broken->is_over());
  EXPECT_EQ(at.counts.malformed, 3u);
}

TEST_P(LseServices, TakeRequestsInPieces) {
  services at{GetParam()};
  auto client = at.connect(service_kind::replay);
  message_buffer login;
  if (at.name == protocol::gtp)
    gtp_encoder{login}.login_request("TICK02");
  else
    mitch_encoder{login}.login_request("TICK02", "mit_1234");
  byte_buffer bytes;
  append_admin_units(login, ' ', bytes);
  for (const auto byte : bytes) {
    EXPECT_TRUE(at.hear_bytes(*client).empty());
    client->receive(std::span{&byte, 1}, at.now);
  }
  EXPECT_EQ(at.login_status(*client), 'A');
}

TEST_P(LseServices, RefuseAndDelayAtTheirRates) {
  service_fault_rates rates;
  rates.refuse = 0.25;
  rates.delay = 40ms;
  service_rules rules;
  rules.logins_a_day = rules.recoveries_a_day = 1'000'000;
  services at{GetParam(), rules, rates};
  int refused_logins = 0, refused = 0, asked = 0, delayed = 0;
  for (int i = 0; i < 400; ++i) {
    auto client = at.connect(service_kind::recovery);
    at.now += 1s;
    at.log_in(*client);
    delayed += at.hear_bytes(*client).empty() ? 1 : 0;
    at.now += 100ms;
    if (at.login_status(*client) != 'A') {
      EXPECT_TRUE(client->is_over());
      ++refused_logins;
      continue;
    }
    ++asked;
    if (at.name == protocol::gtp)
      at.say(*client, [](gtp_encoder& e) {
        gtp::recovery_request request;
        request.instrument = 10'101;
        e.recovery_request(request);
      });
    else
      at.say(*client, [](mitch_encoder& e) { e.snapshot_request(0, {}, 10'101); });
    at.now += 100ms;
    const auto heard = at.hear(*client);
    ASSERT_FALSE(heard.empty());
    const char status = static_cast<char>(heard[0].bytes[at.name == protocol::gtp ? 11 : 10]);
    refused += status == (at.name == protocol::gtp ? 'e' : 'U') ? 1 : 0;
  }
  EXPECT_EQ(delayed, 400);
  EXPECT_NEAR(refused_logins, 100, 40);
  EXPECT_NEAR(refused, asked / 4, 40);
  EXPECT_EQ(at.faults.counts().refused, static_cast<std::uint64_t>(refused + refused_logins));
}

TEST_P(LseServices, CutConnectionsInMidMessage) {
  service_fault_rates rates;
  rates.cut = 1;
  services at{GetParam(), {}, rates};
  auto client = at.connect(service_kind::replay);
  at.log_in(*client);
  const auto whole = unit_header_bytes + (at.name == protocol::gtp ? 4u : 3u);
  const auto bytes = at.hear_bytes(*client);
  EXPECT_GE(bytes.size(), 1u);
  EXPECT_LT(bytes.size(), whole);
  EXPECT_TRUE(client->is_over());
  EXPECT_EQ(at.faults.counts().cut, 1u);
}

TEST_P(LseServices, GiveOldPicturesThatBelongToOldNumbers) {
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

TEST_P(LseServices, HaveNoFaultsWhileTheyAreSwitchedOff) {
  service_fault_rates rates;
  rates.refuse = rates.cut = rates.stale = 1;
  run_state state;
  state.faults_on = false;
  services at{GetParam(), {}, rates, state};
  auto client = at.connect(service_kind::recovery);
  at.log_in(*client);
  EXPECT_EQ(at.login_status(*client), 'A');
}

TEST(LondonClock, HasSummerTime) {
  // 2025-03-30 and 2025-10-26 at 01:00 UTC.
  EXPECT_EQ(london_offset_s(1'743'296'399), 0);
  EXPECT_EQ(london_offset_s(1'743'296'400), 3600);
  EXPECT_EQ(london_offset_s(1'761'440'399), 3600);
  EXPECT_EQ(london_offset_s(1'761'440'400), 0);
  EXPECT_EQ(london_day_ns(1'754'550'000'123'456'789), 8 * 3'600'000'000'000ull + 123'456'789);
  EXPECT_EQ(london_day_ns(1'000'000'000, -3600), 82'801'000'000'000ull);
}

} // namespace
} // namespace tickplant::sim::lse
