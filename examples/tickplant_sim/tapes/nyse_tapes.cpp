// Tapes of the simulated NYSE. Requests and their answers: Pillar Common Client 2.4p, messages 10, 11, 15, 31, 35.
#include "tickplant_sim/nyse/recovery_packets.hpp"
#include "tickplant_sim/nyse/trading_day.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

namespace tickplant::sim::tapes {
namespace {

using namespace nyse;

constexpr std::uint64_t turn = 5 * ms, length = 3'000 * ms, loss_ns = 1'500 * ms;
constexpr std::uint64_t picture_ns = loss_ns + 300 * ms,
                        failover_ns =
                          2'000 * ms;      // on a second, at which message 2 is due anyway: the flow stays the same
constexpr std::uint8_t most_messages = 12; // a packet, so that there are many
constexpr const char* client = "TAPE";

struct packet {
  std::uint64_t at_ns;
  std::uint32_t sequence;
  std::uint8_t count;
  tape_bytes bytes;
};

/// The packets of a short session, and what its services could have said.
struct session {
  std::vector<packet> packets;
  message_store store{std::size_t{64} << 20};
  std::vector<std::uint32_t> indices;
  std::vector<packet_list> lone_pictures; // of single symbols, by index
  packet_list pictures;                   // of all, as one answer
};

class publisher {
public:
  explicit publisher(session& to) noexcept : to_{to} {}

  void put(std::uint64_t at_ns, const message_buffer& messages, delivery flag) {
    std::span<const std::uint8_t> rest = messages;
    building_.begin(flag, next());
    for (auto message = first_message(rest); !message.empty(); message = first_message(rest)) {
      rest = rest.subspan(message.size());
      if (!building_.fits(message) || building_.count() == most_messages) {
        leave(at_ns);
        building_.begin(flag, next());
      }
      building_.add(message);
      to_.store.append(message);
    }
    if (building_.count() > 0) leave(at_ns);
  }
  void heartbeat(std::uint64_t at_ns) {
    building_.begin(delivery::heartbeat, next());
    leave(at_ns);
  }
  /// Message 1 in a packet of its own, three times, as the venue repeats it.
  void reset(std::uint64_t at_ns, const message_buffer& message, delivery flag) {
    to_.store.clear();
    to_.store.append(message);
    for (int i = 0; i < 3; ++i) {
      building_.begin(flag, 1);
      building_.add(message);
      leave(at_ns);
    }
  }
  std::uint32_t next() const noexcept { return static_cast<std::uint32_t>(to_.store.next_sequence()); }

private:
  void leave(std::uint64_t at_ns) {
    const auto bytes = building_.bytes(static_cast<std::int64_t>(start_ns + at_ns));
    to_.packets.push_back({at_ns, building_.first_sequence(), building_.count(), {bytes.begin(), bytes.end()}});
  }

