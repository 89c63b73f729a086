// C++20 wrapper of the dialect kind: a class with ordinary member functions becomes a tp_dialect_ops table.
//
//   struct my_dialect {
//     static tp_dialect_ops defaults();  // frame_flags, max_elements, default_*, separator, tail; the rest zero
//     static void validate(tickplant::sdk::settings, tickplant::sdk::dialect_host);
//     my_dialect(tickplant::sdk::settings, tickplant::sdk::dialect_host);
//     void decode(const tp_frame&, tickplant::sdk::request_sink);
//     void envelope(const tp_envelope&, const tp_variant&, tickplant::sdk::text_writer&);
//     void element(const tp_element&, const tp_variant&, tickplant::sdk::text_writer&);
//     void reply(const tp_reply&, tickplant::sdk::text_writer&);
//     // Both or one of them, if the dialect has such lines:
//     void trade(const tp_trade&, const tp_variant&, tickplant::sdk::text_writer&);
//     void book_delta(const tp_book_delta&, const tp_variant&, tickplant::sdk::text_writer&);
//   };
//   TP_DIALECT_PLUGIN("my", "1.0.0", my_dialect)
#pragma once

#include <tickplant/dialect.h>
#include <tickplant/plugin.hpp>

namespace tickplant::sdk {

/// Writes into a buffer of fixed size and goes on counting beyond its end, as the printing functions of dialect.h
/// demand.
class text_writer {
public:
  text_writer(uint8_t* out, size_t capacity) : out_(reinterpret_cast<char*>(out)), capacity_(capacity) {}

