// Lines that are opened again when they fail, with growing pauses: the host never does it by itself. Says in the host's
// log what went wrong, and sets a timer per line. One instance, one thread; the plugin opens the lines.
#pragma once

#include <tickplant/backoff.hpp>
#include <tickplant/venue.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::sdk {

/// For lines 0 to `Lines` - 1; the timer of a line is `first_timer` + its number. Lines of other numbers are ignored.
template <size_t Lines>
class line_retries {
public:
  line_retries(venue_host host, uint32_t first_timer) : host_(host), first_timer_(first_timer) {}

  /// The line is up: the next failure counts as the first.
  void up(uint32_t line) {
    if (line < Lines) pauses_[line].succeed();
  }
  /// The line went down.
  void down(uint32_t line, std::string_view name, std::string_view why) {
    if (line >= Lines) return;
    host_.log(log_level::warning, "line " + std::string{name} + " is down, trying again: " + std::string{why});
    schedule(line);
  }
  /// `line_open` answered something else than TP_OK.
  void refused(uint32_t line, std::string_view name, int32_t answer) {
    if (line >= Lines) return;
    host_.log(log_level::error, "line " + std::string{name} + " cannot be opened: code " + std::to_string(answer));
    schedule(line);
  }
  /// The line that is to be opened again, if the timer is that of a line.
  std::optional<uint32_t> line_of(uint32_t timer) const {
    if (timer < first_timer_ || timer - first_timer_ >= Lines) return std::nullopt;
    return timer - first_timer_;
  }
  void cancel_all() {
    for (uint32_t line = 0; line < Lines; ++line) host_.cancel_timer(first_timer_ + line);
  }

private:
  void schedule(uint32_t line) { host_.set_timer(first_timer_ + line, pauses_[line].fail(host_.random())); }

  venue_host host_;
  uint32_t first_timer_;
  std::array<backoff, Lines> pauses_{};
};

} // namespace tickplant::sdk
