#include "tickplant_sim/nasdaq/mold_packet.hpp"
#include "tickplant_sim/nasdaq/trading_day.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

#include <algorithm>

namespace tickplant::sim::tapes {
namespace {

using namespace nasdaq;

constexpr std::uint64_t day_ns = 34'200'000 * ms; // 09:30 after midnight
constexpr std::uint64_t turn = 5 * ms, length = 3'000 * ms;
constexpr const char* session = "TAPE000001";
constexpr std::size_t most_messages = 12; // a packet, so that there are many

struct packet {
  std::uint64_t sequence;
  std::uint16_t count;
  tape_bytes bytes;
  bool is_last_of_turn;
};

/// The packets of a short session, by turns of the clock.
std::vector<packet> session_of(std::uint64_t seed) {
  trading_day_options options;
  options.flow.symbols = {{"AAPL", 175, 0.02}, {"MSFT", 335, 0.018}, {"NVDA", 450, 0.035}};
  options.flow.live_orders_per_symbol = 40;
  options.flow.seed = seed;
  options.messages_per_second = 600;
  options.open_after_s = 0.5;
  options.halt_every_s = 1;
  options.halt_length_s = 0.4;
  trading_day day{options};
  std::vector<packet> packets;
  mold_packet building{make_session_name(session)};
  std::uint64_t next = 1;
  building.begin(next);
  const auto close = [&](bool is_last) {
    packets.push_back({next, building.count(), {building.bytes().begin(), building.bytes().end()}, is_last});
    next += building.count();
    building.begin(next);
  };
  for (std::uint64_t elapsed = 0; elapsed <= length; elapsed += turn) {
    block_buffer blocks;
    day.advance({elapsed, day_ns + elapsed, static_cast<std::int64_t>(start_ns + elapsed)}, blocks);
    for (std::span<const std::uint8_t> rest{blocks}; !rest.empty();) {
      const auto block = first_block(rest);
      if (!building.fits(block) || building.count() == most_messages) close(false);
      building.add(block);
      rest = rest.subspan(block.size());
    }
    close(true); // without messages it is a heartbeat
  }
  return packets;
}

struct loss {
  std::size_t from = SIZE_MAX, count = 0; // packets that no line brings
};

tape of(const std::vector<packet>& packets, const std::string& name, loss lost) {
  tape t;
  t.name = name;
  t.start_ns = start_ns;
  t.settings = {{"lines.a", "udp://127.0.0.1:26400"},
                {"lines.b", "udp://127.0.0.1:26401"},
                {"lines.rerequest", "udp://127.0.0.1:26402"}};
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i < lost.from || i >= lost.from + lost.count) {
      t.steps.push_back(unit("a", packets[i].bytes));
      t.steps.push_back(unit("b", packets[i].bytes));
    }
    if (packets[i].is_last_of_turn) wait(t, turn);
  }
  // What follows is silence but for heartbeats, as on a quiet day.
  for (int i = 0; i < 5; ++i) {
    wait(t, 500 * ms);
    t.steps.push_back(unit("a", packets.back().bytes));
    t.steps.push_back(unit("b", packets.back().bytes));
  }
  return t;
}

/// The re-request server (MoldUDP64 1.00, request packet): session, first number, count; it sends those again.
tape_reaction server(const std::vector<packet>& packets, loss lost) {
  tape_reaction made;
  made.line = "rerequest";
  for (const char c : make_session_name(session)) made.pattern.push_back(static_cast<unsigned char>(c));
  made.steps.push_back({step_kind::wait, 2 * ms, {}, {}, 0});
  for (std::size_t i = lost.from; i < lost.from + lost.count; ++i)
    made.steps.push_back(unit("rerequest", packets[i].bytes));
  return made;
}

} // namespace

std::vector<tape> nasdaq_tapes(std::uint64_t seed) {
  const auto packets = session_of(seed);
  std::vector<tape> tapes;
  tapes.push_back(of(packets, "good_day", {}));
  // In the middle of trading: packets with messages in them.
  loss lost{packets.size() / 2, 4};
  while (packets[lost.from].count == 0) ++lost.from;
  auto healed = of(packets, "lost_and_sent_again", lost);
  healed.like = "good_day";
  healed.reactions.push_back(server(packets, lost));
  tapes.push_back(std::move(healed));
  auto refused = of(packets, "lost_for_good", lost);
  refused.like = "good_day";
  refused.expect = tape_expectation::any; // stale is honest; right is better
  tapes.push_back(std::move(refused));
  return tapes;
}

} // namespace tickplant::sim::tapes
