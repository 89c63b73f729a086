#include "tickplant_sim/endpoint.hpp"
#include "tickplant_sim/options.hpp"

#include <gtest/gtest.h>
#include <sstream>

namespace tickplant::sim {
namespace {

struct parsed {
  command_line line;
  std::string out, err;
};

parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "tickplant-sim");
  std::ostringstream out, err;
  auto line = parse_command_line(static_cast<int>(arguments.size()), arguments.data(), out, err);
  return {std::move(line), out.str(), err.str()};
}

TEST(Options, HaveTheDocumentedDefaults) {
  const auto p = parse({});
  ASSERT_TRUE(p.line.wanted.has_value()) << p.err;
  const auto& o = *p.line.wanted;
  EXPECT_TRUE(o.nasdaq.wanted && o.binance.wanted);
  EXPECT_EQ(o.nasdaq.exchange.lines[0].to.port(), 26400);
  EXPECT_EQ(o.nasdaq.exchange.lines[1].to.port(), 26401);
  EXPECT_EQ(o.nasdaq.exchange.rerequest.port(), 26402);
  EXPECT_EQ(o.binance.exchange.server.listen.port(), 26500);
  EXPECT_EQ(o.nasdaq.exchange.session.size(), 10u);
  EXPECT_EQ(o.nasdaq.day.messages_per_second, 2000);
}

TEST(Options, DescribeTheLondonSide) {
  const auto plain = parse({});
  ASSERT_TRUE(plain.line.wanted.has_value()) << plain.err;
  const auto& o = plain.line.wanted->lse;
  EXPECT_TRUE(o.wanted);
  EXPECT_EQ(o.exchange.name, lse::protocol::mitch);
  EXPECT_EQ(o.exchange.lines[0].to.port(), 26420);
  EXPECT_EQ(o.exchange.lines[1].to.port(), 26421);
  EXPECT_EQ(o.exchange.replay.port(), 26422);
  EXPECT_EQ(o.exchange.recovery.port(), 26423);
  EXPECT_TRUE(o.exchange.day.level1_auctions);
  const auto other = parse({"--lse-protocol", "gtp", "--lse-comp-ids", "ABCDEFGH,XY:secret", "--lse-logins-a-day", "3",
                            "--storm", "wild", "--lse-day-length", "60"});
  ASSERT_TRUE(other.line.wanted.has_value()) << other.err;
  const auto& exchange = other.line.wanted->lse.exchange;
  EXPECT_EQ(exchange.name, lse::protocol::gtp);
  EXPECT_FALSE(exchange.day.level1_auctions);
  ASSERT_EQ(exchange.rules.accounts.size(), 2u);
  EXPECT_EQ(exchange.rules.accounts[0].comp_id, "ABCDEFGH");
  EXPECT_EQ(exchange.rules.accounts[1].password, "secret");
  EXPECT_EQ(exchange.rules.logins_a_day, 3u);
  EXPECT_EQ(exchange.lines[1].faults.loss, storm(1).line_b.loss);
  EXPECT_EQ(exchange.service_faults.cut, storm(1).service.cut);
  EXPECT_FALSE(parse({"--no-lse"}).line.wanted->lse.wanted);
}

TEST(Options, SetTheFaultsOfEachLine) {
  const auto p = parse({"--loss", "0.1", "--loss-b", "0.5", "--reorder", "0.2", "--seed", "9"});
  ASSERT_TRUE(p.line.wanted.has_value()) << p.err;
  const auto& lines = p.line.wanted->nasdaq.exchange.lines;
  EXPECT_EQ(lines[0].faults.loss, 0.1);
  EXPECT_EQ(lines[1].faults.loss, 0.5);
  EXPECT_EQ(lines[1].faults.reorder, 0.2);
  EXPECT_NE(lines[0].fault_seed, lines[1].fault_seed);
}

