// Stands between a plugin and its world, and keeps an eye on live lines: which are up is what a venue's health is
// judged by. Everything is passed on as it is.
#pragma once

#include "runtime/plugin/venue_io.hpp"
#include "runtime/supervision/line_health.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace tickplant::actors {

class line_watch final : public plugin::venue_io {
public:
  /// `now_ns` is the loop's monotonic clock.
  line_watch(std::unique_ptr<plugin::venue_io> world, supervision::line_limits limits, std::function<uint64_t()> now_ns)
    : world_(std::move(world)), health_(limits), now_ns_(std::move(now_ns)) {}

  supervision::line_health& health() { return health_; }
  std::chrono::nanoseconds now() const { return std::chrono::nanoseconds{static_cast<int64_t>(now_ns_())}; }

  /// What the world brought.
  void changed(uint32_t line, uint32_t state) {
    using to = supervision::line_health::line_state;
    const auto seen = state == TP_LINE_UP ? to::up : state == TP_LINE_FILE_END ? to::ended : to::down;
    health_.changed(line, seen, now());
  }

  int32_t line_open(const tp_line_spec& spec) override {
    const auto answer = world_->line_open(spec);
    // A live line that the world refuses is as good as one that failed.
    if (spec.role == TP_ROLE_LIVE) {
      health_.opened(spec.line, now());
      if (answer != TP_OK) health_.changed(spec.line, supervision::line_health::line_state::down, now());
    }
    return answer;
  }
  void line_close(uint32_t line) override {
    health_.closed(line);
    world_->line_close(line);
  }
  int32_t send(uint32_t line, uint32_t flags, std::span<const uint8_t> bytes) override {
    return world_->send(line, flags, bytes);
  }
  int32_t http_get(const tp_http_request& request) override { return world_->http_get(request); }
  void set_timer(uint32_t id, uint64_t after_ns) override { world_->set_timer(id, after_ns); }
  std::optional<uint64_t> clock_ns() const override { return world_->clock_ns(); }
  const plugin::venue_io& innermost() const override { return world_->innermost(); }

private:
  std::unique_ptr<plugin::venue_io> world_;
  supervision::line_health health_;
  std::function<uint64_t()> now_ns_;
};

} // namespace tickplant::actors
