#include "runtime/tools/conformance/run_case.hpp"

#include "runtime/model/decimal.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/conformance/truth.hpp"
#include "runtime/tools/replay/books.hpp"
#include "runtime/tools/replay/event_tape.hpp"
#include "runtime/tools/replay/settle.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" size_t __sanitizer_get_current_allocated_bytes(); // Debian's g++ 12 comes without its header
#endif

namespace tickplant::conformance {

namespace {

constexpr uint32_t most_levels = 100'000;
constexpr size_t most_steps = 50'000'000;

uint64_t heap_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes(); // their heap is not the C library's
#else
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

std::string levels_of(const std::vector<tp_level>& levels, const char* side) {
  std::string text;
  for (const auto& level : levels)
    text += side + (' ' + std::to_string(level.price)) + ' ' + std::to_string(level.quantity) + ' ' +
            std::to_string(level.orders) + "; ";
  return text;
}

/// A value as a person writes it: without zeros that say nothing. "-": not known.
std::string plain(int64_t mantissa, int exponent) {
  return mantissa == TP_NONE ? "-" : without_zeros(model::to_text(mantissa, exponent));
}

std::string plain_levels(const std::vector<tp_level>& levels, const model::instrument& of) {
  std::string text;
  for (const auto& level : levels)
    text += (text.empty() ? "" : "; ") + plain(level.price, of.price_exponent) + ' ' +
            plain(level.quantity, of.quantity_exponent);
  return text;
}

std::map<std::string, std::string> shown_of(const book::publication& p) {
  const int price = p.instrument->price_exponent, size = p.instrument->quantity_exponent;
  return {{"bid", plain(p.bid, price)},
          {"ask", plain(p.ask, price)},
          {"bid_size", plain(p.bid_quantity, size)},
          {"ask_size", plain(p.ask_quantity, size)},
          {"last", plain(p.day.last.price, price)},
          {"open", plain(p.day.open, price)},
          {"high", plain(p.day.high, price)},
          {"low", plain(p.day.low, price)},
          {"previous_close", plain(p.day.previous_close, price)},
          {"volume", without_zeros(model::to_text(p.day.volume, size))},
          {"last_side", p.day.last.aggressor == TP_AGGRESSOR_BUY    ? "buy"
                        : p.day.last.aggressor == TP_AGGRESSOR_SELL ? "sell"
                                                                    : "unknown"},
          {"trades", std::to_string(p.day.trades)},
          {"state", std::string{name_of_state(p.trading_state)}}};
}

void read_books(const replay::books& from, std::map<std::string, book_outcome>& into) {
  book::publication shown;
  for (const auto& entry : from.entries()) {
    if (!entry.engine || entry.is_retired) continue;
    entry.engine->view(shown, most_levels);
    auto& book = into[entry.symbol];
    book.is_trusted = shown.state == book::trust::ok;
    book.reason = shown.state == book::trust::awaiting ? "awaits its first snapshot" : shown.reason;
    if (!shown.instrument) continue;
    book.shown = shown_of(shown);
    if (!book.is_trusted) continue;
    book.levels = levels_of(shown.bids, "bid") + levels_of(shown.asks, "ask");
    book.bids = plain_levels(shown.bids, *shown.instrument);
    book.asks = plain_levels(shown.asks, *shown.instrument);
  }
}

/// What is asked of a plugin at a moment when nothing forces it.
void ask_again(plugin::venue_host& host, const replay::books& state, uint64_t now, case_outcome& told) {
  const auto ask = [&](uint32_t channel, uint32_t number) {
    const auto answer = host.resynchronise(channel, number, now);
    const bool is_allowed = answer == TP_OK || (answer <= TP_E_ARGUMENT && answer >= TP_E_LIMIT);
    told.odd_answers += !is_allowed && !host.is_broken();
  };
  for (const auto& entry : state.entries())
    if (entry.number != UINT32_MAX && !entry.is_retired) {
      const uint32_t channel = state.feed().channel_of(entry.number);
      ask(channel, entry.number);
      ask(channel, TP_ALL);
    }
}

/// Hands events to the books, but for ends of snapshots that are to be refused.
class gate {
public:
  gate(replay::books& state, const tape_world& world, uint32_t refusals, uint64_t& refused)
    : state_(state), world_(world), refusals_(refusals), refused_(refused) {}

