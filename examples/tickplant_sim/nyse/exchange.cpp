#include "tickplant_sim/nyse/exchange.hpp"

#include "tickplant_sim/fault_summary.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::sim::nyse {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto tick_interval = 1ms;
constexpr auto heartbeat_interval = 1s;
// A stale picture leaves this long after it was taken.
constexpr auto staleness = 2'500ms;
constexpr std::size_t most_refresh_jobs = 64;
constexpr int reset_repeats = 3;

std::vector<truth_level> truth_levels(const flow_book& book, side s, std::size_t depth) {
  std::vector<truth_level> out;
  book.visit_levels(s, depth, [&out](tick_count tick, std::uint64_t shares, std::uint32_t orders) {
    out.push_back({decimal_text(tick, 2), std::to_string(shares), orders}); // one tick is a cent
  });
  return out;
}

std::string_view state_text(const security_state& state) {
  if (state.market_state == 'X') return "closed";
  if (state.halt_condition != '~') return "halted";
  return state.market_state == 'O' ? "trading" : "auction";
}

} // namespace

exchange::exchange(const exchange_context& context, const exchange_options& options)
  : timer_{context.io}, state_{context.state}, options_{options}, day_{options.day},
    channel_{context.io, options.lines, options.multicast_interface, options.store_bytes, context.state},
    retransmission_{context.io, options.retransmission, options.multicast_interface, context.state},
    refresh_{context.io, options.refresh, options.multicast_interface, context.state},
    desk_{options.desk, service_faults{options.service_faults, seed_of(options.seed, "nyse.requests"), context.state}},
    server_{context.io, options.server, desk_,
            [this](const desk_outcome& outcome, std::chrono::milliseconds wait) { take(outcome, wait); }},
    faults_{options.channel_faults, seed_of(options.seed, "nyse.channel"), context.state} {}

void exchange::start() {
  started_ = last_sent_ = next_recovery_heartbeat_ = clock::now();
  server_.start();
  const auto at = now();
  // Priming: heartbeats with number 1 before the reset.
  for (int i = 0; i < 2; ++i) channel_.heartbeat(at.unix_ns);
  channel_.reset(day_.reset_message(at), delivery::sequence_reset, reset_repeats, at.unix_ns);
  day_.begin(at, messages_);
  publish(delivery::original);
  timer_.expires_at(started_);
  wait_for_tick();
}

day_clock exchange::now() const {
  using std::chrono::nanoseconds;
  const nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
  const nanoseconds elapsed = clock::now() - started_;
  return {static_cast<std::uint64_t>(elapsed.count()), wall.count()};
}

void exchange::wait_for_tick() {
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || done_) return;
    tick();
    // After a stall the missed ticks are left out: the day catches up by the clock.
    timer_.expires_at(std::max(timer_.expiry() + tick_interval, clock::now()));
    wait_for_tick();
  });
}

void exchange::tick() {
  const auto at = clock::now();
  if (faults_.resets(at)) restart_channel();
  if (!state_.frozen) day_.advance(now(), messages_);
  if (!messages_.empty()) {
    if (faults_.adds_unknown()) add_unknown_message();
    publish(delivery::original);
  }
  send_heartbeats(at);
  channel_.poll();
  work_on_refreshes(at);
  retransmission_.poll(at);
  refresh_.poll(at);
}

void exchange::publish(delivery flag) {
  const auto at = now().unix_ns;
  channel_.append(messages_, flag, at);
  channel_.flush(at);
  messages_.clear();
  last_sent_ = clock::now();
}

void exchange::restart_channel() {
  const auto at = now();
  // By turns: a backup publisher takes over with the books as they are, or the day begins again with empty ones.
  const bool is_failover = faults_.counts().resets % 2 == 1;
  const auto flag = is_failover ? delivery::failover : delivery::sequence_reset;
  channel_.reset(day_.reset_message(at), flag, reset_repeats, at.unix_ns);
  refreshes_.clear();
  if (is_failover) {
    ++failovers_;
    day_.fail_over(at, messages_);
    publish(delivery::failover);
  } else {
    ++cold_starts_;
    day_.restart(at, messages_);
    publish(delivery::original);
  }
}

void exchange::add_unknown_message() {
  auto& random = faults_.random();
  std::vector<std::uint8_t> content(8 + random.below(40));
  for (auto& byte : content) byte = static_cast<std::uint8_t>(random.below(256));
  xdp_encoder{messages_}.unknown(static_cast<std::uint16_t>(900 + random.below(100)), content);
}

void exchange::send_heartbeats(steady_time at) {
  const auto unix_ns = now().unix_ns;
  if (at - last_sent_ >= heartbeat_interval) {
    channel_.heartbeat(unix_ns);
    last_sent_ = at;
  }
  if (at < next_recovery_heartbeat_) return;
  next_recovery_heartbeat_ = at + heartbeat_interval;
  retransmission_.heartbeat(channel_.last_sequence() + 1, unix_ns);
  refresh_.heartbeat(unix_ns);
}

