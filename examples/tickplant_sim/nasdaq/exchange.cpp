#include "tickplant_sim/nasdaq/exchange.hpp"

#include "tickplant_sim/fault_summary.hpp"
#include "tickplant_sim/nasdaq/glimpse_picture.hpp"
#include "tickplant_sim/nasdaq/order_flow.hpp"
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
constexpr auto old_picture_age = 2s; // of what a stale GLIMPSE service gives, at least

/// The name of the session after one: its last characters count up in base 36.
std::string following(std::string name, std::uint64_t sessions) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  name.resize(10, '0');
  for (std::size_t i = 10; i-- > 7; sessions /= digits.size()) name[i] = digits[sessions % digits.size()];
  return name;
}

std::vector<truth_level> truth_levels(const flow_book& book, side s, std::size_t depth) {
  std::vector<truth_level> out;
  book.visit_levels(s, depth, [&out](tick_count tick, std::uint64_t shares, std::uint32_t orders) {
    out.push_back({decimal_text(tick, 2), std::to_string(shares), orders}); // one tick is a cent
  });
  return out;
}

} // namespace

exchange::exchange(const exchange_context& context, const exchange_options& options,
                   std::unique_ptr<message_source> source)
  : timer_{context.io}, state_{context.state}, options_{options}, source_{std::move(source)},
    store_{options.store_bytes},
    publisher_{context.io,   options.lines, make_session_name(options.session), store_, options.multicast_interface,
               context.state},
    rerequest_{context.io, options.rerequest, make_session_name(options.session), store_,
               service_faults{options.rerequest_faults, seed_of(options.seed, "nasdaq.rerequest"), context.state}},
    live_{options.session, &store_, {}, options.username, options.password}, pictures_{options.session, nullptr,
                                                                                       [this] { return picture(); },
                                                                                       options.username,
                                                                                       options.password},
    stale_{options.glimpse_faults, seed_of(options.seed, "nasdaq.stale"), context.state},
    faults_{options.channel_faults, seed_of(options.seed, "nasdaq.channel"), context.state}, report_{context.report} {
  if (options.soup)
    soup_.emplace(context.io, *options.soup, live_,
                  service_faults{options.soup_faults, seed_of(options.seed, "nasdaq.soup"), context.state});
  if (options.glimpse)
    glimpse_.emplace(context.io, *options.glimpse, pictures_,
                     service_faults{options.glimpse_faults, seed_of(options.seed, "nasdaq.glimpse"), context.state});
}

void exchange::start() {
  started_ = last_sent_ = clock::now();
  rerequest_.start();
  if (soup_) soup_->start();
  if (glimpse_) glimpse_->start();
  timer_.expires_at(started_);
  wait_for_tick();
}

source_clock exchange::now() const {
  using std::chrono::nanoseconds;
  const nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
  const nanoseconds elapsed = clock::now() - started_;
  return {static_cast<std::uint64_t>(elapsed.count()), nanoseconds_since_midnight(wall.count(), options_.utc_offset_s),
          wall.count()};
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
  if (faults_.resets(clock::now())) change_session();
  const bool sent = !state_.frozen && pull([this](const source_clock& at) { source_->advance(at, blocks_); });
  publisher_.poll();
  keep_picture();
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
  if (faults_.adds_unknown()) add_unknown_message();
  publisher_.append(blocks_);
  publisher_.flush();
  blocks_.clear();
  return true;
}

void exchange::add_unknown_message() {
  // Letters that ITCH 5.0 leaves free, with any bytes behind them.
  constexpr std::string_view free_types = "GMTZ";
  auto& random = faults_.random();
  std::vector<std::uint8_t> message(12 + random.below(29));
  for (auto& byte : message) byte = static_cast<std::uint8_t>(random.below(256));
  message[0] = static_cast<std::uint8_t>(free_types[random.below(free_types.size())]);
  blocks_.push_back(0);
  blocks_.push_back(static_cast<std::uint8_t>(message.size()));
  blocks_.insert(blocks_.end(), message.begin(), message.end());
}

void exchange::change_session() {
  if (broken_ || !source_->restart(now())) return;
  options_.session = following(options_.session, sessions_++);
  const auto name = make_session_name(options_.session);
  publisher_.change_session(name);
  rerequest_.change_session(name);
  live_.session = pictures_.session = options_.session;
  old_picture_.reset();
}