TEST(Options, GiveTheFaultsOfServicesAndChannels) {
  const auto p =
    parse({"--late-b",      "20",  "--silence",         "0.5",  "--silence-length", "2",   "--unknown", "0.1",
           "--reset-every", "60",  "--recovery-refuse", "0.2",  "--recovery-delay", "30",  "--tcp-cut", "0.3",
           "--stale",       "0.4", "--stream-gap",      "0.01", "--malformed",      "0.02"});
  ASSERT_TRUE(p.line.wanted.has_value()) << p.err;
  const auto& faults = p.line.wanted->common.faults;
  EXPECT_EQ(faults.line_a.late.count(), 0);
  EXPECT_EQ(faults.line_b.late.count(), 20);
  EXPECT_EQ(faults.line_a.silence, 0.5);
  EXPECT_EQ(faults.line_b.silence_length.count(), 2'000);
  EXPECT_EQ(faults.channel.unknown, 0.1);
  EXPECT_EQ(faults.channel.reset_every.count(), 60'000);
  EXPECT_EQ(faults.service.refuse, 0.2);
  EXPECT_EQ(faults.service.delay.count(), 30);
  EXPECT_EQ(faults.service.cut, 0.3);
  EXPECT_EQ(faults.service.stale, 0.4);
  EXPECT_EQ(faults.stream.malformed, 0.02);
  EXPECT_EQ(p.line.wanted->binance.exchange.faults.gap, 0.01);
}

TEST(Options, MixAllFaultsInAStormAndLetSingleOnesStandOverIt) {
  const auto wild = parse({"--storm", "wild", "--loss-b", "0.5", "--reset-every", "0"});
  ASSERT_TRUE(wild.line.wanted.has_value()) << wild.err;
  const auto& faults = wild.line.wanted->common.faults;
  EXPECT_EQ(faults.line_a.loss, storm(1).line_a.loss);
  EXPECT_EQ(faults.line_b.loss, 0.5);
  EXPECT_EQ(faults.channel.reset_every.count(), 0);
  EXPECT_GT(faults.line_b.late.count(), 0);
  const auto mild = parse({"--storm", "mild"});
  ASSERT_TRUE(mild.line.wanted.has_value()) << mild.err;
  EXPECT_LT(mild.line.wanted->common.faults.line_a.loss, faults.line_a.loss);
  EXPECT_GT(mild.line.wanted->common.faults.channel.reset_every, storm(1).channel.reset_every);
  EXPECT_EQ(parse({}).line.wanted->common.faults.line_a.loss, 0);
}

TEST(Options, GiveNyseItsAddressesAndFaults) {
  const auto p = parse({"--loss-b", "0.2", "--recovery-refuse", "0.3", "--reset-every", "5", "--silence", "0.1",
                        "--nyse-source-id", "ONE,TWO", "--nyse-heartbeat", "2"});
  ASSERT_TRUE(p.line.wanted.has_value()) << p.err;
  EXPECT_TRUE(p.line.wanted->nyse.wanted);
  const auto& nyse = p.line.wanted->nyse.exchange;
  EXPECT_EQ(nyse.lines[0].to.port(), 26410);
  EXPECT_EQ(nyse.lines[1].to.port(), 26411);
  EXPECT_EQ(nyse.server.listen.port(), 26412);
  EXPECT_EQ(nyse.retransmission.to.port(), 26413);
  EXPECT_EQ(nyse.refresh.to.port(), 26414);
  EXPECT_EQ(nyse.lines[0].faults.loss, 0);
  EXPECT_EQ(nyse.lines[1].faults.loss, 0.2);
  EXPECT_EQ(nyse.refresh.faults.silence, 0);
  EXPECT_EQ(nyse.service_faults.refuse, 0.3);
  EXPECT_EQ(nyse.channel_faults.reset_every.count(), 5'000);
  EXPECT_EQ(nyse.desk.source_ids, (std::vector<std::string>{"ONE", "TWO"}));
  EXPECT_EQ(nyse.server.heartbeat_interval.count(), 2'000);
  EXPECT_NE(nyse.lines[0].fault_seed, nyse.lines[1].fault_seed);
  EXPECT_NE(nyse.lines[0].fault_seed, p.line.wanted->nasdaq.exchange.lines[0].fault_seed);
}

TEST(Options, ChooseTheExchanges) {
  const auto one = parse({"--only", "binance"});
  ASSERT_TRUE(one.line.wanted.has_value()) << one.err;
  EXPECT_FALSE(one.line.wanted->nasdaq.wanted);
  EXPECT_TRUE(one.line.wanted->binance.wanted);
  EXPECT_FALSE(parse({"--no-binance"}).line.wanted->binance.wanted);
}

TEST(Options, SayWhatIsWrong) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
    {{"--nasdaq-a", "127.0.0.1:0"}, "port must be given"},
    {{"--nasdaq-a", "tcp://127.0.0.1:1"}, "udp://"},
    {{"--binance", "localhost:1"}, "not a numeric address"},
    {{"--loss", "2"}, "--loss"},
    {{"--only", "nasdaq", "--no-nasdaq"}, "nothing to play"},
    {{"--only", "moonbase"}, "--only"},
    {{"--control", "192.0.2.1:80"}, "loopback"},
    {{"--lse-protocol", "itch"}, "--lse-protocol"},
    {{"--lse-comp-ids", "TOOLONGID"}, "--lse-comp-ids 'TOOLONGID'"},
    {{"--lse-replay", "udp://127.0.0.1:1"}, "--lse-replay"},
    {{"--lse-group", "AB"}, "--lse-group"},
    {{"--nyse-request", "udp://127.0.0.1:1"}, "--nyse-request"},
    {{"--nyse-refresh", "127.0.0.1:0"}, "--nyse-refresh '127.0.0.1:0': a line is sent"},
    {{"--storm", "hot"}, "--storm 'hot'"},
    {{"--storm", "2"}, "--storm '2'"},
    {{"--exit-at-end"}, "--exit-at-end needs"},
    {{"--nasdaq-session", "MUCHTOOLONGNAME"}, "10 characters"},
    {{"--generate-itch", "x", "--messages", "5"}, "--messages must be at least"},
    {{"--nonsense"}, "--nonsense"}};
  for (const auto& [arguments, expected] : cases) {
    const auto p = parse(arguments);
    EXPECT_FALSE(p.line.wanted.has_value()) << expected;
    EXPECT_NE(p.line.exit_code, 0);
    EXPECT_NE(p.err.find(expected), std::string::npos) << p.err;
  }
}

TEST(Options, PrintHelpAndLeaveWithSuccess) {
  const auto p = parse({"--help"});
  EXPECT_FALSE(p.line.wanted.has_value());
  EXPECT_EQ(p.line.exit_code, 0);
  EXPECT_NE(p.out.find("--binance-recording"), std::string::npos);
}

TEST(Endpoint, ReadsAddressesOfBothFamilies) {
  EXPECT_EQ(parse_endpoint("udp://239.1.2.3:5", "udp").host.to_string(), "239.1.2.3");
  EXPECT_EQ(parse_endpoint("[::1]:7", "udp").host.to_string(), "::1");
  for (const auto* bad : {"", "1.2.3.4", "1.2.3.4:", "1.2.3.4:70000", "1.2.3.4:5x", ":5"})
    EXPECT_THROW(parse_endpoint(bad, "udp"), std::invalid_argument) << bad;
}

} // namespace
} // namespace tickplant::sim