void exchange::take(const desk_outcome& outcome, std::chrono::milliseconds wait) {
  using kind = desk_outcome::kind;
  const auto due = clock::now() + wait;
  const auto unix_ns = now().unix_ns;
  const auto found = day_.market().find(outcome.symbol_index);
  const bool all = outcome.symbol_index == 0;
  switch (outcome.action) {
    case kind::retransmit:
      return retransmission_.retransmit(channel_.store(), outcome.begin, outcome.end, due, unix_ns);
    case kind::unavailable: return retransmission_.tell_unavailable(outcome.begin, outcome.end, due, unix_ns);
    case kind::mapping:
      if (all) return refresh_.tell_mappings(day_.market(), 0, day_.market().count(), due, unix_ns);
      if (found) refresh_.tell_mappings(day_.market(), *found, 1, due, unix_ns);
      return;
    case kind::refresh:
      if ((!all && !found) || refreshes_.size() >= most_refresh_jobs) return;
      refreshes_.push_back(
        {all ? 0 : *found, all ? day_.market().count() : *found + 1, !all, desk_.faults().gives_stale(), due});
      return;
    case kind::nothing:
    case kind::heartbeat: return;
  }
}

void exchange::work_on_refreshes(steady_time at) {
  if (refreshes_.empty()) return;
  auto& job = refreshes_.front();
  if (at < job.due && !job.stale) return;
  using place = refresh_line::place;
  auto where = job.next == 0 ? place::first : place::middle;
  if (job.next + 1 == job.end) where = place::last;
  if (job.alone) where = place::alone;
  const auto due = job.stale ? std::max(job.due, at) + staleness : at;
  refresh_.refresh(day_.market(), job.next, channel_.last_sequence(), where, due, now().unix_ns);
  if (++job.next == job.end) refreshes_.pop_front();
}

void exchange::stop(std::function<void()> done) {
  if (done_) return;
  done_ = std::move(done);
  timer_.cancel();
  day_.finish(now(), messages_);
  publish(delivery::original);
  channel_.release_all();
  linger(4);
}

void exchange::linger(int heartbeats_left) {
  channel_.heartbeat(now().unix_ns);
  channel_.release_all();
  timer_.expires_after(50ms);
  timer_.async_wait([this, heartbeats_left](const boost::system::error_code& error) {
    if (!error && heartbeats_left > 1) return linger(heartbeats_left - 1);
    server_.stop();
    done_();
  });
}

std::vector<nlohmann::json> exchange::ready_lines() const {
  const auto at = server_.endpoint();
  const auto host = at.address().to_string();
  return {{{"service", "nyse"},
           {"a", udp_text(channel_.line(0).target())},
           {"b", udp_text(channel_.line(1).target())},
           {"request", "tcp://" + (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port())},
           {"retransmission", udp_text(retransmission_.line().target())},
           {"refresh", udp_text(refresh_.line().target())}}};
}

std::vector<std::string> exchange::symbols() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < day_.market().count(); ++i)
    if (day_.market().stock(i).security_type != 'T') out.push_back(day_.market().stock(i).symbol);
  return out;
}

std::optional<truth_book> exchange::truth(std::string_view symbol, std::size_t depth) const {
  const auto& market = day_.market();
  for (std::size_t i = 0; i < market.count(); ++i) {
    if (market.stock(i).symbol != symbol || market.stock(i).security_type == 'T') continue;
    const auto& book = market.flow().book(i);
    truth_book out;
    out.sequence = channel_.last_sequence();
    out.state = state_text(market.security(i));
    out.levels_bid = book.level_count(side::buy);
    out.levels_ask = book.level_count(side::sell);
    out.bids = truth_levels(book, side::buy, depth);
    out.asks = truth_levels(book, side::sell, depth);
    return out;
  }
  return std::nullopt;
}

nlohmann::json exchange::summary() const {
  nlohmann::json by_type = nlohmann::json::object();
  for (const auto& [type, count] : channel_.messages_by_type()) by_type[std::to_string(type)] = count;
  nlohmann::json refused = nlohmann::json::object();
  const auto& requests = desk_.counts();
  for (const auto& [status, count] : requests.refused) refused[std::string(1, status)] = count;
  const auto& server = server_.counts();
  return {{"messages", channel_.messages()},
          {"messages_by_type", by_type},
          {"packets", channel_.packets()},
          {"channel", to_json(faults_.counts())},
          {"failovers", failovers_},
          {"cold_starts", cold_starts_},
          {"lines",
           {{"a", channel_.line(0).summary()},
            {"b", channel_.line(1).summary()},
            {"retransmission", retransmission_.line().summary()},
            {"refresh", refresh_.line().summary()}}},
          {"requests",
           {{"connections", server.connections},
            {"replaced", server.replaced},
            {"malformed", server.malformed},
            {"silent", server.silent},
            {"turned_away", server.turned_away},
            {"retransmissions", requests.retransmissions},
            {"refreshes", requests.refreshes},
            {"mappings", requests.mappings},
            {"heartbeats", requests.heartbeats},
            {"refused", refused},
            {"dropped_packets", retransmission_.dropped() + refresh_.dropped()},
            {"faults", to_json(desk_.faults().counts())}}}};
}

} // namespace tickplant::sim::nyse
