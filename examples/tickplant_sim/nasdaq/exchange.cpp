#include "tickplant_sim/nasdaq/exchange.hpp"

#include "tickplant_sim/nasdaq/trading_clock.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tickplant::sim::nasdaq {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto tick_interval = 1ms;
constexpr auto heartbeat_interval = 1s;
constexpr auto end_of_session_interval = 50ms;
constexpr int end_of_session_packets = 10;

std::string udp_text(const boost::asio::ip::udp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return "udp://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

} // namespace

exchange::exchange(boost::asio::io_context& io, const exchange_options& options, std::unique_ptr<message_source> source)
  : timer_{io}, options_{options}, source_{std::move(source)}, store_{options.store_bytes},
    publisher_{io, options.lines, make_session_name(options.session), store_, options.multicast_interface},
    rerequest_{io, options.rerequest, make_session_name(options.session), store_} {}

void exchange::start() {
  started_ = last_sent_ = clock::now();
  rerequest_.start();
  timer_.expires_at(started_);
  wait_for_tick();
}

source_clock exchange::now() const {
  using std::chrono::nanoseconds;
  const nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
  const nanoseconds elapsed = clock::now() - started_;
  return {static_cast<std::uint64_t>(elapsed.count()), nanoseconds_since_midnight(wall.count(), options_.utc_offset_s)};
}

void exchange::wait_for_tick() {
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || done_) return;
    tick();
    // After a stall the missed ticks are left out: the source catches up by the clock.
    timer_.expires_at(std::max(timer_.expiry() + tick_interval, clock::now()));
    wait_for_tick();
  });
}

void exchange::tick() {
  const bool sent = pull([this](const source_clock& at) { source_->advance(at, blocks_); });
  if (sent)
    last_sent_ = clock::now();
  else if (clock::now() - last_sent_ >= heartbeat_interval) {
    publisher_.heartbeat();
    last_sent_ = clock::now();
  }
}

bool exchange::pull(const std::function<void(const source_clock&)>& from_source) {
  if (broken_) return false;
  try {
    from_source(now());
  } catch (const std::exception& e) {
    broken_ = true;
    if (report_) report_(e.what());
  }
  if (blocks_.empty()) return false;
  publisher_.append(blocks_);
  publisher_.flush();
  blocks_.clear();
  return true;
}

void exchange::stop(std::function<void()> done) {
  if (done_) return;
  done_ = std::move(done);
  timer_.cancel();
  pull([this](const source_clock& at) { source_->finish(at, blocks_); });
  repeat_end_of_session(end_of_session_packets);
}

void exchange::repeat_end_of_session(int left) {
  publisher_.end_of_session();
  timer_.expires_after(end_of_session_interval);
  timer_.async_wait([this, left](const boost::system::error_code& error) {
    if (!error && left > 1) return repeat_end_of_session(left - 1);
    rerequest_.stop();
    done_();
  });
}

nlohmann::json exchange::ready_line() const {
  return {{"service", "nasdaq"},
          {"a", udp_text(publisher_.line_target(0))},
          {"b", udp_text(publisher_.line_target(1))},
          {"rerequest", udp_text(rerequest_.endpoint())},
          {"session", options_.session}};
}

nlohmann::json exchange::summary() const {
  nlohmann::json messages = nlohmann::json::object();
  const auto& by_type = publisher_.messages_by_type();
  for (std::size_t type = 0; type < by_type.size(); ++type)
    if (by_type[type] > 0) {
      const char letter = static_cast<char>(type);
      const bool printable = type > ' ' && type < 0x7F;
      messages[printable ? std::string(1, letter) : "byte " + std::to_string(type)] = by_type[type];
    }
  nlohmann::json lines;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto line = publisher_.line(i);
    lines[i == 0 ? "a" : "b"] = {{"packets", line.faults.emitted},       {"lost", line.faults.lost},
                                 {"duplicated", line.faults.duplicated}, {"reordered", line.faults.reordered},
                                 {"truncated", line.faults.truncated},   {"refused", line.refused}};
  }
  const auto& requests = rerequest_.counts();
  return {{"session", options_.session},
          {"messages", publisher_.messages()},
          {"messages_by_type", messages},
          {"packets", publisher_.packets()},
          {"too_long", publisher_.skipped()},
          {"lines", lines},
          {"rerequests",
           {{"answered", requests.answered},
            {"messages", requests.messages},
            {"malformed", requests.malformed},
            {"other_session", requests.other_session},
            {"not_available", requests.not_available},
            {"refused", requests.refused}}}};
}

} // namespace tickplant::sim::nasdaq
