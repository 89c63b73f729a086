// Stands between a venue plugin's host and its world and writes down what passes: the world's units, stream bytes, line
// states and HTTP answers, the plugin's sends and requests. Adds nothing and takes nothing away; when the disk is
// behind or fails, records are dropped and counted, never the flow. One thread, the instance's.
#pragma once

#include "runtime/capture/disk.hpp"
#include "runtime/plugin/venue_io.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::capture {

struct recorder_counts {
  uint64_t records = 0, bytes = 0, dropped = 0;
};

class recorder final : public plugin::venue_io, public plugin::venue_sink {
public:
  /// `sink` outlives the recorder. `wall_ns` tells the time of what the plugin asks for. `told` are the plugin's
  /// settings, without secrets.
  recorder(plugin::venue_sink& sink, std::shared_ptr<series> to, std::function<uint64_t()> wall_ns,
           const settings& told = {});
  /// Writes the end of the session.
  ~recorder() override;
  /// The world, made with this object as its sink; once, before anything else.
  void attach(std::unique_ptr<plugin::venue_io> world) { world_ = std::move(world); }

  const recorder_counts& counts() const { return counts_; }

  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override { world_->set_timer(id, after_ns); }
  const plugin::venue_io& innermost() const override { return world_->innermost(); }

  void on_units(std::span<const tp_unit> units) override;
  int64_t on_stream(const tp_unit& unit) override;
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) override;
  void on_http(const tp_http_answer& answer) override;
  void on_timer(uint32_t id, uint64_t now_ns) override;

private:
  void write(record_kind kind, uint32_t flags, uint32_t line, uint64_t ns, std::span<const uint8_t> payload,
             std::span<const uint8_t> second = {});
  void hand_over();
  void hand_over_if_due(uint64_t ns);

  plugin::venue_sink& sink_;
  std::unique_ptr<plugin::venue_io> world_;
  std::shared_ptr<series> to_;
  std::function<uint64_t()> wall_ns_;
  std::vector<uint8_t> chunk_;
  uint64_t sequence_ = 0, handed_over_ns_ = 0, untold_drops_ = 0;
  std::map<uint32_t, uint32_t> unread_;   // by line: bytes of its stream that the plugin has left
  std::map<uint32_t, std::string> asked_; // URLs of requests without an answer
  recorder_counts counts_;
};

} // namespace tickplant::capture