/// What GLIMPSE answers now: nothing while a file is played, whose books nobody keeps.
std::shared_ptr<const block_buffer> exchange::picture() {
  const auto* flow = source_->flow();
  if (flow == nullptr || publisher_.messages() == 0) return nullptr;
  if (stale_.gives_stale() && old_picture_) return old_picture_;
  return std::make_shared<const block_buffer>(write_picture(*flow, now().day_ns, store_.next_sequence()));
}

void exchange::keep_picture() {
  const auto* flow = source_->flow();
  if (!glimpse_ || options_.glimpse_faults.stale <= 0 || flow == nullptr || publisher_.messages() == 0) return;
  if (old_picture_ && clock::now() - old_picture_at_ < 2 * old_picture_age) return;
  old_picture_at_ = clock::now();
  old_picture_ = std::make_shared<const block_buffer>(write_picture(*flow, now().day_ns, store_.next_sequence()));
}

void exchange::stop(std::function<void()> done) {
  if (done_) return;
  done_ = std::move(done);
  timer_.cancel();
  pull([this](const source_clock& at) { source_->finish(at, blocks_); });
  live_.has_ended = true;
  repeat_end_of_session(end_of_session_packets);
}

void exchange::repeat_end_of_session(int left) {
  publisher_.end_of_session();
  timer_.expires_after(end_of_session_interval);
  timer_.async_wait([this, left](const boost::system::error_code& error) {
    if (!error && left > 1) return repeat_end_of_session(left - 1);
    rerequest_.stop();
    if (soup_) soup_->stop();
    if (glimpse_) glimpse_->stop();
    done_();
  });
}

std::vector<nlohmann::json> exchange::ready_lines() const {
  nlohmann::json line{{"service", "nasdaq"},
                      {"a", udp_text(publisher_.line(0).target())},
                      {"b", udp_text(publisher_.line(1).target())},
                      {"rerequest", udp_text(rerequest_.endpoint())},
                      {"session", options_.session}};
  const auto tcp_text = [](const boost::asio::ip::tcp::endpoint& at) {
    return "tcp://" + at.address().to_string() + ':' + std::to_string(at.port());
  };
  if (soup_) line["soup"] = tcp_text(soup_->endpoint());
  if (glimpse_) line["glimpse"] = tcp_text(glimpse_->endpoint());
  return {line};
}

std::vector<std::string> exchange::symbols() const {
  std::vector<std::string> out;
  const auto* flow = source_->flow();
  for (std::size_t i = 0; flow != nullptr && i < flow->symbol_count(); ++i) out.push_back(flow->stock(i));
  return out;
}

std::optional<truth_book> exchange::truth(std::string_view symbol, std::size_t depth) const {
  const auto* flow = source_->flow();
  for (std::size_t i = 0; flow != nullptr && i < flow->symbol_count(); ++i) {
    if (flow->stock(i) != symbol) continue;
    const auto& book = flow->book(i);
    truth_book out;
    out.levels_bid = book.level_count(side::buy);
    out.levels_ask = book.level_count(side::sell);
    out.bids = truth_levels(book, side::buy, depth);
    out.asks = truth_levels(book, side::sell, depth);
    out.sequence = publisher_.messages();
    out.state = flow->is_trading(i) ? "trading" : "halted";
    return out;
  }
  return std::nullopt;
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
  const auto& requests = rerequest_.counts();
  nlohmann::json services = nlohmann::json::object();
  if (soup_) services["soup"] = soup_->summary();
  if (glimpse_) {
    services["glimpse"] = glimpse_->summary();
    services["glimpse"]["stale"] = stale_.counts().stale;
  }
  return {{"session", options_.session},
          {"messages", publisher_.messages()},
          {"messages_by_type", messages},
          {"packets", publisher_.packets()},
          {"too_long", publisher_.skipped()},
          {"channel", to_json(faults_.counts())},
          {"lines", {{"a", publisher_.line(0).summary()}, {"b", publisher_.line(1).summary()}}},
          {"services", services},
          {"rerequests",
           {{"answered", requests.answered},
            {"messages", requests.messages},
            {"malformed", requests.malformed},
            {"other_session", requests.other_session},
            {"not_available", requests.not_available},
            {"refused", requests.refused},
            {"faults", to_json(rerequest_.faults())}}}};
}

} // namespace tickplant::sim::nasdaq
