// Where the arbiter's messages go: into the normaliser, and into a running replay, which must catch up with the live
// flow.
#pragma once

#include "venue_session.hpp"

namespace tickplant::nasdaq {

struct venue_session::sink {
  venue_session& owner;

  decode_context context(uint64_t sequence) const {
    auto result = owner.normalizer_.live();
    result.complete = !owner.adrift_;
    if (owner.phase_ == phase::catching_up) {
      result.flags = TP_SNAPSHOT;
      result.replay = sequence < owner.retold_below_;
    }
    return result;
  }
  void messages(uint64_t first, const uint8_t* block, uint32_t count) {
    if (first < owner.retold_below_ && owner.retold_below_ < first + count) [[unlikely]] { // told before, and news
      for (; count > 0; --count, ++first, block = next_block(block)) held(first, block + 2, sdk::be16(block));
      return;
    }
    owner.normalizer_.blocks(first, block, count, context(first));
    if (!owner.replay_.is_active()) return;
    for (uint32_t i = 0; i < count; ++i, block = next_block(block))
      owner.replay_.offer(first + i, block + 2, sdk::be16(block));
  }
  void held(uint64_t sequence, const uint8_t* data, uint16_t size) {
    owner.normalizer_.message(sequence, data, size, context(sequence));
    if (owner.replay_.is_active()) owner.replay_.offer(sequence, data, size);
  }
};

} // namespace tickplant::nasdaq
