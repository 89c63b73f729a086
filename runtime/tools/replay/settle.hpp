// What each call of a plugin leads to in a replay: books are lent, told as wanted, asked for again, published.
#pragma once

#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/books.hpp"

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace tickplant::replay {

/// Does everything that waits, then publishes. Throws std::runtime_error where the plugin never comes to rest.
inline void settle(plugin::venue_host& host, uint64_t now_ns, books& state) {
  constexpr size_t most_turns = 1'000'000;
  for (size_t turn = 0; !host.is_broken(); ++turn) {
    if (turn == most_turns) throw std::runtime_error{"the plugin never comes to rest"};
    state.lend();
    std::vector<tp_interest> interests;
    for (const uint32_t number : state.take_lent())
      interests.push_back({number, TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK});
    if (!interests.empty()) {
      host.on_interest(interests, now_ns);
      continue;
    }
    if (!state.resynchronise(host, now_ns)) break;
  }
  state.publish(now_ns);
}

} // namespace tickplant::replay
