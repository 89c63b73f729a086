// A venue's world that a capture plays, at the capture's pace: a drop-in for venue_lines where a venue is replayed
// instead of heard. Its clock is the capture's. Everything on the event loop's thread; loop and sink outlive it. A
// damaged capture ends the instance by on_fault; at its end the lines close and the loop goes idle.
#pragma once

#include "runtime/capture/playback.hpp"
#include "runtime/net/venue/venue_lines.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tickplant::net {

struct replay_options {
  std::vector<std::string> files;
  /// Of the capture's time; 0: as fast as the loop can, in turns of bounded length.
  uint32_t speed = 1;
};

class replay_lines final : public plugin::venue_io {
public:
  /// Of `lines` the log and the hooks are used. Throws capture::capture_fault where the first file is none.
  replay_lines(event_loop& loop, plugin::venue_sink& sink, replay_options options, venue_lines_options lines);
  ~replay_lines() override;

  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override;
  std::optional<uint64_t> clock_ns() const override;

  const capture::playback_counts& counts() const;

private:
  struct player;
  std::shared_ptr<player> player_;
};

} // namespace tickplant::net
