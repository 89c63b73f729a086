#include "tickplant_sim/lse/exchange.hpp"

#include "tickplant_sim/fault_summary.hpp"
#include "tickplant_sim/lse/london_clock.hpp"

#include <utility>

namespace tickplant::sim::lse {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto tick_interval = 1ms;
constexpr auto heartbeat_interval = 1s;
constexpr auto picture_interval = 2s;
constexpr auto last_heartbeat_interval = 50ms;
constexpr int last_heartbeats = 10;

char small_letter(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string tcp_text(const boost::asio::ip::tcp::endpoint& endpoint) {
  const auto host = endpoint.address().to_string();
  return "tcp://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

std::string_view state_text(char status) {
  if (is_continuous(status) || status == 'u') return "trading";
  if (is_call(status)) return "auction";
  return status == 'H' ? "halted" : "closed";
}

std::uint64_t read_side(const instrument_book& book, side s, std::size_t depth, std::vector<truth_level>& out) {
  price8 price = 0;
  std::uint64_t size = 0;
  std::uint32_t orders = 0;
  const auto leave = [&] {
    if (orders > 0 && out.size() < depth) out.push_back({decimal_text(price, 8), std::to_string(size), orders});
  };
  book.for_each(s, [&](const book_order& order) {
    if (order.market) return;
    if (orders > 0 && order.price != price) {
      leave();
      size = orders = 0;
    }
    price = order.price;
    size += order.shown;
    ++orders;
  });
  leave();
  return book.level_count(s);
}

} // namespace

exchange::exchange(const exchange_context& context, const exchange_options& options)
  : timer_{context.io}, state_{context.state}, options_{options}, day_{options.day}, feed_{make_feed(options.name,
                                                                                                     messages_)},
    publisher_{context.io,
               options.lines,
               {options.group, options.name == protocol::gtp ? small_letter(options.group) : options.group},
               options.name,
               {cache_, trades_},
               options.multicast_interface,
               context.state},
    protocol_{make_service_protocol(options.name)}, desk_{options.name, options.rules}, replay_answers_{*protocol_,
                                                                                                        cache_,
                                                                                                        options.group},
    recovery_answers_{*protocol_, {day_, cache_, trades_, [this] { return now(); }}, options.group},
    replay_{context.io,
            options.replay,
            {*protocol_, replay_answers_, desk_,
             service_faults{options.service_faults, seed_of(options.seed, "lse.replay"), context.state},
             options.group}},
    recovery_{context.io,
              options.recovery,
              {*protocol_, recovery_answers_, desk_,
               service_faults{options.service_faults, seed_of(options.seed, "lse.recovery"), context.state},
               options.group}},
    faults_{options.channel_faults, seed_of(options.seed, "lse.channel"), context.state} {}

void exchange::start() {
  last_tick_ = last_sent_ = next_picture_ = clock::now();
  replay_.start();
  recovery_.start();
  timer_.expires_at(last_tick_);
  wait_for_tick();
}

feed_time exchange::now() const {
  const std::chrono::nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
  return {static_cast<std::uint64_t>(elapsed_.count()), london_day_ns(wall.count(), options_.utc_offset_s),
          static_cast<std::uint64_t>(wall.count())};
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
  if (!state_.frozen) {
    elapsed_ += at - last_tick_;
    day_.advance(now(), *feed_, messages_);
    if (faults_.resets(at)) restart_feed();
    if (!messages_.empty() && faults_.adds_unknown()) feed_->unknown_type(faults_.random().below(1'000));
  }
  last_tick_ = at;
  publish();
  if (at - last_sent_ >= heartbeat_interval) {
    publisher_.heartbeat();
    last_sent_ = at;
  }
  publisher_.poll();
  if (std::exchange(days_, day_.days_begun()) != day_.days_begun()) desk_.begin_day();
  if (options_.service_faults.stale > 0 && state_.faults_active() && at >= next_picture_) {
    next_picture_ = at + picture_interval;
    recovery_answers_.remember();
  }
}

void exchange::publish() {
  if (messages_.empty()) return;
  publisher_.append(messages_);
  publisher_.flush();
  messages_.clear();
  last_sent_ = clock::now();
}

void exchange::restart_feed() {
  publish();
  publisher_.restart();
  recovery_answers_.forget();
  // What the new feed says begins with its own Time message.
  feed_ = make_feed(options_.name, messages_);
  // Every other restart tells the books in band; after the rest they are known from recovery only.
  day_.introduce(now(), ++restarts_ % 2 == 1, *feed_);
}

void exchange::stop(std::function<void()> done) {
  if (done_) return;
  done_ = std::move(done);
  timer_.cancel();
  day_.finish(now(), *feed_);
  publish();
  repeat_heartbeat(last_heartbeats);
}

void exchange::repeat_heartbeat(int left) {
  publisher_.heartbeat();
  publisher_.poll();
  if (left == 1) publisher_.release_all();
  timer_.expires_after(last_heartbeat_interval);
  timer_.async_wait([this, left](const boost::system::error_code& error) {
    if (!error && left > 1) return repeat_heartbeat(left - 1);
    replay_.stop();
    recovery_.stop();
    done_();
  });
}

std::vector<nlohmann::json> exchange::ready_lines() const {
  nlohmann::json comp_ids = nlohmann::json::array();
  for (const auto& account : options_.rules.accounts) comp_ids.push_back(account.comp_id);
  return {{{"service", "lse"},
           {"protocol", options_.name == protocol::gtp ? "gtp" : "mitch"},
           {"group", std::string(1, options_.group)},
           {"a", udp_text(publisher_.line(0).target())},
           {"b", udp_text(publisher_.line(1).target())},
           {"replay", tcp_text(replay_.endpoint())},
           {"recovery", tcp_text(recovery_.endpoint())},
           {"comp_ids", comp_ids}}};
}

nlohmann::json exchange::summary() const {
  nlohmann::json messages = nlohmann::json::object();
  const auto& by_type = publisher_.messages_by_type();
  for (std::size_t type = 0; type < by_type.size(); ++type)
    if (by_type[type] > 0) messages[std::string(1, static_cast<char>(type))] = by_type[type];
  return {{"protocol", options_.name == protocol::gtp ? "gtp" : "mitch"},
          {"messages", publisher_.messages()},
          {"messages_by_type", messages},
          {"units", publisher_.units()},
          {"next_sequence", cache_.next()},
          {"days", day_.days_begun()},
          {"channel", to_json(faults_.counts())},
          {"lines", {{"a", publisher_.line(0).summary()}, {"b", publisher_.line(1).summary()}}},
          {"replay", replay_.summary()},
          {"recovery", recovery_.summary()}};
}

std::vector<std::string> exchange::symbols() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < day_.engine().instrument_count(); ++i) out.push_back(day_.engine().at(i).of.isin);
  return out;
}

std::optional<truth_book> exchange::truth(std::string_view symbol, std::size_t depth) const {
  const auto& engine = day_.engine();
  for (std::size_t i = 0; i < engine.instrument_count(); ++i) {
    const auto& one = engine.at(i);
    if (symbol != one.of.isin && symbol != one.of.ticker) continue;
    truth_book out;
    out.sequence = cache_.next() - 1;
    out.state = state_text(one.status.code);
    if (!one.disclosed) return out;
    out.levels_bid = read_side(one.orders, side::buy, depth, out.bids);
    out.levels_ask = read_side(one.orders, side::sell, depth, out.asks);
    return out;
  }
  return std::nullopt;
}

} // namespace tickplant::sim::lse
