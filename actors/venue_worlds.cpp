#include "actors/venue_worlds.hpp"

#include "actors/assembly.hpp"
#include "runtime/capture/reader.hpp"
#include "runtime/capture/recorder.hpp"
#include "runtime/config/value.hpp"
#include "runtime/net/venue/replay_lines.hpp"
#include "runtime/net/venue/venue_lines.hpp"

#include <algorithm>

namespace tickplant::actors {

namespace {

net::venue_lines_options lines_with(world_hooks hooks) {
  net::venue_lines_options lines;
  lines.log = std::move(hooks.log);
  lines.on_fault = std::move(hooks.on_fault);
  lines.after_delivery = std::move(hooks.after_delivery);
  return lines;
}

/// `lines.a` and `lines.a.0` belong to the same key, as do `symbols` and `symbols.0`.
std::string key_of(std::string_view key) {
  const size_t dot = key.rfind('.');
  const bool is_of_list = dot != std::string_view::npos && dot + 1 < key.size() &&
                          std::all_of(key.begin() + static_cast<std::ptrdiff_t>(dot) + 1, key.end(),
                                      [](char c) { return c >= '0' && c <= '9'; });
  return std::string{is_of_list ? key.substr(0, dot) : key};
}

capture::settings without_secrets(const plugin::settings_list& settings) {
  capture::settings told;
  for (const auto& [key, value] : settings)
    if (!config::is_secret_setting(key)) told.emplace_back(key, value);
  return told;
}

std::unique_ptr<plugin::venue_io> open_recorded(net::event_loop& events, plugin::venue_sink& sink, world_hooks hooks,
                                                const config::venue_options& venue, capture::disk& disk) {
  capture::series_options wanted;
  wanted.folder = venue.capture_folder;
  wanted.venue = shown_name(venue.name);
  wanted.plugin = venue.plugin.substr(venue.plugin.rfind('/') + 1);
  wanted.session = wanted.created_ns = net::wall_now_ns();
  wanted.file_bytes = venue.capture_file_size;
  wanted.keep_files = venue.capture_keep_files;
  auto recorder = std::make_unique<capture::recorder>(sink, disk.open(std::move(wanted)), net::wall_now_ns,
                                                      without_secrets(settings_of(venue)));
  recorder->attach(std::make_unique<net::venue_lines>(events, *recorder, lines_with(std::move(hooks))));
  return recorder;
}

} // namespace

plugin::settings_list settings_of(const config::venue_options& venue) {
  auto settings = config::pairs_of(venue.settings);
  if (venue.replay_files.empty()) return settings;
  std::vector<std::string> given;
  for (const auto& [key, value] : settings) given.push_back(key_of(key));
  for (auto& [key, value] : capture::settings_of(venue.replay_files.front()))
    if (std::find(given.begin(), given.end(), key_of(key)) == given.end())
      settings.emplace_back(std::move(key), std::move(value));
  return settings;
}

decltype(venue_setup::open_world) world_of(const config::venue_options& venue, net::event_loop* events,
                                           std::shared_ptr<capture::disk> disk) {
  return [venue, events, disk = std::move(disk)](plugin::venue_sink& sink,
                                                 world_hooks hooks) -> std::unique_ptr<plugin::venue_io> {
    if (!venue.replay_files.empty())
      return std::make_unique<net::replay_lines>(
        *events, sink, net::replay_options{venue.replay_files, venue.replay_speed}, lines_with(std::move(hooks)));
    if (!venue.capture_folder.empty()) return open_recorded(*events, sink, std::move(hooks), venue, *disk);
    return std::make_unique<net::venue_lines>(*events, sink, lines_with(std::move(hooks)));
  };
}

} // namespace tickplant::actors
