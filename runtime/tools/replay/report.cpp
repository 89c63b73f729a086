#include "runtime/tools/replay/report.hpp"

#include <tickplant/dialect.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <string_view>

#include <sys/resource.h>

namespace tickplant::replay {

using nlohmann::ordered_json;

namespace {

constexpr std::string_view message_prefix = "messages.";

template <class Mantissa>
std::string decimal(Mantissa mantissa, int exponent) {
  uint8_t text[96];
  sdk::text_writer writer{text, sizeof text};
  writer.put_decimal(mantissa, exponent);
  return {reinterpret_cast<const char*>(text), std::min(writer.size(), sizeof text)};
}

ordered_json price_or_null(int64_t mantissa, int exponent) {
  return mantissa == TP_NONE ? ordered_json(nullptr) : ordered_json(decimal(mantissa, exponent));
}

std::string_view trust_name(book::trust state) {
  switch (state) {
    case book::trust::ok: return "live";
    case book::trust::awaiting: return "awaiting";
    default: return "stale";
  }
}

std::string_view status_name(uint8_t state) {
  switch (state) {
    case TP_STATE_TRADING: return "trading";
    case TP_STATE_HALTED: return "halted";
    case TP_STATE_PAUSED: return "paused";
    case TP_STATE_QUOTE_ONLY: return "quote_only";
    case TP_STATE_AUCTION: return "auction";
    case TP_STATE_PRE_OPEN: return "pre_open";
    case TP_STATE_CLOSED: return "closed";
    case TP_STATE_NO_DEPTH: return "no_depth";
    default: return "unknown";
  }
}

ordered_json side_json(const std::vector<tp_level>& levels, int price_exponent, int quantity_exponent) {
  if (levels.empty()) return nullptr;
  return ordered_json::array(
    {decimal(levels.front().price, price_exponent), decimal(levels.front().quantity, quantity_exponent)});
}

ordered_json levels_json(const std::vector<tp_level>& levels, int price_exponent, int quantity_exponent) {
  auto list = ordered_json::array();
  for (const auto& level : levels)
    list.push_back({decimal(level.price, price_exponent), decimal(level.quantity, quantity_exponent)});
  return list;
}

ordered_json quote_json(int64_t price, int64_t quantity, int price_exponent, int quantity_exponent) {
  if (price == TP_NONE) return nullptr;
  return ordered_json::array(
    {decimal(price, price_exponent), decimal(quantity == TP_NONE ? int64_t{0} : quantity, quantity_exponent)});
}

ordered_json symbol_json(const report_input& input, const books::book_entry& entry) {
  book::publication shown;
  entry.engine->view(shown, std::max(input.depth, 1u));
  const auto figures = entry.engine->figures();
  const auto& instrument = shown.instrument ? *shown.instrument : *entry.instrument;
  const int price = instrument.price_exponent, quantity = instrument.quantity_exponent;
  // A venue's quote may be newer than the levels; the book's own best is what this report is about.
  const bool has_levels = instrument.book == TP_BOOK_ORDERS || instrument.book == TP_BOOK_LEVELS;
  const uint64_t applied = instrument.book == TP_BOOK_LEVELS ? input.marks.sequence_of(entry.number) : 0;
  ordered_json symbol;
  symbol["state"] = trust_name(shown.state);
  symbol["bid"] =
    has_levels ? side_json(shown.bids, price, quantity) : quote_json(shown.bid, shown.bid_quantity, price, quantity);
  symbol["ask"] =
    has_levels ? side_json(shown.asks, price, quantity) : quote_json(shown.ask, shown.ask_quantity, price, quantity);
  symbol["bidLevels"] = figures.bid_levels;
  symbol["askLevels"] = figures.ask_levels;
  symbol["orders"] = instrument.book == TP_BOOK_ORDERS ? ordered_json(figures.orders) : ordered_json(nullptr);
  symbol["volume"] = decimal(shown.day.volume, quantity);
  symbol["trades"] = shown.day.trades;
  symbol["last"] = price_or_null(shown.day.last.price, price);
  symbol["status"] = status_name(shown.trading_state);
  symbol["sequence"] = std::to_string(applied != 0 ? applied : shown.venue_sequence);
  symbol["lastQuantity"] = price_or_null(shown.day.last.quantity, quantity);
  symbol["open"] = price_or_null(shown.day.open, price);
  symbol["high"] = price_or_null(shown.day.high, price);
  symbol["low"] = price_or_null(shown.day.low, price);
  symbol["close"] = price_or_null(shown.day.close, price);
  symbol["bidQuantity"] = decimal(figures.bid_quantity, quantity);
  symbol["askQuantity"] = decimal(figures.ask_quantity, quantity);
  if (instrument.book == TP_BOOK_LEVELS)
    symbol["quote"] = {{"bid", quote_json(shown.bid, shown.bid_quantity, price, quantity)},
                       {"ask", quote_json(shown.ask, shown.ask_quantity, price, quantity)}};
  if (input.depth > 0) {
    symbol["bids"] = levels_json(shown.bids, price, quantity);
    symbol["asks"] = levels_json(shown.asks, price, quantity);
  }
  if (!shown.reason.empty()) symbol["reason"] = shown.reason;
  if (entry.is_retired) symbol["retired"] = true;
  return symbol;
}

ordered_json messages_json(const plugin::venue_host& host) {
  ordered_json messages = ordered_json::object();
  const auto names = host.counter_names();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i].starts_with(message_prefix) && host.counters()[i] != 0)
      messages[names[i].substr(message_prefix.size())] = host.counters()[i];
  return messages;
}