  void put(char c) {
    if (size_ < capacity_) out_[size_] = c;
    ++size_;
  }
  void put(std::string_view text) {
    if (size_ + text.size() <= capacity_) std::memcpy(out_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  template <std::integral Number>
  void put_number(Number value) {
    char digits[24];
    auto [end, fault] = std::to_chars(digits, digits + sizeof digits, value);
    static_cast<void>(fault); // 24 characters hold any 64-bit number
    put(std::string_view{digits, static_cast<size_t>(end - digits)});
  }
  /// Prints mantissa * 10^exponent exactly, without trailing zeros of the fraction.
  void put_decimal(int64_t mantissa, int exponent);
  /// Prints a 128-bit mantissa * 10^exponent exactly, without trailing zeros of the fraction.
  void put_decimal(tp_wide mantissa, int exponent);
  /// Prints a JSON string, quotes included. Bytes that are not valid UTF-8 become U+FFFD.
  void put_json_string(std::string_view text);

  size_t size() const { return size_; }

private:
  void put_scaled(bool negative, std::string_view digits, int exponent);

  char* out_;
  size_t capacity_;
  size_t size_ = 0;
};

inline void text_writer::put_scaled(bool negative, std::string_view digits, int exponent) {
  const bool is_zero = digits == "0";
  if (negative && !is_zero) put('-');
  if (exponent >= 0) {
    put(digits);
    if (!is_zero)
      for (int i = 0; i < exponent; ++i) put('0');
    return;
  }
  const auto places = static_cast<size_t>(-exponent);
  const size_t whole = digits.size() > places ? digits.size() - places : 0;
  if (whole == 0)
    put('0');
  else
    put(digits.substr(0, whole));
  size_t end = digits.size();
  while (end > whole && digits[end - 1] == '0') --end;
  if (end == whole) return;
  put('.');
  for (size_t i = digits.size(); i < places; ++i) put('0');
  put(digits.substr(whole, end - whole));
}

inline void text_writer::put_decimal(int64_t mantissa, int exponent) {
  const uint64_t magnitude = mantissa < 0 ? 0 - static_cast<uint64_t>(mantissa) : static_cast<uint64_t>(mantissa);
  char digits[24];
  auto [end, fault] = std::to_chars(digits, digits + sizeof digits, magnitude);
  static_cast<void>(fault);
  put_scaled(mantissa < 0, {digits, static_cast<size_t>(end - digits)}, exponent);
}

inline void text_writer::put_decimal(tp_wide mantissa, int exponent) {
  __extension__ using wide = unsigned __int128;
  auto magnitude = (static_cast<wide>(static_cast<uint64_t>(mantissa.high)) << 64) | mantissa.low;
  const bool negative = mantissa.high < 0;
  if (negative) magnitude = 0 - magnitude;
  char digits[40];
  char* first = digits + sizeof digits;
  do {
    *--first = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  put_scaled(negative, {first, static_cast<size_t>(digits + sizeof digits - first)}, exponent);
}

namespace detail {
/// Length of the valid UTF-8 sequence at `text`, 0 if there is none (RFC 3629, section 4).
inline size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto tail = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xBF) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF)
    return tail(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && tail(2) ? 3 : 0;
  if (lead >= 0xF0 && lead <= 0xF4)
    return tail(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}
} // namespace detail

inline void text_writer::put_json_string(std::string_view text) {
  put('"');
  while (!text.empty()) {
    const char c = text.front();
    const auto code = static_cast<uint8_t>(c);
    if (code >= 0x20 && code < 0x80) {
      if (c == '"' || c == '\\') put('\\');
      put(c);
      text.remove_prefix(1);
    } else if (code < 0x20) {
      constexpr char hex[] = "0123456789abcdef";
      put("\\u00");
      put(hex[code >> 4]);
      put(hex[code & 15]);
      text.remove_prefix(1);
    } else if (const size_t length = detail::utf8_length(text)) {
      put(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      put("\xEF\xBF\xBD");
      text.remove_prefix(1);
    }
  }
  put('"');
}

/// The host's services for one instance; valid from `create` to `destroy`.
class dialect_host {
public:
  dialect_host(const tp_dialect_host* table, tp_ctx* ctx) : table_(table), ctx_(ctx) {}
  void log(log_level level, std::string_view text) const {
    table_->log(ctx_, static_cast<int32_t>(level), to_tp(text));
  }
  void complain(std::string_view key, std::string_view problem) const {
    table_->complain(ctx_, to_tp(key), to_tp(problem));
  }
  const tp_dialect_host* table() const { return table_; }

private:
  const tp_dialect_host* table_;
  tp_ctx* ctx_;
};

/// Where decoded requests go; valid for one call of decode.
class request_sink {
public:
  request_sink(const tp_dialect_host* table, tp_ctx* to) : table_(table), to_(to) {}
  void request(const tp_request& request) const { table_->request(to_, &request); }
  void problem(int32_t code, std::string_view field, std::string_view detail, std::string_view id = {}) const {
    const tp_problem p{sizeof(tp_problem), code, to_tp(field), to_tp(detail), to_tp(id)};
    table_->problem(to_, &p);
  }

private:
  const tp_dialect_host* table_;
  tp_ctx* to_;
};

namespace detail {

template <class Dialect, class Print>
int64_t printed(void* self, uint8_t* out, size_t capacity, Print&& print) noexcept {
  return on_instance<Dialect, dialect_host>(self, [&](Dialect& dialect, dialect_host&) -> int64_t {
    text_writer writer{out, capacity};
    print(dialect, writer);
    return static_cast<int64_t>(writer.size());
  });
}

} // namespace detail

/// The ops table of a dialect class. Call once, keep the result in static memory.
template <class Dialect>
tp_dialect_ops make_dialect_ops() {
  tp_dialect_ops ops = Dialect::defaults();
  ops.struct_size = sizeof(tp_dialect_ops);
  detail::set_life<Dialect, dialect_host, tp_dialect_host>(ops);
  ops.decode = [](void* self, const tp_frame* frame, tp_ctx* to) -> int32_t {
    return detail::on_instance<Dialect, dialect_host>(self, [&](Dialect& dialect, dialect_host& host) -> int32_t {
      dialect.decode(*frame, request_sink{host.table(), to});
      return TP_OK;
    });
  };
  ops.envelope = [](void* self, const tp_envelope* e, const tp_variant* v, uint8_t* out, size_t capacity) -> int64_t {
    return detail::printed<Dialect>(self, out, capacity, [&](Dialect& d, text_writer& w) { d.envelope(*e, *v, w); });
  };
  ops.element = [](void* self, const tp_element* e, const tp_variant* v, uint8_t* out, size_t capacity) -> int64_t {
    return detail::printed<Dialect>(self, out, capacity, [&](Dialect& d, text_writer& w) { d.element(*e, *v, w); });
  };
  ops.reply = [](void* self, const tp_reply* r, uint8_t* out, size_t capacity) -> int64_t {
    return detail::printed<Dialect>(self, out, capacity, [&](Dialect& d, text_writer& w) { d.reply(*r, w); });
  };
  if constexpr (requires(Dialect & d, const tp_trade& t, const tp_variant& v, text_writer& w) { d.trade(t, v, w); })
    ops.trade = [](void* self, const tp_trade* t, const tp_variant* v, uint8_t* out, size_t capacity) -> int64_t {
      return detail::printed<Dialect>(self, out, capacity, [&](Dialect& d, text_writer& w) { d.trade(*t, *v, w); });
    };
  if constexpr (requires(Dialect & d, const tp_book_delta& b, const tp_variant& v, text_writer& w) {
                  d.book_delta(b, v, w);
                })
    ops.book_delta = [](void* self, const tp_book_delta* b, const tp_variant* v, uint8_t* out,
                        size_t capacity) -> int64_t {
      return detail::printed<Dialect>(self, out, capacity,
                                      [&](Dialect& d, text_writer& w) { d.book_delta(*b, *v, w); });
    };
  return ops;
}

} // namespace tickplant::sdk

/// The plugin's one exported symbol. TP_BUILD_ID comes from tp_add_plugin().
#define TP_DIALECT_PLUGIN(NAME, VERSION, DIALECT)                                                                      \
  TP_PLUGIN_OF_KIND(NAME, VERSION, TP_KIND_DIALECT, tp_element, ::tickplant::sdk::make_dialect_ops<DIALECT>)
