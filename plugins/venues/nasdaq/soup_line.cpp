#include "soup_line.hpp"

#include <algorithm>

namespace tickplant::nasdaq {

namespace {

constexpr uint64_t second = 1'000'000'000;
constexpr uint64_t beat_ns = second;        // section 4.4: each side says something once a second
constexpr uint64_t answer_ns = 10 * second; // for a login

} // namespace

void soup_line::want(uint64_t now_ns) {
  if (state_ != state::off || !is_configured()) return;
  if (now_ns >= not_before_ns_) return open(now_ns);
  state_ = state::waiting;
  host_.set_timer(timer_, not_before_ns_ - now_ns);
}

void soup_line::open(uint64_t now_ns) {
  state_ = state::opening;
  ++connection_;
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line_;
  spec.kind = TP_LINE_TCP;
  spec.role = role_;
  spec.max_unit = longest_soup_packet;
  spec.name = sdk::to_tp(name_);
  spec.address = sdk::to_tp(options_.addresses[address_]);
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) {
    host_.log(sdk::log_level::error,
              "line " + std::string{name_} + " cannot be opened: code " + std::to_string(answer));
    schedule(now_ns, 0);
  }
}

void soup_line::close() {
  host_.line_close(line_);
  host_.cancel_timer(timer_ + 1);
}

void soup_line::release(uint64_t now_ns) {
  if (state_ == state::off) return;
  if (is_connected()) host_.send(line_, TP_UNIT_BINARY, soup_logout);
  if (state_ == state::opening || is_connected()) close();
  host_.cancel_timer(timer_);
  not_before_ns_ = std::max(not_before_ns_, now_ns + second);
  state_ = state::off;
}

void soup_line::fail(std::string_view why, uint64_t now_ns) {
  host_.log(refused_ ? sdk::log_level::error : sdk::log_level::warning,
            "line " + std::string{name_} + " (" + options_.addresses[address_] + "): " + std::string{why});
  if (state_ == state::opening || is_connected()) close();
  schedule(now_ns, refused_ ? options_.refused_pause_ns : 0);
}

// 1 s, doubling to 32 s, a quarter up or down by chance. With backups the next one is tried; the pause grows with each
// round over the list.
void soup_line::schedule(uint64_t now_ns, uint64_t least_ns) {
  const auto rounds = static_cast<uint32_t>(failures_ / options_.addresses.size());
  const uint64_t pause = std::max(sdk::backoff_pause_ns(rounds), least_ns);
  if (failures_ < UINT8_MAX) ++failures_;
  address_ = (address_ + 1) % options_.addresses.size();
  state_ = state::waiting;
  const uint64_t after_ns = sdk::jittered_ns(pause, host_.random());
  not_before_ns_ = now_ns + after_ns;
  host_.set_timer(timer_, after_ns);
}

soup_line::change soup_line::on_line(uint32_t line_state, std::string_view why, uint64_t now_ns) {
  if (state_ == state::off || state_ == state::waiting) return change::none;
  if (line_state == TP_LINE_UP) {
    log_in(now_ns);
    return change::none;
  }
  host_.cancel_timer(timer_ + 1);
  state_ = state::opening; // nothing to close
  host_.log(sdk::log_level::warning, "line " + std::string{name_} + " (" + options_.addresses[address_] +
                                       ") is down, trying again: " + std::string{why});
  schedule(now_ns, 0);
  return change::down;
}

void soup_line::log_in(uint64_t now_ns) {
  state_ = state::logging_in;
  heard_ns_ = now_ns;
  const auto asked = wishes_();
  const soup_login login{options_.username, options_.password, asked.session, asked.sequence};
  send(soup_login_request(login, options_.version, static_cast<uint32_t>(options_.silence_ns / 1'000'000)), now_ns);
  host_.set_timer(timer_ + 1, beat_ns);
}

void soup_line::send(std::span<const uint8_t> bytes, uint64_t now_ns) {
  spoke_ns_ = now_ns;
  host_.send(line_, TP_UNIT_BINARY, bytes);
}

soup_line::change soup_line::on_timer(uint32_t id, uint64_t now_ns) {
  if (id == timer_) {
    if (state_ == state::waiting) open(now_ns);
    return change::none;
  }
  if (!is_connected()) return change::none;
  const uint64_t quiet_ns = now_ns > heard_ns_ ? now_ns - heard_ns_ : 0;
  const bool is_late = state_ == state::logging_in && quiet_ns >= std::min(answer_ns, options_.silence_ns);
  if (is_late || quiet_ns >= options_.silence_ns) {
    fail(is_late ? "the login is not answered" : "the server is silent", now_ns);
    return change::down;
  }
  if (is_up()) send(soup_client_heartbeat, now_ns);
  host_.set_timer(timer_ + 1, beat_ns);
  return change::none;
}

} // namespace tickplant::nasdaq
