// The multicast lines of one instance: opened by the host on our behalf, opened again with growing pauses when they
// fail. The TCP services have rules of their own: service_link.
#pragma once

#include "config.hpp"

#include <tickplant/line_retries.hpp>

namespace tickplant::lse {

/// Line numbers: a and b. Services take theirs from `first_service` on.
class line_set {
public:
  static constexpr uint32_t a = 0, b = 1, first_service = 2;
  static constexpr uint32_t first_timer = 64; // timer of a line: first_timer + line

  line_set(sdk::venue_host host, const options& opts) : host_(host), options_(opts), retries_(host, first_timer) {}

  void open_all();
  /// What the host says about a line; schedules the next try where it went down.
  void on_line(uint32_t line, uint32_t state, std::string_view why);
  /// Opens a line again if the timer is one of ours.
  bool on_timer(uint32_t id);
  void close_all() { retries_.cancel_all(); }

  static bool is_live(uint32_t line) { return line == a || line == b; }
  bool is_configured(uint32_t line) const { return line == a ? !options_.line_a.empty() : !options_.line_b.empty(); }
  static std::string_view name(uint32_t line) { return line == a ? "a" : "b"; }

private:
  void open(uint32_t line);

  sdk::venue_host host_;
  const options& options_;
  sdk::line_retries<2> retries_;
};

} // namespace tickplant::lse