/// The plugin's other counters, zero ones left out.
ordered_json counters_json(const plugin::venue_host& host) {
  static constexpr std::string_view shown_elsewhere[] = {"gaps.seen",  "gaps.filled", "gaps.open",
                                                         "duplicates", "malformed",   "unknown"};
  ordered_json counters = ordered_json::object();
  const auto names = host.counter_names();
  for (size_t i = 0; i < names.size(); ++i)
    if (!names[i].starts_with(message_prefix) && host.counters()[i] != 0 &&
        std::ranges::find(shown_elsewhere, names[i]) == std::end(shown_elsewhere))
      counters[names[i]] = host.counters()[i];
  return counters;
}

uint64_t open_gaps(const plugin::venue_host& host) {
  if (const uint64_t told = host.counter("gaps.open")) return told;
  const uint64_t seen = host.counter("gaps.seen"), filled = host.counter("gaps.filled");
  return seen > filled ? seen - filled : 0;
}

ordered_json result_json(const report_input& input) {
  const auto& host = input.host;
  const auto& feed = input.state.feed().counters();
  ordered_json result;
  result["plugin"] = host.plugin().name();
  result["files"] = input.files;
  result["messages"] = messages_json(host);
  result["gaps"] = {
    {"seen", host.counter("gaps.seen")}, {"filled", host.counter("gaps.filled")}, {"open", open_gaps(host)}};
  result["duplicates"] = host.counter("duplicates");
  result["malformed"] = host.counter("malformed");
  result["unknown"] = host.counter("unknown");
  result["refused"] = ordered_json::object();
  for (size_t i = 0; i < static_cast<size_t>(book::refusal::count_); ++i)
    if (feed.refused[i] != 0)
      result["refused"][std::string{book::name_of(static_cast<book::refusal>(i))}] = feed.refused[i];
  result["symbols"] = ordered_json::object();
  for (const auto& entry : input.state.entries()) result["symbols"][entry.symbol] = symbol_json(input, entry);
  result["counters"] = counters_json(host);
  result["events"] = {{"emitted", feed.events},
                      {"applied", feed.applied},
                      {"held", feed.held},
                      {"droppedHeld", feed.hold_dropped},
                      {"unwanted", feed.unwanted}};
  if (!input.hash.empty()) result["events"]["hash"] = input.hash;
  result["orders"] = input.state.feed().live_orders();
  result["units"] = {{"played", input.played.units},
                     {"bursts", input.played.bursts},
                     {"unrouted", input.played.unrouted},
                     {"leaps", input.played.leaps}};
  result["sent"] = input.sent;
  result["requests"] = input.requests;
  result["resynchronisations"] = input.state.resynchronisations();
  if (input.pcap)
    result["capture"] = {{"packets", input.pcap->packets},   {"datagrams", input.pcap->datagrams},
                         {"segments", input.pcap->segments}, {"fragments", input.pcap->fragments},
                         {"other", input.pcap->other},       {"cutShort", input.pcap->cut_short}};
  if (input.time) {
    result["nsPerMessage"] = input.time->ns_per_message;
    result["cpuNsPerMessage"] = input.time->cpu_ns_per_message;
    result["seconds"] = input.time->seconds;
    result["maxRssKiB"] = largest_memory_kib();
  }
  return result;
}

