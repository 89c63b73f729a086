// A simulated London market that has traded for some seconds, with its services in front of it, for the tests of them.
#pragma once

#include "tickplant_sim/lse/conversation.hpp"
#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"
#include "tickplant_sim/lse/recovery_service.hpp"
#include "tickplant_sim/lse/replay_service.hpp"
#include "tickplant_sim/lse/unit.hpp"
#include "tickplant_sim/tests/lse_book_checker.hpp"

#include <gtest/gtest.h>
#include <map>
#include <set>

namespace tickplant::sim::lse {

inline constexpr std::uint64_t ms = 1'000'000;
inline constexpr std::size_t room = 1 << 20;
inline const steady_time begin{std::chrono::hours{10}};

inline std::uint64_t number(std::span<const std::uint8_t> m, std::size_t at, std::size_t bytes) {
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
inline std::vector<told_message> read_units(std::span<const std::uint8_t> bytes, protocol name) {
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

inline void expect_book(const services& at, test::lse_book_checker& checker, std::size_t index) {
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

} // namespace tickplant::sim::lse
