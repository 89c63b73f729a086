// The lines of one instance: opened by the host on our behalf, opened again with growing pauses when they fail.
#pragma once

#include "config.hpp"

#include <tickplant/line_retries.hpp>

#include <optional>

namespace tickplant::nasdaq {

/// Line numbers: a, b, file, and the re-request servers from `first_server` on. The numbers of the two TCP lines are
/// here too, but those are kept by soup_line.
class line_set {
public:
  static constexpr uint32_t a = 0, b = 1, file = 2, glimpse = 3, soup = 4, first_server = 8;
  static constexpr uint32_t first_timer = 64;                    // timer of a line: first_timer + line
  static constexpr uint32_t soup_timer = 16, glimpse_timer = 18; // two each

  line_set(sdk::venue_host host, const options& opts) : host_(host), options_(opts), retries_(host, first_timer) {}

  void open_all();
  /// What the host says about a line; schedules the next try where it went down.
  void on_line(uint32_t line, uint32_t state, std::string_view why);
  /// Opens a line again if the timer is one of ours.
  bool on_timer(uint32_t id);
  void close_all() { retries_.cancel_all(); }

  static bool is_live(uint32_t line) { return line == a || line == b; }
  /// The live lines in one row, for counters: a, b, soup.
  static std::optional<uint32_t> source_of(uint32_t line) {
    return is_live(line) ? std::optional{line} : line == soup ? std::optional{2u} : std::nullopt;
  }
  bool is_server(uint32_t line) const { return line >= first_server && line < first_server + options_.servers.size(); }
  size_t servers() const { return options_.servers.size(); }
  bool is_configured(uint32_t line) const { return line == a ? !options_.line_a.empty() : !options_.line_b.empty(); }
  static std::string_view name(uint32_t line);

private:
  void open(uint32_t line);

  sdk::venue_host host_;
  const options& options_;
  sdk::line_retries<first_server + most_servers> retries_;
};

} // namespace tickplant::nasdaq
