// Turns the capture and the command line into what the plugin needs: a source of records, settings, and what its lines
// can have. Tells on `err` what it decided by itself.
#pragma once

#include "runtime/capture/playback.hpp"
#include "runtime/config/flatten.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/tools/replay/options.hpp"
#include "runtime/tools/replay/pcap_file.hpp"
#include "runtime/tools/replay/record.hpp"
#include "runtime/tools/replay/recorded_answers.hpp"
#include "runtime/tools/replay/world.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::replay {

class preparation {
public:
  /// Both outlive this object.
  preparation(const replay_options& options, std::ostream& err) : options_(options), err_(err) {}

  /// Throws config::document_fault.
  void read_config();
  /// Throws input_fault.
  void open();
  /// Gives a line that --line named without a scheme the scheme tcp; false for other keys, and the second time.
  bool make_tcp(std::string_view key);

  std::vector<config::flat_setting> written;
  plugin::settings_list settings;
  std::unique_ptr<record_source> source;
  std::unique_ptr<capture::playback> tape; // instead of a source: a capture of the server
  pcap_file* pcap = nullptr;
  recorded_answers answers;
  world_options io;
  uint64_t start_ns = 0; // where no capture tells the time

private:
  void set(std::string key, std::string value);
  void open_itch();
  void open_pcap();
  void open_log();
  void open_capture();
  void open_nothing();
  void name_lines();
  void guess_lines();

  const replay_options& options_;
  std::ostream& err_;
  std::vector<std::string> udp_by_default_; // keys
};

} // namespace tickplant::replay
