#include "position_reader.hpp"

#include "names.hpp"

#include <algorithm>

namespace tickplant::hft {

namespace {

constexpr size_t max_symbol_bytes = 2 * 64 + 1; // VENUE:SYMBOL

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; });
}

/// A whole number that fits 64 bits, also as text: clients whose numbers are doubles keep large ones so.
std::optional<uint64_t> to_whole(const json_tree::node& v) {
  const auto text = v.kind == json::number ? v.raw : v.kind == json::string ? v.text : std::string_view{};
  uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The one line that these data types have, nothing if there are several.
std::optional<uint32_t> only_series(uint32_t data_types) {
  uint32_t lines = 0;
  if (data_types & (TP_DATA_QUOTES | TP_DATA_STATISTICS)) lines |= TP_LINE_OF(TP_SERIES_STATE);
  if (data_types & TP_DATA_TRADES) lines |= TP_LINE_OF(TP_SERIES_TRADES);
  if (data_types & TP_DATA_ORDER_BOOK) lines |= TP_LINE_OF(TP_SERIES_BOOK);
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK})
    if (lines == TP_LINE_OF(series)) return series;
  return std::nullopt;
}

} // namespace

std::optional<stream_name> to_stream(std::string_view text) {
  const size_t slash = text.rfind('/'); // a symbol may hold a slash of its own
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  for (const uint32_t series : {TP_SERIES_STATE, TP_SERIES_TRADES, TP_SERIES_BOOK})
    if (text.substr(slash + 1) == name_of_series(series)) return stream_name{text.substr(0, slash), series};
  return std::nullopt;
}

problem position_reader::read_message(const json_tree& tree, uint32_t stream, uint32_t epoch, uint32_t sequence,
                                      wording& words) {
  tp_position position{};
  position.struct_size = sizeof position;
  words.at("stream");
  if (const problem found = read_stream(tree[stream], words, position)) return found;
  words.at({});
  if (const problem found = read_numbers(tree, epoch, sequence, position, words)) return found;
  return add(position, words);
}

problem position_reader::read_streams(const json_tree& tree, uint32_t at, wording& words) {
  words.at("streams");
  const auto& list = tree[at];
  if (list.kind != json::array || list.count == 0 || list.count > max_positions) {
    words.say_field().say(" is ");
    if (list.kind != json::array)
      words.say(words_of(list.kind));
    else if (list.count == 0)
      words.say("empty");
    else
      words.say("a list of ").say(uint64_t{list.count});
    words.say(": send an array of 1 to ").say(uint64_t{max_positions}).say(" of {\"stream\",\"epoch\",\"sequence\"}");
    return {subscription_failed, words.field()};
  }
  uint32_t n = 0;
  for (uint32_t i = tree.first(at); i < tree.end(at); i = tree[i].next)
    if (const problem found = read_position(tree, i, {}, words.at("streams").at_index(n++))) return found;
  return {};
}

problem position_reader::read_resume(const json_tree& tree, uint32_t at, std::span<const tp_str> symbols,
                                     uint32_t data_types, wording& words) {
  symbols_ = symbols;
  data_types_ = data_types;
  words.at("resume");
  const auto& v = tree[at];
  if ((v.kind != json::array && v.kind != json::object) || v.count == 0 || v.count > max_positions) {
    words.say_field().say(" is ");
    if (v.kind != json::array && v.kind != json::object)
      words.say(words_of(v.kind));
    else
      words.say(v.count == 0 ? "empty" : "too long");
    words.say(": send {\"stream\":\"NASDAQ:AAPL/TRADES\",\"epoch\":1,\"sequence\":2} or a list of up to ")
      .say(uint64_t{max_positions});
    return {subscription_failed, words.field()};
  }
  if (v.kind == json::array) {
    uint32_t n = 0;
    for (uint32_t i = tree.first(at); i < tree.end(at); i = tree[i].next)
      if (const problem found = read_position(tree, i, {}, words.at("resume").at_index(n++))) return found;
    return {};
  }
  const bool is_one = tree.find(at, "epoch") != 0 || tree.find(at, "sequence") != 0;
  if (is_one) return read_position(tree, at, {}, words);
  for (uint32_t i = tree.first(at); i < tree.end(at); i = tree[i].next)
    if (const problem found = read_position(tree, i, tree[i].key, words.at("resume").at_member(tree[i].key)))
      return found;
  return {};
}

