// What the fan-out needs of a dialect instance, and the state of an instrument in the form that dialects print.
#pragma once

#include "runtime/book/publication.hpp"
#include "runtime/plugin/dialect_host.hpp"
#include "runtime/wire/rfc6455.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::fanout {

using bytes = std::vector<uint8_t>;

class printer {
public:
  /// `dialect` is a created instance that outlives the printer.
  explicit printer(plugin::dialect_host& dialect) : dialect_(dialect) {}

  const tp_dialect_ops& ops() const { return dialect_.ops(); }
  std::string_view separator() const { return dialect_.separator(); }
  std::string_view tail() const { return dialect_.tail(); }
  wire::opcode opcode() const {
    return ops().frame_flags & TP_FRAME_BINARY ? wire::opcode::binary : wire::opcode::text;
  }

  /// Each appends to `out` and tells whether anything was printed; a dialect that fails prints nothing.
  bool envelope(const tp_envelope& envelope, const tp_variant& variant, bytes& out) const {
    return dialect_.envelope(envelope, variant, out) > 0;
  }
  bool element(const tp_element& element, const tp_variant& variant, bytes& out) const {
    return dialect_.element(element, variant, out) > 0;
  }
  bool reply(const tp_reply& reply, bytes& out) const { return dialect_.reply(reply, out) > 0; }
  bool trade(const tp_trade& trade, const tp_variant& variant, bytes& out) const {
    return dialect_.trade(trade, variant, out) > 0;
  }
  bool book_delta(const tp_book_delta& delta, const tp_variant& variant, bytes& out) const {
    return dialect_.book_delta(delta, variant, out) > 0;
  }
  bool has_series(uint32_t series) const { return dialect_.has_series(series); }

private:
  plugin::dialect_host& dialect_;
};

/// The state of an instrument in the ABI's form; borrows the publication's texts and levels. `price` is the last trade,
/// else the middle of bid and ask with one more digit where it needs one, else TP_NONE. `legs` keeps those of a
/// consolidated instrument for as long as the element is used; null: they are left out.
tp_element to_element(const book::publication& state, uint64_t tick_ns, std::vector<tp_leg>* legs = nullptr);

/// A signal in the ABI's form; borrows its texts.
tp_signal to_signal(const book::signal& signal);

} // namespace tickplant::fanout
