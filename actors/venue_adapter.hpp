// The actor of one venue: owns a plugin instance with its world (lines, timers) and its feed (order stores, held
// events). Lives on the venue's feed loop, beside its books. When it dies its books are stale and keep what they
// published last.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/loop.hpp"
#include "actors/venue_health.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// What the world of a plugin calls besides its sink.
struct world_hooks {
  std::function<void(int32_t level, std::string_view text)> log;
  std::function<void(std::string_view what)> on_fault;
  std::function<void()> after_delivery;
};

/// How one venue is started, again and again.
struct venue_setup {
  std::string name; // upper case
  plugin::venue_plugin plugin;
  plugin::settings_list settings;
  std::vector<std::string> symbols; // names or patterns with `*`; empty: all
  /// Makes the instance's world; the server's is net::venue_lines.
  std::function<std::unique_ptr<plugin::venue_io>(plugin::venue_sink& sink, world_hooks hooks)> open_world;
  plugin::settings_list backup = {}; // settings with the backup lines in the place of the primary ones
  venue_care care = {};
  std::function<book::band_rule(std::string_view symbol)> band = {}; // empty: prices have no bands
  size_t present_memory = 0;                                         // bytes for books, there from the start
};

class venue_session;

struct venue_adapter_state {
  static inline const char* name = "tp.venue_adapter";
  std::unique_ptr<venue_session> session;
  venue_adapter_state();
  ~venue_adapter_state();
};

venue_adapter_actor::behavior_type venue_adapter(loop_pointer<venue_adapter_actor, venue_adapter_state> self,
                                                 feed_context* context, venue_place* place,
                                                 std::shared_ptr<const venue_setup> setup,
                                                 std::shared_ptr<venue_health> health);

} // namespace tickplant::actors