std::string text_of(const ordered_json& value) {
  if (value.is_null()) return "-";
  if (value.is_array()) return value[0].get<std::string>() + " x " + value[1].get<std::string>();
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string joined(const ordered_json& object) {
  std::string text;
  for (const auto& [key, value] : object.items())
    text.append(text.empty() ? "" : "  ").append(key).append(" ").append(text_of(value));
  return text.empty() ? "-" : text;
}

} // namespace

uint64_t largest_memory_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss);
}

// Symbols are raw bytes of the venue: what is not UTF-8 is replaced.
std::string to_json(const report_input& input) {
  return result_json(input).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string checkpoint_json(const report_input& input, uint64_t applied, const std::set<uint32_t>& numbers) {
  ordered_json result;
  result["checkpoint"] = applied;
  result["symbols"] = ordered_json::object();
  for (const auto& entry : input.state.entries())
    if (numbers.contains(entry.number)) result["symbols"][entry.symbol] = symbol_json(input, entry);
  return result.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_table(const report_input& input) {
  const auto result = result_json(input);
  std::ostringstream out;
  const auto row = [&](std::string_view name, const std::string& text) {
    out << std::left << std::setw(12) << name << text << '\n';
  };
  row("plugin", result["plugin"].get<std::string>());
  for (const auto* key : {"messages", "gaps"}) row(key, joined(result[key]));
  row("duplicates", result["duplicates"].dump() + "  malformed " + result["malformed"].dump() + "  unknown " +
                      result["unknown"].dump());
  for (const auto* key : {"refused", "counters", "events", "units", "capture"})
    if (result.contains(key)) row(key, joined(result[key]));
  if (result.contains("nsPerMessage"))
    row("time", result["nsPerMessage"].dump() + " ns a message, " + result["seconds"].dump() + " s, at most " +
                  result["maxRssKiB"].dump() + " KiB");
  out << '\n'
      << std::left << std::setw(14) << "symbol" << std::setw(10) << "state" << std::setw(11) << "status" << std::right
      << std::setw(26) << "bid" << std::setw(26) << "ask" << std::setw(14) << "levels" << std::setw(10) << "orders"
      << std::setw(18) << "volume" << std::setw(10) << "trades" << std::setw(16) << "last" << std::setw(18)
      << "sequence" << '\n';
  for (const auto& [name, symbol] : result["symbols"].items())
    out << std::left << std::setw(14) << name << std::setw(10) << text_of(symbol["state"]) << std::setw(11)
        << text_of(symbol["status"]) << std::right << std::setw(26) << text_of(symbol["bid"]) << std::setw(26)
        << text_of(symbol["ask"]) << std::setw(14) << symbol["bidLevels"].dump() + '/' + symbol["askLevels"].dump()
        << std::setw(10) << text_of(symbol["orders"]) << std::setw(18) << text_of(symbol["volume"]) << std::setw(10)
        << text_of(symbol["trades"]) << std::setw(16) << text_of(symbol["last"]) << std::setw(18)
        << text_of(symbol["sequence"]) << '\n';
  return out.str();
}

} // namespace tickplant::replay
