#include "codec.hpp"

#include "decimal.hpp"
#include "flat_event.hpp"

#include <tickplant/venue.h>

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace tickplant::binance {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

static_assert(TP_PADDING >= simdjson::SIMDJSON_PADDING, "frames are parsed where they lie");

// A list of events longer than this is no stream of ours: the venue lists each symbol once.
constexpr size_t most_events = 8'192;
constexpr size_t least_capacity = 64u << 10;

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The text of a scalar without its quotes. Null gives nothing; false for an array or object.
bool scalar(ondemand::value& value, std::string_view& out) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  if (token.empty() || token.front() == '[' || token.front() == '{') return false;
  if (token.front() == '"') {
    if (token.size() < 2) return false;
    token = token.substr(1, token.size() - 2);
  } else if (token == "null") {
    token = {};
  }
  out = token;
  return true;
}

/// The same for names, which may hold escapes.
error_code name(ondemand::value& value, std::string_view& out) {
  if (!scalar(value, out)) return simdjson::INCORRECT_TYPE;
  if (out.find('\\') == std::string_view::npos) return simdjson::SUCCESS;
  return value.get_string().get(out);
}

/// [[price, quantity, ...], ...]; entries after the second are skipped (venue document, B1).
error_code levels(ondemand::value& value, std::vector<level_text>& out) {
  ondemand::array list;
  SIMDJSON_TRY(value.get_array().get(list));
  for (auto entry : list) {
    ondemand::array pair;
    SIMDJSON_TRY(entry.get_array().get(pair));
    level_text level;
    unsigned place = 0;
    for (auto word : pair) {
      ondemand::value text;
      SIMDJSON_TRY(std::move(word).get(text));
      if (place < 2 && !scalar(text, place == 0 ? level.price : level.quantity)) return simdjson::INCORRECT_TYPE;
      ++place;
    }
    if (place < 2) return simdjson::INCORRECT_TYPE;
    out.push_back(level);
  }
  return simdjson::SUCCESS;
}

message_kind kind_of_event(std::string_view event) {
  constexpr std::pair<std::string_view, message_kind> known[] = {
    {"depthUpdate", message_kind::depth_update},
    {"trade", message_kind::trade},
    {"bookTicker", message_kind::book_ticker},
    {"aggTrade", message_kind::agg_trade},
    {"blockTrade", message_kind::block_trade},
    {"24hrTicker", message_kind::ticker},
    {"24hrMiniTicker", message_kind::mini_ticker},
    {"markPriceUpdate", message_kind::mark_price},
    {"kline", message_kind::kline},
    {"serverShutdown", message_kind::server_shutdown},
    {"avgPrice", message_kind::other},
    {"referencePrice", message_kind::other},
    {"1hTicker", message_kind::other},
    {"4hTicker", message_kind::other},
    {"1dTicker", message_kind::other},
  };
  for (const auto& [text, kind] : known)
    if (event == text) return kind;
  return message_kind::unknown;
}

message_kind classify(const message& m) {
  if (m.has('e')) return kind_of_event(m['e']);
  if (!m.last_update_id.empty()) return message_kind::partial_depth;
  if (m.has_result || !m.code.empty()) return message_kind::answer;
  // bookTicker is the one event of spot without a type (venue document, B5).
  if (m.has('u') && m.has('B') && m.has('A') && m.has('s')) return message_kind::book_ticker;
  return message_kind::unknown;
}

enum class place { root, data };

} // namespace

struct decoder::parts {
  ondemand::parser parser;
  message root;
  std::vector<message> list;
  level_lists lists;
  size_t used = 0;    // of `list`
  bool inner = false; // the frame held a list of events
  bool good = false;

  void clear() {
    used = 0;
    root.clear();
    lists.clear();
    inner = false;
  }

  error_code document(std::string_view frame) {
    // The parser itself would grow to the exact size of each frame that is longer than all before.
    if (parser.capacity() < frame.size())
      SIMDJSON_TRY(parser.allocate(std::bit_ceil(std::max(frame.size(), least_capacity))))
    ondemand::document doc;
    SIMDJSON_TRY(
      parser.iterate(simdjson::padded_string_view{frame.data(), frame.size(), frame.size() + TP_PADDING}).get(doc));
    ondemand::json_type type;
    SIMDJSON_TRY(doc.type().get(type));
    if (type == ondemand::json_type::array) {
      ondemand::array entries;
      SIMDJSON_TRY(doc.get_array().get(entries));
      SIMDJSON_TRY(events(entries, {}));
    } else {
      ondemand::object fields;
      SIMDJSON_TRY(doc.get_object().get(fields));
      SIMDJSON_TRY(object(fields, root, place::root));
      if (!inner) finish(root);
    }
    // Nothing may follow: the iterator stands at the end only if the document was one value.
    return doc.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
  }

  void finish(message& m) {
    m.kind = classify(m);
    m.bids = lists.bids;
    m.asks = lists.asks;
    m.has_levels = lists.has_bids && lists.has_asks;
  }