  int32_t emit(uint32_t channel, std::span<const tp_event> events) {
    const auto is_refused = [&](const tp_event& e) {
      return e.kind == TP_EV_SNAPSHOT_END && times_[{channel, e.instrument}]++ < refusals_;
    };
    for (auto at = events.begin(); refusals_ > 0 && at != events.end();) {
      if (!is_refused(*at)) {
        ++at;
        continue;
      }
      if (at != events.begin()) state_.feed().emit(channel, {events.begin(), at});
      state_.refuse_snapshot(channel, at->instrument, world_.now());
      ++refused_;
      events = {at + 1, events.end()};
      at = events.begin();
    }
    return events.empty() ? int32_t{TP_OK} : state_.feed().emit(channel, events);
  }

private:
  replay::books& state_;
  const tape_world& world_;
  uint32_t refusals_;
  uint64_t& refused_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> times_;
};

void toggle_interest(plugin::venue_host& host, const replay::books& state, uint64_t now) {
  std::vector<tp_interest> none, all;
  for (const auto& entry : state.entries())
    if (entry.number != UINT32_MAX) {
      none.push_back({entry.number, 0});
      all.push_back({entry.number, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK});
    }
  none.push_back({77'777, TP_WANT_BOOK}); // of no instrument
  host.on_interest(none, now);
  host.on_interest(all, now);
}

void play(plugin::venue_host& host, tape_world& world, replay::books& state, const sdk::testing::tape& tape,
          const treatment& how, case_outcome& told) {
  const size_t middle = tape.steps.size() / 2;
  bool is_middle_past = false;
  host.start(world.now());
  replay::settle(host, world.now(), state);
  const uint64_t before = heap_bytes();
  for (size_t steps = 0; !host.is_broken(); ++steps) {
    if (steps == most_steps) throw std::runtime_error("the plugin never comes to rest");
    if (!is_middle_past && world.position() >= middle) {
      is_middle_past = true;
      if (how.asks_again) ask_again(host, state, world.now(), told);
      if (how.loses_interest) toggle_interest(host, state, world.now());
      if (how.stops_in_the_middle) break;
      replay::settle(host, world.now(), state);
    }
    if (state.next_wish_ns() <= world.now()) replay::settle(host, world.now(), state);
    if (!world.step(host, state.next_wish_ns())) break;
    replay::settle(host, world.now(), state);
  }
  const uint64_t after = heap_bytes();
  told.grown_bytes = after > before ? after - before : 0;
  if (!host.is_broken()) state.publish(world.now());
}

} // namespace

case_outcome run_case(const plugin::venue_plugin& plugin, const sdk::testing::tape& tape, const treatment& how) {
  case_outcome told;
  plugin::settings_list settings;
  std::vector<std::string> symbols;
  for (const auto& [key, value] : tape.settings) {
    settings.emplace_back(key, value);
    if (key == "symbols" || key.starts_with("symbols.")) symbols.push_back(value);
  }
  for (const auto& [key, problem] : plugin::venue_host::validate(plugin, settings)) {
    told.complaints += (told.complaints.empty() ? "" : "; ") + key + ": " + problem;
  }
  if (!told.complaints.empty()) return told;

  replay::books state{plugin.name(), plugin.ops().order_refs, symbols};
  tape_world world{tape, how.how};
  replay::event_tape emitted{{}};
  gate into_books{state, world, how.refuses_snapshots, told.refused_snapshots};
  {
    plugin::venue_host host{plugin, state.feed(), world, {settings, how.log, 1}};
    std::map<uint32_t, bool> half; // by channel: its last change of a book has no END behind it
    host.set_emit_filter([&](uint32_t channel, std::span<const tp_event> events) {
      emitted.take(channel, events);
      for (const auto& e : events)
        if (e.flags & TP_END)
          half[channel] = false;
        else if (e.kind <= TP_EV_QUOTE && (e.flags & TP_SNAPSHOT) == 0)
          half[channel] = true;
      return into_books.emit(channel, events);
    });
    if (!host.create()) {
      told.broken = "create: " + host.why_broken();
      return told;
    }
    play(host, world, state, tape, how, told);
    told.broken = host.why_broken();
    told.refused_calls = host.refused_calls();
    const auto names = host.counter_names();
    for (size_t i = 0; i < names.size(); ++i) told.counters[names[i]] = host.counters()[i];
    if (!host.is_broken()) host.stop(world.now());
    told.is_half = std::ranges::any_of(half, [](const auto& one) { return one.second; });
  }
  read_books(state, told.books);
  const auto& feed = state.feed().counters();
  told.events = emitted.count();
  told.hash = emitted.hash();
  for (size_t i = 0; i < std::size(feed.refused); ++i) {
    if (feed.refused[i] == 0) continue;
    const auto reason = static_cast<book::refusal>(i);
    (reason == book::refusal::unknown_instrument ? told.undefined : told.refused) += feed.refused[i];
    told.refusals +=
      (told.refusals.empty() ? "" : ", ") + std::string{book::name_of(reason)} + ' ' + std::to_string(feed.refused[i]);
  }
  told.sent = world.counts().sent;
  told.requests = world.counts().requests;
  told.opened = world.counts().opened;
  told.most_timers = world.counts().most_timers;
  told.resynchronisations = state.resynchronisations();
  told.lines = world.lines();
  told.refused_line = world.refused_line();
  told.reacted = world.reacted();
  told.met = world.met();
  told.open_gaps = state.open_gaps();
  told.has_directory = state.has_directory();
  return told;
}

nlohmann::json to_json(const case_outcome& o) {
  nlohmann::json to{{"broken", o.broken},
                    {"complaints", o.complaints},
                    {"events", o.events},
                    {"refused", o.refused},
                    {"undefined", o.undefined},
                    {"refusedCalls", o.refused_calls},
                    {"refusals", o.refusals},
                    {"hash", o.hash},
                    {"sent", o.sent},
                    {"requests", o.requests},
                    {"opened", o.opened},
                    {"mostTimers", o.most_timers},
                    {"resynchronisations", o.resynchronisations},
                    {"refusedSnapshots", o.refused_snapshots},
                    {"grown", o.grown_bytes},
                    {"odd", o.odd_answers},
                    {"counters", o.counters},
                    {"refusedLine", o.refused_line},
                    {"reacted", o.reacted},
                    {"met", o.met},
                    {"openGaps", o.open_gaps},
                    {"hasDirectory", o.has_directory},
                    {"isHalf", o.is_half}};
  to["books"] = nlohmann::json::object();
  for (const auto& [symbol, book] : o.books)
    to["books"][symbol] = {book.is_trusted, book.levels, book.reason, book.shown, book.bids, book.asks};
  to["lines"] = nlohmann::json::object();
  for (const auto& [name, line] : o.lines) to["lines"][name] = {line.kind, line.role, line.pair};
  return to;
}

case_outcome outcome_of(const nlohmann::json& from) {
  case_outcome o;
  o.broken = from.at("broken");
  o.complaints = from.at("complaints");
  o.events = from.at("events");
  o.refused = from.at("refused");
  o.undefined = from.at("undefined");
  o.refused_calls = from.at("refusedCalls");
  o.refusals = from.at("refusals");
  o.hash = from.at("hash");
  o.sent = from.at("sent");
  o.requests = from.at("requests");
  o.opened = from.at("opened");
  o.most_timers = from.at("mostTimers");
  o.resynchronisations = from.at("resynchronisations");
  o.refused_snapshots = from.at("refusedSnapshots");
  o.grown_bytes = from.at("grown");
  o.odd_answers = from.at("odd");
  o.refused_line = from.at("refusedLine");
  o.reacted = from.at("reacted").get<std::vector<uint32_t>>();
  o.met = from.at("met").get<std::vector<uint32_t>>();
  o.open_gaps = from.at("openGaps");
  o.has_directory = from.at("hasDirectory");
  o.is_half = from.at("isHalf");
  o.counters = from.at("counters").get<std::map<std::string, uint64_t>>();
  for (const auto& [symbol, book] : from.at("books").items())
    o.books[symbol] = {book[0], book[1], book[2], book[3], book[4], book[5]};
  for (const auto& [name, line] : from.at("lines").items()) o.lines[name] = {line[0], line[1], line[2]};
  return o;
}

} // namespace tickplant::conformance