  session& to_;
  xdp_packet building_;
};

trading_day_options options_of(std::uint64_t seed) {
  trading_day_options options;
  const auto listed = demo_stocks();
  for (const char* symbol : {"BRK.A", "IBM", "KO", "NVR", "NTEST.A"})
    for (const auto& stock : listed)
      if (stock.symbol == symbol) options.market.stocks.push_back(stock);
  options.market.flow.live_orders_per_symbol = 40;
  options.market.flow.seed = seed;
  options.messages_per_second = 800;
  options.open_after_s = 0.5;
  options.halt_every_s = 1;
  options.halt_length_s = 0.4;
  options.summary_every_s = 1;
  return options;
}

session session_of(std::uint64_t seed, bool fails_over) {
  using place = refresh_place;
  session made;
  publisher out{made};
  trading_day day{options_of(seed)};
  const auto clock = [](std::uint64_t elapsed) {
    return day_clock{elapsed, static_cast<std::int64_t>(start_ns + elapsed)};
  };
  for (int i = 0; i < 2; ++i) out.heartbeat(0);
  out.reset(0, day.reset_message(clock(0)), delivery::sequence_reset);
  message_buffer messages;
  day.begin(clock(0), messages);
  for (std::uint64_t elapsed = 0; elapsed <= length; elapsed += turn) {
    if (fails_over && elapsed == failover_ns) {
      out.reset(elapsed, day.reset_message(clock(elapsed)), delivery::failover);
      message_buffer books;
      day.fail_over(clock(elapsed), books);
      out.put(elapsed, books, delivery::failover);
    }
    day.advance(clock(elapsed), messages);
    out.put(elapsed, messages, delivery::original);
    messages.clear();
    if (elapsed % (100 * ms) == 0) out.heartbeat(elapsed);
    if (elapsed != picture_ns) continue;
    auto& market = day.market();
    const auto unix_ns = static_cast<std::int64_t>(start_ns + elapsed);
    std::uint32_t alone = 1, together = 1;
    for (std::size_t i = 0; i < market.count(); ++i) {
      const auto where = i == 0 ? place::first : i + 1 == market.count() ? place::last : place::middle;
      made.indices.push_back(market.stock(i).index);
      made.lone_pictures.push_back(refresh_packets(market, i, out.next() - 1, place::alone, alone, unix_ns));
      for (auto& bytes : refresh_packets(market, i, out.next() - 1, where, together, unix_ns))
        made.pictures.push_back(std::move(bytes));
    }
  }
  // What follows is silence but for heartbeats, as on a quiet day.
  for (std::uint64_t i = 1; i <= 5; ++i) out.heartbeat(length + i * 500 * ms);
  return made;
}

struct loss {
  std::size_t from = SIZE_MAX, count = 0; // packets that no line brings
};

/// Heartbeats of the lines and of the request server; the server's are answered by message 12.
void add_quiet_lines(timeline& to) {
  xdp_packet empty;
  empty.begin(delivery::heartbeat, 1);
  for (std::uint64_t at = 0; at <= length; at += 1'000 * ms) {
    const auto bytes = empty.bytes(static_cast<std::int64_t>(start_ns + at));
    to.add(at, unit("refresh", bytes));
    to.add(at + 500 * ms, stream("request", bytes));
  }
}

tape of(const session& from, const std::string& name, loss lost = {}, std::uint64_t begin_ns = 0) {
  tape t;
  t.name = name;
  t.start_ns = start_ns + begin_ns;
  t.settings = {{"lines.a", "udp://127.0.0.1:26410"},       {"lines.b", "udp://127.0.0.1:26411"},
                {"lines.request", "tcp://127.0.0.1:26412"}, {"lines.retransmission", "udp://127.0.0.1:26413"},
                {"lines.refresh", "udp://127.0.0.1:26414"}, {"source_id", client}};
  timeline steps;
  for (std::size_t i = 0; i < from.packets.size(); ++i) {
    if (i >= lost.from && i < lost.from + lost.count) continue;
    steps.add(from.packets[i].at_ns, unit("a", from.packets[i].bytes));
    steps.add(from.packets[i].at_ns, unit("b", from.packets[i].bytes));
  }
  add_quiet_lines(steps);
  steps.write(t, begin_ns);
  if (name != "good_day") t.like = "good_day";
  return t;
}

/// What a request begins with on the wire: the packet's head of 16 bytes with one message, then the message's head.
tape_reaction when_asked(std::uint8_t type, std::uint8_t size) {
  tape_reaction made;
  made.line = "request";
  made.pattern = {static_cast<int>(packet_header_bytes) + size, 0, -1, 1};
  made.pattern.resize(packet_header_bytes, -1);
  for (const int byte : {int{size}, 0, int{type}, 0}) made.pattern.push_back(byte);
  return made;
}

/// Message 11, with the number of the request's packet and, of a range, its ends.
void respond(tape_reaction& to, char status, bool is_range) {
  message_buffer message;
  xdp_encoder{message}.request_response(0, 0, 0, client, product_id, channel_id, status);
  xdp_packet packet;
  packet.begin(delivery::original, 1);
  packet.add(message);
  to.steps.push_back(pause(2 * ms));
  to.steps.push_back(stream("request", packet.bytes(static_cast<std::int64_t>(start_ns))));
  to.echoes.push_back({4, 4, to.steps.size() - 1, packet_header_bytes + 4});
  if (is_range) to.echoes.push_back({packet_header_bytes + 4, 8, to.steps.size() - 1, packet_header_bytes + 8});
}

tape_reaction retransmission(char status) {
  auto made = when_asked(10, 24);
  respond(made, status, true);
  return made;
}

/// Message 15 for one symbol, or 0 for all.
tape_reaction refresh(std::uint32_t index, char status, const packet_list& packets) {
  auto made = when_asked(15, 20);
  for (int shift = 0; shift < 32; shift += 8) made.pattern.push_back(static_cast<int>(index >> shift & 0xFF));
  respond(made, status, false);
  // The pictures were taken behind the loss, and behind the request; they leave when that moment is over.
  if (!packets.empty()) made.steps.push_back(pause(350 * ms));
  for (const auto& bytes : packets) made.steps.push_back(unit("refresh", bytes));
  return made;
}

void add_refreshes(tape& to, const session& from) {
  to.reactions.push_back(refresh(0, accepted, from.pictures));
  for (std::size_t i = 0; i < from.indices.size(); ++i)
    to.reactions.push_back(refresh(from.indices[i], accepted, from.lone_pictures[i]));
}

tape late_start(const session& from) {
  auto t = of(from, "late_start_by_refresh", {}, loss_ns);
  add_refreshes(t, from);
  return t;
}

} // namespace

std::vector<tape> nyse_tapes(std::uint64_t seed) {
  const auto day = session_of(seed, false);
  loss lost{0, 4};
  while (day.packets[lost.from].at_ns < loss_ns || day.packets[lost.from].count == 0) ++lost.from;
  const auto first = day.packets[lost.from].sequence;
  const auto last = day.packets[lost.from + lost.count].sequence - 1;
  const auto unix_ns = static_cast<std::int64_t>(start_ns + loss_ns);
  std::vector<tape> tapes;
  tapes.push_back(of(day, "good_day"));

  auto healed = of(day, "lost_and_retransmitted", lost);
  healed.reactions.push_back(retransmission(accepted));
  healed.reactions.back().steps.push_back(pause(3 * ms));
  for (const auto& bytes : retransmission_packets(day.store, first, last, unix_ns))
    healed.reactions.back().steps.push_back(unit("retransmission", bytes));
  tapes.push_back(std::move(healed));

  auto unavailable = of(day, "unavailable_then_refreshed", lost);
  unavailable.reactions.push_back(retransmission(accepted));
  unavailable.reactions.back().steps.push_back(unit("retransmission", unavailable_packet(first, last, unix_ns)));
  add_refreshes(unavailable, day);
  tapes.push_back(std::move(unavailable));

  auto too_late = of(day, "refused_then_refreshed", lost);
  too_late.reactions.push_back(retransmission(too_old));
  add_refreshes(too_late, day);
  tapes.push_back(std::move(too_late));

  tapes.push_back(late_start(day));

  auto refused = of(day, "lost_for_good", lost);
  refused.expect = tape_expectation::stale;
  refused.reactions.push_back(retransmission(too_old));
  auto no_refresh = when_asked(15, 20);
  respond(no_refresh, too_many_refreshes, false);
  refused.reactions.push_back(std::move(no_refresh));
  tapes.push_back(std::move(refused));

  auto alone = of(day, "request_server_away", lost);
  alone.expect = tape_expectation::stale;
  alone.refused = {"request"};
  tapes.push_back(std::move(alone));

  tapes.push_back(of(session_of(seed, true), "backup_takes_over"));
  return tapes;
}

} // namespace tickplant::sim::tapes
