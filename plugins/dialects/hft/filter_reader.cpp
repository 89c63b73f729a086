#include "filter_reader.hpp"

#include <algorithm>
#include <array>

namespace tickplant::hft {

namespace {

struct value_name {
  std::string_view name;
  uint8_t field;
};
// The names of the messages, and those with underscores that the documents' filters have.
constexpr std::array value_names{value_name{"price", TP_FILTER_PRICE},
                                 value_name{"bid", TP_FILTER_BID},
                                 value_name{"ask", TP_FILTER_ASK},
                                 value_name{"spread", TP_FILTER_SPREAD},
                                 value_name{"volume", TP_FILTER_VOLUME},
                                 value_name{"changePercent", TP_FILTER_CHANGE_PERCENT},
                                 value_name{"change_percent", TP_FILTER_CHANGE_PERCENT},
                                 value_name{"venue", TP_FILTER_VENUE},
                                 value_name{"exchange", TP_FILTER_VENUE}};

struct operator_name {
  std::string_view name;
  uint8_t op;
};
// Longer ones first.
constexpr std::array operator_names{operator_name{"<=", TP_OP_AT_MOST},   operator_name{">=", TP_OP_AT_LEAST},
                                    operator_name{"==", TP_OP_EQUAL},     operator_name{"!=", TP_OP_NOT_EQUAL},
                                    operator_name{"<>", TP_OP_NOT_EQUAL}, operator_name{"<", TP_OP_LESS},
                                    operator_name{">", TP_OP_GREATER},    operator_name{"=", TP_OP_EQUAL}};

constexpr std::string_view foreign_keys[] = {"portfolio_ids", "strategy_ids", "user_id", "severity", "symbols"};
constexpr std::string_view known_keys =
  "allowed are min_ and max_ of price, bid, ask, spread, volume, change_percent; venue; where";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

uint8_t field_of(std::string_view name) {
  const auto found = std::ranges::find(value_names, name, &value_name::name);
  return found == value_names.end() ? uint8_t{0} : found->field;
}

/// `min_price` and `minPrice` alike: the field, 0 if it is none.
uint8_t field_of_bound(std::string_view key) {
  const auto name = key.substr(3);
  if (name.starts_with('_')) return field_of(name.substr(1));
  if (name.empty() || name.front() < 'A' || name.front() > 'Z') return 0;
  for (const auto& known : value_names)
    if (known.name.size() == name.size() && known.name.front() == name.front() - 'A' + 'a' &&
        known.name.substr(1) == name.substr(1))
      return known.field;
  return 0;
}

tp_filter condition_of(uint8_t field, uint8_t op) {
  tp_filter made{};
  made.struct_size = sizeof made;
  made.field = field;
  made.op = op;
  return made;
}

/// A venue's name may be put in quotes.
std::string_view unquoted(std::string_view text) {
  if (text.size() < 2 || (text.front() != '"' && text.front() != '\'') || text.front() != text.back()) return text;
  return text.substr(1, text.size() - 2);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= max_shown &&
         std::ranges::all_of(text, [](char c) { return static_cast<uint8_t>(c) > 0x20 && c != '"' && c != '\''; });
}

/// Cuts the first comparison off `text`: behind it stands "and", "&&" or a comma, or nothing.
std::string_view cut_comparison(std::string_view& text) {
  size_t end = text.size(), joint = 0;
  for (size_t i = 0; i < text.size() && joint == 0; ++i) {
    const auto rest = text.substr(i);
    if (rest.starts_with(',')) joint = 1;
    if (rest.starts_with("&&")) joint = 2;
    const bool is_apart = i > 0 && text[i - 1] == ' ';
    if (is_apart && (rest.starts_with("and ") || rest.starts_with("AND "))) joint = 4;
    if (joint != 0) end = i;
  }
  const auto first = trimmed(text.substr(0, end));
  text = text.substr(std::min(end + joint, text.size()));
  // A joint with nothing behind it leaves an empty comparison, which is a fault.
  if (joint != 0 && trimmed(text).empty()) text = " ";
  return first;
}

} // namespace

std::optional<exact_number> to_exact(std::string_view text) {
  constexpr int most = 18;
  size_t i = 0;
  bool is_negative = false;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) is_negative = text[i++] == '-';
  int64_t value = 0;
  int exponent = 0, zeros = 0;
  bool has_digit = false, is_fraction = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !is_fraction) {
      is_fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    has_digit = true;
    if (is_fraction) --exponent;
    if (exponent < -1'000) return std::nullopt;
    if (c == '0') {
      if (value != 0 && ++zeros > 1'000) return std::nullopt;
      continue;
    }
    for (; zeros > 0; --zeros)
      if (__builtin_mul_overflow(value, int64_t{10}, &value)) return std::nullopt;
    if (__builtin_mul_overflow(value, int64_t{10}, &value) || __builtin_add_overflow(value, int64_t{c - '0'}, &value))
      return std::nullopt;
  }
  if (!has_digit) return std::nullopt;
  exponent += zeros;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    int shift = 0;
    const auto [end, fault] = std::from_chars(text.data() + i, text.data() + text.size(), shift);
    if (fault != std::errc{} || shift < -1'000 || shift > 1'000) return std::nullopt;
    i = static_cast<size_t>(end - text.data());
    exponent += shift;
  }
  if (i != text.size()) return std::nullopt;
  if (value == 0) return exact_number{};
  if (exponent < -most || exponent > most) return std::nullopt;
  return exact_number{is_negative ? -value : value, static_cast<int8_t>(exponent)};
}

