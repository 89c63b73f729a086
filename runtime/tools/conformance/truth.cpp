#include "runtime/tools/conformance/truth.hpp"

#include <tickplant/plugin.hpp>
#include <tickplant/venue.h>

#include <iterator>

namespace tickplant::conformance {

namespace {

using levels = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const levels& side) {
  std::string text;
  for (const auto& [price, quantity] : side)
    text += (text.empty() ? "" : "; ") + without_zeros(price) + ' ' + without_zeros(quantity);
  return text;
}

std::string fault_of_book(const case_outcome& is, const sdk::testing::tape_book& right) {
  const auto found = is.books.find(right.symbol);
  if (found == is.books.end()) return "the tape tells the book of " + right.symbol + ", and the plugin has none";
  const auto& book = found->second;
  if (!book.is_trusted) return "the book of " + right.symbol + " is stale: " + book.reason;
  const std::pair<const char*, std::pair<const std::string*, std::string>> sides[] = {
    {"bids", {&book.bids, text_of(right.bids)}}, {"asks", {&book.asks, text_of(right.asks)}}};
  for (const auto& [name, side] : sides)
    if (*side.first != side.second)
      return std::string{"the "} + name + " of " + right.symbol + " are [" + side.first->substr(0, 120) +
             "] where the tape says [" + side.second.substr(0, 120) + ']';
  return {};
}

} // namespace

std::string without_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string_view name_of_state(uint8_t state) {
  static constexpr std::string_view names[] = {"unknown", "trading",  "halted", "paused",  "quote_only",
                                               "auction", "pre_open", "closed", "no_depth"};
  return state < std::size(names) ? names[state] : names[TP_STATE_UNKNOWN];
}

std::string fault_of_truth(const case_outcome& is, const sdk::testing::tape& tape) {
  for (const auto& one : tape.books)
    if (auto why = fault_of_book(is, one); !why.empty()) return why;
  for (const auto& one : tape.figures) {
    const auto book = is.books.find(one.symbol);
    if (book == is.books.end()) return "the tape tells of " + one.symbol + ", and the plugin does not";
    const auto shown = book->second.shown.find(one.key);
    const std::string value = shown == book->second.shown.end() ? "-" : shown->second;
    const bool is_word = one.key == "state" || one.key == "last_side";
    const std::string right = is_word ? one.value : without_zeros(one.value);
    if (value != right) return one.key + " of " + one.symbol + " is " + value + " where the tape says " + right;
  }
  for (size_t i = 0; i < tape.demands.size(); ++i) {
    const auto& wanted = tape.demands[i];
    const uint32_t times = i < is.met.size() ? is.met[i] : 0;
    if (times < wanted.times)
      return "the plugin has sent " + std::to_string(times) + " times on line " + wanted.line +
             " what the tape wants " + std::to_string(wanted.times) +
             " times: " + sdk::testing::tape_detail::pattern_text(wanted.pattern);
  }
  return {};
}

std::string fault_of_figures(const case_outcome& is, const case_outcome& right, bool is_exact) {
  for (const auto& [symbol, good] : right.books) {
    const auto found = is.books.find(symbol);
    if (found == is.books.end()) continue;
    const auto& shown = found->second.shown;
    const auto value_of = [](const auto& of, const std::string& key) {
      const auto at = of.find(key);
      return at == of.end() ? std::string{} : at->second;
    };
    const auto trades = value_of(shown, "trades"), right_trades = value_of(good.shown, "trades");
    const bool is_more =
      sdk::to_number<uint64_t>(trades).value_or(0) > sdk::to_number<uint64_t>(right_trades).value_or(0);
    if (is_more) return symbol + " has counted " + trades + " trades where there were " + right_trades;
    if (!is_exact || !good.is_trusted || !found->second.is_trusted) continue;
    for (const auto& [key, value] : good.shown)
      if (const auto other = value_of(shown, key); other != value)
        return key + " of " + symbol + " is " + other + " where " + value + " is right";
  }
  return {};
}

std::string fault_of_lines(const case_outcome& is, const sdk::testing::tape& tape) {
  using sdk::testing::step_kind;
  std::string unknown;
  const auto look = [&](const std::string& line) {
    if (unknown.empty() && !is.lines.contains(line)) unknown = line;
  };
  const auto look_at = [&](const std::vector<sdk::testing::tape_step>& steps) {
    for (const auto& step : steps)
      if (step.kind != step_kind::wait && step.kind != step_kind::http) look(step.line);
  };
  look_at(tape.steps);
  for (const auto& reaction : tape.reactions) {
    look(reaction.line);
    look_at(reaction.steps);
  }
  for (const auto& demand : tape.demands) look(demand.line);
  if (unknown.empty()) return {};
  std::string opened;
  for (const auto& [name, trait] : is.lines) opened += (opened.empty() ? "" : ", ") + name;
  return "the tape names a line '" + unknown + "', which the plugin never opened; it opened " +
         (opened.empty() ? "none" : opened);
}

} // namespace tickplant::conformance
