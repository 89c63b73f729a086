// Which world a venue gets: the machine's sockets, the same with a recorder before them, or a capture.
#pragma once

#include "actors/venue_adapter.hpp"
#include "runtime/capture/disk.hpp"
#include "runtime/config/options.hpp"
#include "runtime/net/event_loop.hpp"

#include <memory>

namespace tickplant::actors {

/// The settings that the plugin gets: those of the configuration; where a capture is replayed, over those that were
/// recorded with it. Throws capture::capture_fault.
plugin::settings_list settings_of(const config::venue_options& venue);

/// How the world of each instance is made. `disk` is used where the venue is recorded.
decltype(venue_setup::open_world) world_of(const config::venue_options& venue, net::event_loop* events,
                                           std::shared_ptr<capture::disk> disk);

} // namespace tickplant::actors