problem filter_reader::read(const json_tree& tree, uint32_t at, wording& words) {
  words.at("filter");
  const auto& v = tree[at];
  if (v.kind == json::string) return read_text(v.text, words);
  if (v.kind == json::array) return read_list(tree, at, words);
  if (v.kind != json::object) {
    words.say_field()
      .say(" is ")
      .say(words_of(v.kind))
      .say(": send an object, such as {\"min_price\":100,\"where\":[\"spread <= 0.02\"]}");
    return {subscription_failed, words.field()};
  }
  for (uint32_t i = tree.first(at); i < tree.end(at); i = tree[i].next) {
    const auto& member = tree[i];
    if (member.kind == json::null) continue;
    words.at("filter").at_member(member.key);
    problem found;
    if (member.key == "where")
      found = member.kind == json::array ? read_list(tree, i, words)
              : member.kind == json::string
                ? read_text(member.text, words)
                : (words.say_field()
                     .say(" is ")
                     .say(words_of(member.kind))
                     .say(": send comparisons, such as [\"bid > 100.5\",\"venue = NASDAQ\"]"),
                   problem{subscription_failed, words.field()});
    else
      found = read_member(member, words);
    if (found) return found;
  }
  return {};
}

problem filter_reader::read_member(const json_tree::node& member, wording& words) {
  const auto refuse = [&] { return problem{subscription_failed, words.field()}; };
  const auto key = member.key;
  if (std::ranges::find(foreign_keys, key) != std::end(foreign_keys)) {
    words.say_field().say(key == "symbols" ? " is not used: name instruments in symbols"
                                           : " does not apply to market data: leave it out");
    return refuse();
  }
  if (key == "venue" || key == "exchange") {
    auto condition = condition_of(TP_FILTER_VENUE, TP_OP_EQUAL);
    if (member.kind == json::string && is_word(member.text)) {
      condition.text = sdk::to_tp(member.text);
      return add(condition, words);
    }
    words.say_field().say(" is ").say_value(member).say(": send the name of one venue, such as \"NASDAQ\"");
    return refuse();
  }
  const bool is_least = key.starts_with("min"), is_most = key.starts_with("max");
  const uint8_t field = is_least || is_most ? field_of_bound(key) : uint8_t{0};
  if (field == 0 || field == TP_FILTER_VENUE) {
    words.say_field().say(" is no condition: ").say(known_keys);
    return refuse();
  }
  const auto number = member.kind == json::number   ? to_exact(member.raw)
                      : member.kind == json::string ? to_exact(member.text)
                                                    : std::nullopt;
  if (!number) {
    words.say_field().say(" is ").say_value(member).say(": send a number of at most 18 digits");
    return refuse();
  }
  auto condition = condition_of(field, is_least ? TP_OP_AT_LEAST : TP_OP_AT_MOST);
  condition.value = number->mantissa;
  condition.exponent = number->exponent;
  return add(condition, words);
}

problem filter_reader::read_list(const json_tree& tree, uint32_t at, wording& words) {
  const std::string place{words.field()}; // faults only: conditions are few
  uint32_t n = 0;
  for (uint32_t i = tree.first(at); i < tree.end(at); i = tree[i].next, ++n) {
    words.at(place).at_index(n);
    if (tree[i].kind != json::string) {
      words.say_field().say(" is ").say(words_of(tree[i].kind)).say(", not a comparison, such as \"bid > 100.5\"");
      return {subscription_failed, words.field()};
    }
    if (const problem found = read_text(tree[i].text, words)) return found;
  }
  return {};
}

problem filter_reader::read_text(std::string_view text, wording& words) {
  do {
    if (const problem found = read_comparison(cut_comparison(text), words)) return found;
  } while (!text.empty());
  return {};
}

problem filter_reader::read_comparison(std::string_view text, wording& words) {
  const auto refuse = [&](std::string_view why) {
    words.say_field().say(" ").say_quoted(text).say(why);
    return problem{subscription_failed, words.field()};
  };
  const size_t at = text.find_first_of("<>=!");
  const auto rest = at == std::string_view::npos ? std::string_view{} : text.substr(at);
  const auto op = std::ranges::find_if(operator_names, [&](const auto& o) { return rest.starts_with(o.name); });
  if (op == operator_names.end())
    return refuse(" compares nothing: write a value, one of < <= = != >= >, and a bound, such as \"bid > 100.5\"");
  auto condition = condition_of(field_of(trimmed(text.substr(0, at))), op->op);
  if (condition.field == 0)
    return refuse(" asks for a value that is not known: use price, bid, ask, spread, volume, changePercent or venue");
  const auto bound = trimmed(rest.substr(op->name.size()));
  if (condition.field == TP_FILTER_VENUE) {
    if (op->op != TP_OP_EQUAL && op->op != TP_OP_NOT_EQUAL) return refuse(": a venue is compared by = or != only");
    if (!is_word(unquoted(bound))) return refuse(": name one venue, such as venue = NASDAQ");
    condition.text = sdk::to_tp(unquoted(bound));
    return add(condition, words);
  }
  const auto number = to_exact(bound);
  if (!number) return refuse(": the bound is not a number of at most 18 digits");
  condition.value = number->mantissa;
  condition.exponent = number->exponent;
  return add(condition, words);
}

problem filter_reader::add(const tp_filter& condition, wording& words) {
  if (conditions_.size() < max_conditions) {
    conditions_.push_back(condition);
    return {};
  }
  words.say_field().say(" is one condition too many: send at most ").say(uint64_t{max_conditions});
  return {subscription_failed, words.field()};
}

} // namespace tickplant::hft
