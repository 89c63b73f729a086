// JSON frames of the venue to typed views: raw and combined stream events, control answers and REST depth bodies
// (venue document, sections A2 and B). Pure; never throws on input; views point into the frame that was decoded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::binance {

enum class message_kind : uint8_t {
  depth_update,
  book_ticker,
  trade,
  agg_trade,
  block_trade,
  ticker,
  mini_ticker,
  mark_price,
  partial_depth, // also the REST depth answer: the same three keys
  kline,
  server_shutdown,
  answer, // of a control request, good or bad
  other,  // known to the venue, of no use for a book
  unknown
};

/// Price and quantity as the venue wrote them, without quotes; further entries of the list are not kept.
struct level_text {
  std::string_view price, quantity;
};

/// One event: its scalars by one-letter key, its level lists, and the words of control answers. Valid until the next
/// `decode` and as long as the frame's bytes.
class message {
public:
  message_kind kind = message_kind::unknown;
  std::string_view stream;   // combined form; empty if raw
  std::string_view previous; // pu: the last update id of the event before this one; futures only
  std::string_view last_update_id, id, code, text;
  bool has_result = false, has_levels = false;
  std::span<const level_text> bids, asks;

  /// The text of a one-letter key, without quotes; empty if absent or null.
  std::string_view operator[](char letter) const {
    const unsigned i = slot(letter);
    return (present_ >> i & 1) != 0 ? fields_[i] : std::string_view{};
  }
  bool has(char letter) const { return (present_ >> slot(letter) & 1) != 0; }
  void set(char letter, std::string_view value) {
    const unsigned i = slot(letter);
    fields_[i] = value;
    present_ |= uint64_t{1} << i;
  }
  void clear() {
    kind = message_kind::unknown;
    stream = previous = last_update_id = id = code = text = {};
    has_result = has_levels = false;
    bids = asks = {};
    present_ = 0;
  }
  std::string_view symbol() const { return (*this)['s']; }

private:
  static constexpr unsigned slot(char letter) {
    return letter >= 'a' ? static_cast<unsigned>(letter - 'a') : static_cast<unsigned>(letter - 'A') + 26;
  }
  std::array<std::string_view, 52> fields_{};
  uint64_t present_ = 0;
};

struct depth_update {
  uint64_t first, last, event_time;
};
/// How a diff tells what it follows: by the first id inside it, or by the last one before it (venue document, G).
enum class chaining : uint8_t { by_first, by_previous };
struct book_ticker {
  uint64_t update, event_time;
  std::string_view bid, bid_quantity, ask, ask_quantity;
};
struct trade {
  uint64_t id, time;
  std::string_view price, quantity;
  bool buyer_is_maker;
  bool of_the_market; // futures also show fills of the insurance fund and the like, which do not count
};
struct agg_trade {
  uint64_t id, first, last, time; // id counts merged trades, first and last those inside
  std::string_view price, quantity;
  bool buyer_is_maker;
};
struct depth_picture {
  uint64_t last_update;
};
struct control_answer {
  std::optional<uint64_t> id;
  bool good;
  std::string_view code, text;
};

/// Fill the typed view; false if a key is missing or of the wrong type. Times are as sent, 0 if absent.
/// With `by_previous` the diff covers everything behind pu, so `first` is pu + 1 whatever U says.
bool read(const message& m, depth_update& out, chaining how = chaining::by_first);
bool read(const message& m, book_ticker& out);
bool read(const message& m, trade& out);
bool read(const message& m, agg_trade& out);
bool read(const message& m, depth_picture& out);
control_answer read_answer(const message& m);

/// The picture in a partial depth event of futures, which has the form of a diff.
bool read_picture(const message& m, depth_picture& out);

/// The symbol in a combined stream name, lower case as sent: "btcusdt@depth20" gives "btcusdt".
std::string_view symbol_of_stream(std::string_view stream);

/// Decodes one frame at a time; keeps its memory, which is bounded by the largest frame. One thread.
class decoder {
public:
  decoder();
  ~decoder();
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;

  /// Reads one frame with TP_PADDING readable bytes behind it. False: malformed, and `messages` is empty.
  bool decode(std::string_view frame);
  /// The event of the frame; several where the venue sends a list.
  std::span<const message> messages() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tickplant::binance
