// Where clients stood on their lines when their hub died, for the hub that takes its place: it tells them what it can
// no longer bring them. Also keeps what clients asked to resume from while there was no hub. One thread.
#pragma once

#include "runtime/fanout/option_set.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tickplant::fanout {

/// One line of one row.
struct left_place {
  client_key client;
  model::instrument_id id{};
  option_set options;
  line_point point;
};

class left_places {
public:
  /// A later place on the same line replaces an earlier one.
  void keep(left_place place) {
    auto& those = places_[key_of(place.client, place.id)];
    // The socket's number was given anew: what its former client had is nobody's.
    std::erase_if(those, [&](const left_place& one) {
      return one.client != place.client || (one.point.series == place.point.series && one.options == place.options);
    });
    those.push_back(std::move(place));
  }

  /// Those of one row, which are kept no longer.
  std::vector<line_point> take(client_key client, const option_set& options, model::instrument_id id) {
    std::vector<line_point> points;
    const auto found = places_.find(key_of(client, id));
    if (found == places_.end()) return points;
    std::erase_if(found->second, [&](const left_place& one) {
      if (one.client != client || one.options != options) return false;
      points.push_back(one.point);
      return true;
    });
    if (found->second.empty()) places_.erase(found);
    return points;
  }

  /// The client is gone.
  void forget(client_key client) {
    if (places_.empty()) return;
    std::erase_if(places_, [&](const auto& entry) { return entry.first >> 32 == client.index; });
  }

  bool empty() const { return places_.empty(); }

private:
  static uint64_t key_of(client_key client, model::instrument_id id) {
    return uint64_t{client.index} << 32 | model::index_of(id);
  }
  std::unordered_map<uint64_t, std::vector<left_place>> places_; // by socket and instrument
};

} // namespace tickplant::fanout
