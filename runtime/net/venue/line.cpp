#include "runtime/net/venue/line.hpp"

namespace tickplant::net::venue {

line::line(std::shared_ptr<turns> world, line_settings settings)
  : world_(std::move(world)), settings_(std::move(settings)) {}

int32_t line::send(uint32_t, std::span<const uint8_t>) {
  return TP_E_UNSUPPORTED;
}

void line::close() {
  if (is_over()) return;
  closed_ = true;
  why_ = "closed by the plugin";
  change(TP_LINE_CLOSED);
  shut();
}

line_status line::status() const {
  return {settings_.number, settings_.kind, settings_.role, settings_.name, settings_.shown_address,
          state_,           why_,           since_ns_,      counters_};
}

void line::deliver(turns& out) {
  if (is_over()) return;
  if (up_due_) {
    out.flush();
    if (is_over() || out.is_stopped()) return;
    up_due_ = false;
    change(TP_LINE_UP);
    out.line(settings_.number, TP_LINE_UP, why_);
    if (is_over() || out.is_stopped()) return;
  }
  if (state_ == TP_LINE_UP) deliver_units(out);
  if (is_over() || out.is_stopped() || !ending_) return;
  // Units go first, and they may make the plugin close the line.
  out.flush();
  if (is_over() || out.is_stopped()) return;
  // The number is free before the plugin hears of it, so that it may open the line again from there.
  change(ending_);
  const auto why = why_;
  out.line(settings_.number, state_, why);
}

void line::report_up(std::string why) {
  up_due_ = true;
  why_ = std::move(why);
  log(TP_LOG_INFO, why_.empty() ? "up" : "up: " + why_);
  world_->schedule(shared_from_this());
}

void line::end(uint32_t state, std::string why) {
  if (!is_active()) return;
  ending_ = state;
  why_ = std::move(why);
  log(state == TP_LINE_FAILED ? TP_LOG_WARNING : TP_LOG_INFO, why_);
  shut();
  world_->schedule(shared_from_this());
}

void line::log(int32_t level, std::string_view text) {
  std::string whole = "line " + std::to_string(settings_.number);
  if (!settings_.name.empty()) whole += " (" + shown(settings_.name) + ")";
  whole += " " + settings_.shown_address + ": ";
  whole += text;
  world_->log(level, whole);
}

void line::change(uint32_t state) {
  state_ = state;
  since_ns_ = wall_now_ns();
}

} // namespace tickplant::net::venue
