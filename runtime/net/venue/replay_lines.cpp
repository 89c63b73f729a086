#include "runtime/net/venue/replay_lines.hpp"

#include <algorithm>

namespace tickplant::net {

namespace {

constexpr int most_steps_a_turn = 256;
constexpr uint64_t longest_turn_ns = 1'000'000;

} // namespace

// Shared with the calls that wait on the loop, which outlive nothing: they hold it weakly.
struct replay_lines::player : std::enable_shared_from_this<player> {
  player(event_loop& loop_, plugin::venue_sink& sink_, replay_options wanted, venue_lines_options lines_)
    : loop(loop_), sink(sink_), speed(wanted.speed), lines(std::move(lines_)), tape(std::move(wanted.files)),
      began_ns(monotonic_now_ns()), began_at(tape.now()) {}

  void arm() {
    if (is_armed || is_over) return;
    const auto next = tape.next_ns();
    if (!next) return;
    is_armed = true;
    const uint64_t due = speed == 0 ? 0 : began_ns + (*next - began_at) / speed;
    const uint64_t now = monotonic_now_ns();
    const auto later = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->turn();
    };
    if (due <= now)
      loop.post(later);
    else
      loop.after(due - now, later);
  }

  void turn() {
    is_armed = false;
    if (is_over) return;
    const auto keep = shared_from_this(); // a hook may end the owner
    try {
      const uint64_t began = monotonic_now_ns();
      for (int step = 0; step < most_steps_a_turn && !is_over; ++step) {
        const auto next = tape.next_ns();
        if (!next) {
          if (lines.log) lines.log(TP_LOG_INFO, "the capture is over");
          break;
        }
        const uint64_t now = monotonic_now_ns();
        if (now - began > longest_turn_ns || (speed != 0 && began_ns + (*next - began_at) / speed > now)) break;
        if (!tape.step(sink)) break;
      }
      if (!is_over && lines.after_delivery) lines.after_delivery();
    } catch (const std::exception& fault) {
      if (!is_over && lines.on_fault) lines.on_fault(fault.what());
      is_over = true;
    }
    arm();
  }

  event_loop& loop;
  plugin::venue_sink& sink;
  uint32_t speed;
  venue_lines_options lines;
  capture::playback tape;
  uint64_t began_ns, began_at;
  bool is_armed = false, is_over = false;
};

replay_lines::replay_lines(event_loop& loop, plugin::venue_sink& sink, replay_options options,
                           venue_lines_options lines)
  : player_(std::make_shared<player>(loop, sink, std::move(options), std::move(lines))) {
  player_->arm();
}

replay_lines::~replay_lines() {
  player_->is_over = true;
}

int32_t replay_lines::line_open(const tp_line_spec& spec) {
  const int32_t answer = player_->tape.line_open(spec);
  player_->arm();
  return answer;
}

void replay_lines::line_close(uint32_t line) {
  player_->tape.line_close(line);
}

int32_t replay_lines::send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) {
  return player_->tape.send(line, unit_flags, bytes);
}

int32_t replay_lines::http_get(const tp_http_request& request) {
  const int32_t answer = player_->tape.http_get(request);
  player_->arm();
  return answer;
}

void replay_lines::set_timer(uint32_t id, uint64_t after_ns) {
  player_->tape.set_timer(id, after_ns);
  player_->arm();
}

std::optional<uint64_t> replay_lines::clock_ns() const {
  return player_->tape.clock_ns();
}

const capture::playback_counts& replay_lines::counts() const {
  return player_->tape.counts();
}

} // namespace tickplant::net
