// Strong identities. An identity is meaningful in this process only; what clients see is venue and symbol.
#pragma once

#include <cstdint>
#include <functional>

namespace tickplant::model {

/// A configured venue: its position in the configuration's order.
enum class venue_id : uint16_t {};

/// An instrument at one venue: its place in the table of engines of its feed loop. Kept while the process lives, also
/// when the venue's adapter or the instrument's book is started anew.
enum class instrument_id : uint32_t {};

constexpr uint32_t index_of(instrument_id id) {
  return static_cast<uint32_t>(id);
}
constexpr uint32_t index_of(venue_id id) {
  return static_cast<uint32_t>(id);
}

} // namespace tickplant::model