  error_code events(ondemand::array& entries, std::string_view stream) {
    if (inner) return simdjson::INCORRECT_TYPE; // data twice
    inner = true;
    for (auto entry : entries) {
      ondemand::object one;
      SIMDJSON_TRY(entry.get_object().get(one));
      if (used == most_events) return simdjson::CAPACITY;
      if (used == list.size()) list.emplace_back();
      message& m = list[used];
      m.clear();
      m.stream = stream;
      SIMDJSON_TRY(object(one, m, place::data));
      // Lists hold statistics of many symbols; level lists of several books would share one memory.
      if (lists.has_bids || lists.has_asks) return simdjson::INCORRECT_TYPE;
      finish(m);
      ++used;
    }
    return simdjson::SUCCESS;
  }

  error_code object(ondemand::object& fields, message& m, place where) {
    for (auto entry : fields) {
      ondemand::field field;
      SIMDJSON_TRY(std::move(entry).get(field));
      const char* const key = field.key().raw();
      ondemand::value& value = field.value();
      if (key[1] == '"' && is_letter(key[0]))
        SIMDJSON_TRY(letter(key[0], value, m))
      else
        SIMDJSON_TRY(word(key, value, m, where))
    }
    return simdjson::SUCCESS;
  }

  error_code letter(char key, ondemand::value& value, message& m) {
    std::string_view text;
    if (scalar(value, text)) {
      if (key == 's') SIMDJSON_TRY(name(value, text))
      if (!text.empty()) m.set(key, text);
      return simdjson::SUCCESS;
    }
    if (key == 'b') return side(value, lists.bids, lists.has_bids);
    if (key == 'a') return side(value, lists.asks, lists.has_asks);
    return simdjson::SUCCESS; // an object or list of no use here (k of klines): the iteration steps over it
  }

  error_code side(ondemand::value& value, std::vector<level_text>& out, bool& seen) {
    if (seen) return simdjson::INCORRECT_TYPE; // the same side twice
    ondemand::json_type type;
    SIMDJSON_TRY(value.type().get(type));
    if (type != ondemand::json_type::array) return simdjson::SUCCESS;
    seen = true;
    return levels(value, out);
  }

  error_code word(const char* key, ondemand::value& value, message& m, place where) {
    // A raw key ends with its quote, so comparing with the quote included compares whole keys.
    const auto is = [key](std::string_view quoted) { return std::memcmp(key, quoted.data(), quoted.size()) == 0; };
    std::string_view text;
    if (is("pu\"")) {
      if (!scalar(value, m.previous)) return simdjson::INCORRECT_TYPE;
    } else if (is("lastUpdateId\"")) {
      if (!scalar(value, m.last_update_id)) return simdjson::INCORRECT_TYPE;
    } else if (is("bids\"")) {
      return side(value, lists.bids, lists.has_bids);
    } else if (is("asks\"")) {
      return side(value, lists.asks, lists.has_asks);
    } else if (is("code\"")) {
      if (!scalar(value, m.code)) return simdjson::INCORRECT_TYPE;
    } else if (is("msg\"")) {
      scalar(value, m.text);
    } else if (where == place::root) {
      return root_word(is, value, m);
    }
    return simdjson::SUCCESS;
  }

  template <class Is>
  error_code root_word(const Is& is, ondemand::value& value, message& m) {
    if (is("stream\"")) {
      SIMDJSON_TRY(name(value, m.stream));
      for (size_t i = 0; i < used; ++i) list[i].stream = m.stream; // the name may come after its data
    } else if (is("id\"")) {
      scalar(value, m.id);
    } else if (is("result\"")) {
      m.has_result = true;
    } else if (is("data\"") || is("error\"")) {
      ondemand::json_type type;
      SIMDJSON_TRY(value.type().get(type));
      if (type == ondemand::json_type::array) {
        ondemand::array entries;
        SIMDJSON_TRY(value.get_array().get(entries));
        return events(entries, m.stream);
      }
      if (type != ondemand::json_type::object) return simdjson::INCORRECT_TYPE;
      ondemand::object nested;
      SIMDJSON_TRY(value.get_object().get(nested));
      return object(nested, m, place::data);
    }
    return simdjson::SUCCESS;
  }
};

decoder::decoder() : parts_(std::make_unique<parts>()) {}
decoder::~decoder() = default;

bool decoder::decode(std::string_view frame) {
  parts& p = *parts_;
  p.clear();
  p.good = read_flat(frame, p.root, p.lists);
  if (p.good) [[likely]] {
    p.finish(p.root);
    return true;
  }
  p.clear();
  p.good = p.document(frame) == simdjson::SUCCESS;
  return p.good;
}

std::span<const message> decoder::messages() const {
  const parts& p = *parts_;
  if (!p.good) return {};
  return p.inner ? std::span<const message>{p.list.data(), p.used} : std::span<const message>{&p.root, 1};
}

} // namespace tickplant::binance