/// `name`: by what key the position stands in an object, empty: it names its stream itself or is of the one symbol.
problem position_reader::read_position(const json_tree& tree, uint32_t object, std::string_view name, wording& words) {
  const auto refuse = [&] { return problem{subscription_failed, words.field()}; };
  if (tree[object].kind != json::object) {
    words.say_field()
      .say(" is ")
      .say(words_of(tree[object].kind))
      .say(": send an object, such as {\"stream\":\"NASDAQ:AAPL/TRADES\",\"epoch\":1,\"sequence\":2}");
    return refuse();
  }
  tp_position position{};
  position.struct_size = sizeof position;
  const std::string place{words.field()}; // of a list of positions, which is no frequent message
  const uint32_t stream = tree.find(object, "stream");
  if (stream != 0) {
    words.at_member("stream");
    if (const problem found = read_stream(tree[stream], words, position)) return found;
    words.at(place);
  } else if (const auto by_name = to_stream(name)) {
    position.symbol = sdk::to_tp(by_name->symbol);
    position.series = by_name->series;
  } else {
    const auto series = only_series(data_types_);
    const bool has_symbol = !name.empty() || symbols_.size() == 1;
    if (!series || !has_symbol || name.size() > max_symbol_bytes) {
      words.say_field().say(" names no stream: send \"stream\", such as \"NASDAQ:AAPL/TRADES\"");
      return refuse();
    }
    position.symbol = name.empty() ? symbols_[0] : sdk::to_tp(name);
    position.series = *series;
  }
  if (const problem found =
        read_numbers(tree, tree.find(object, "epoch"), tree.find(object, "sequence"), position, words))
    return found;
  return add(position, words);
}

problem position_reader::read_numbers(const json_tree& tree, uint32_t epoch, uint32_t sequence, tp_position& to,
                                      wording& words) {
  const std::string place{words.field()};
  const struct {
    std::string_view key;
    uint32_t at;
    uint64_t* out;
  } numbers[] = {{"epoch", epoch, &to.epoch}, {"sequence", sequence, &to.sequence}};
  for (const auto& number : numbers) {
    const auto value = to_whole(tree[number.at]);
    if (!value) {
      place.empty() ? words.at(number.key) : words.at(place).at_member(number.key);
      words.say_field()
        .say(" is ")
        .say_value(tree[number.at])
        .say(": send the whole number that came with the last message of the stream");
      return {subscription_failed, words.field()};
    }
    *number.out = *value;
  }
  return {};
}

problem position_reader::read_stream(const json_tree::node& v, wording& words, tp_position& to) {
  const auto name = v.kind == json::string ? to_stream(v.text) : std::nullopt;
  if (name && name->symbol.size() <= max_symbol_bytes && !has_control(name->symbol)) {
    to.symbol = sdk::to_tp(name->symbol);
    to.series = name->series;
    return {};
  }
  words.say_field().say(" is ");
  if (v.kind == json::string)
    words.say_quoted(v.text).say(": name VENUE:SYMBOL and one of its lines, such as \"NASDAQ:AAPL/TRADES\"");
  else
    words.say(words_of(v.kind)).say(": name one, such as \"NASDAQ:AAPL/STATE\"");
  return {subscription_failed, words.field()};
}

problem position_reader::add(const tp_position& position, wording& words) {
  if (positions_.size() < max_positions) {
    positions_.push_back(position);
    return {};
  }
  words.say_field().say(" is one position too many: send at most ").say(uint64_t{max_positions});
  return {subscription_failed, words.field()};
}

} // namespace tickplant::hft
