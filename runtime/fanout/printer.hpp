// Calls a dialect's printing functions into buffers that grow as the dialect asks. One per dialect and loop.
#pragma once

#include "runtime/book/publication.hpp"
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
  /// `ops` and `self` are a dialect instance that outlives the printer.
  printer(const tp_dialect_ops* ops, void* self) : ops_(ops), self_(self) {}

  const tp_dialect_ops& ops() const { return *ops_; }
  std::string_view separator() const { return {ops_->separator.data, ops_->separator.size}; }
  std::string_view tail() const { return {ops_->tail.data, ops_->tail.size}; }
  wire::opcode opcode() const {
    return ops_->frame_flags & TP_FRAME_BINARY ? wire::opcode::binary : wire::opcode::text;
  }

  /// Each appends to `out` and tells whether anything was printed; a dialect that fails prints nothing.
  bool envelope(const tp_envelope& envelope, const tp_variant& variant, bytes& out) const;
  bool element(const tp_element& element, const tp_variant& variant, bytes& out) const;
  bool reply(const tp_reply& reply, bytes& out) const;

private:
  const tp_dialect_ops* ops_;
  void* self_;
};

/// The state of an instrument in the ABI's form; borrows the publication's texts and levels. `price` is the last trade,
/// else the middle of bid and ask with one more digit where it needs one, else TP_NONE.
tp_element to_element(const book::publication& state, uint64_t tick_ns);

} // namespace tickplant::fanout
