// Tapes of the simulated Binance, spot and USD-M futures: combined streams, and what REST answers meanwhile.
#include "tickplant_sim/binance/feed.hpp"
#include "tickplant_sim/binance/market.hpp"
#include "tickplant_sim/binance/rest_api.hpp"
#include "tickplant_sim/binance/texts.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

#include <functional>
#include <set>

namespace tickplant::sim::tapes {
namespace {

using namespace binance;

constexpr std::uint64_t turn = 5 * ms, begin_ns = 400 * ms, length = 3'400 * ms, loss_ns = 1'600 * ms;
constexpr std::uint64_t diff_ns = 100 * ms;
constexpr int updates_a_turn = 3;
constexpr const char* all_depths = "/depth?symbol=";

std::vector<market_options> markets_of(std::uint64_t seed) {
  market_options btc;
  btc.symbol = "BTCUSDT";
  btc.base_asset = "BTC";
  btc.quote_asset = "USDT";
  btc.levels_a_side = 60;
  btc.seed = seed;
  auto eth = btc;
  eth.symbol = "ETHUSDT";
  eth.base_asset = "ETH";
  eth.price = 3'500;
  eth.step = one / 10'000;
  eth.seed = seed + 1;
  return {btc, eth};
}

/// One event of a stream, or a new answer of REST.
struct told {
  std::uint64_t at_ns;
  std::string symbol; // of depth diffs and of depth answers; empty: something else
  bool is_diff;
  tape_step step;
};

/// Some seconds of two markets.
class session final : private feed {
public:
  session(product which, std::uint64_t seed) : which_{which}, rest_{*this, limits_of(which).weight_a_minute, which} {
    for (const auto& m : markets_of(seed)) {
      played_.emplace_back(m);
      listed_.push_back({m.symbol, m.base_asset, m.quote_asset, m.tick, m.step});
    }
    ask("exchangeInfo", "/exchangeInfo", {});
    tell_depths();
    for (const auto& one : told_)
      if (!one.symbol.empty()) old_.push_back(one.step);
    for (at_ns_ = turn; at_ns_ <= length; at_ns_ += turn) play();
  }

  tape of(const std::string& name, const std::function<bool(const told&)>& is_left_out = {}) const {
    tape t;
    t.name = name;
    if (name != "good_day") t.like = "good_day";
    t.start_ns = start_ns;
    const bool futures = which_ == product::usdm;
    t.settings = {{"lines.stream", std::string{"ws://127.0.0.1:26430/"} + (futures ? "public/stream" : "stream")}};
    if (futures) t.settings.emplace_back("lines.market", "ws://127.0.0.1:26430/market/stream");
    t.settings.emplace_back("rest", "http://127.0.0.1:26431");
    t.settings.emplace_back("depth_limit", "500");
    t.settings.emplace_back("product", futures ? "usdm" : "spot");
    t.settings.emplace_back("symbols.0", "BTCUSDT");
    t.settings.emplace_back("symbols.1", "ETHUSDT");
    timeline steps;
    for (const auto& one : told_)
      if (!is_left_out || !is_left_out(one)) steps.add(one.at_ns, one.step);
    steps.write(t);
    // Every request of a connection is answered by its own id.
    for (const char* line : {"stream", "market-1"}) {
      if (line == std::string{"market-1"} && !futures) continue;
      tape_reaction answer;
      answer.line = line;
      constexpr std::string_view reply = R"({"result":null,"id":})";
      answer.steps = {pause(5 * ms), text(line, reply)};
      answer.echoes = {{0, 0, 1, reply.size() - 1, "\"id\":"}};
      t.reactions.push_back(std::move(answer));
    }
    return t;
  }

  /// The answers to depth requests before anything was published.
  const std::vector<tape_step>& old_depths() const noexcept { return old_; }

private:
  void play() {
    const auto now_ms = static_cast<std::int64_t>((start_ns + at_ns_) / ms);
    for (auto& m : played_) {
      std::vector<market_event> events;
      for (int i = 0; i < updates_a_turn; ++i) m.step(0.005, events);
      for (const auto& event : events) publish(m, event, now_ms);
      if (at_ns_ % diff_ns == 0) {
        if (const auto diff = m.take_fast_diff()) tell(m, "@depth@100ms", depth_text(m, *diff, now_ms), true);
      }
      if (at_ns_ % (1'000 * ms) != 0) continue;
      tell(m, "@ticker", ticker_text(m, now_ms));
      if (which_ == product::usdm)
        tell(m, "@markPrice@1s", mark_price_text(m.options().symbol, m.quote().bid.price, now_ms));
    }
    if (at_ns_ % diff_ns == 50 * ms || at_ns_ == length) tell_depths();
  }

  std::string depth_text(const market& m, const depth_diff& diff, std::int64_t now_ms) const {
    return which_ == product::usdm ? futures_depth_update_text(m.options().symbol, diff, now_ms)
                                   : depth_update_text(m.options().symbol, diff, now_ms);
  }

  void publish(const market& m, const market_event& event, std::int64_t now_ms) {
    const bool futures = which_ == product::usdm;
    const auto& symbol = m.options().symbol;
    if (const auto* quote = std::get_if<best_quote>(&event))
      tell(m, "@bookTicker",
           futures ? futures_book_ticker_text(symbol, *quote, now_ms) : book_ticker_text(symbol, *quote));
    else if (const auto* single = std::get_if<trade>(&event); single != nullptr && !futures)
      tell(m, "@trade", trade_text(symbol, *single, now_ms));
    else if (const auto* whole = std::get_if<aggregate_trade>(&event); whole != nullptr && futures)
      tell(m, "@aggTrade", aggregate_trade_text(symbol, *whole, now_ms));
  }

  /// Nobody has subscribed before `begin_ns`.
  void tell(const market& m, std::string_view kind, std::string_view event, bool is_diff = false) {
    if (at_ns_ < begin_ns) return;
    static const std::set<std::string_view> public_kinds{"@depth@100ms", "@bookTicker"};
    const bool is_market = which_ == product::usdm && !public_kinds.contains(kind);
    const auto frame =
      R"({"stream":")" + stream_name(m.options().symbol, kind) + R"(","data":)" + std::string{event} + '}';
    told_.push_back(
      {at_ns_, is_diff ? m.options().symbol : "", is_diff, text(is_market ? "market-1" : "stream", frame)});
  }

  void tell_depths() {
    for (const auto& m : played_) {
      const auto part = all_depths + m.options().symbol;
      ask(part, "/depth?symbol=" + m.options().symbol + "&limit=500", m.options().symbol);
    }
  }

  /// What REST answers to this request from here on.
  void ask(const std::string& part, const std::string& path, const std::string& symbol) {
    // Minutes apart, because the weight that tapes use up is not this one's.
    const auto now_ms = static_cast<std::int64_t>(start_ns / ms) + 60'000 * ++asked_;
    rest_.handle("GET", std::string{limits_of(which_).rest_path} + path, now_ms, [&](const rest_answer& answer) {
      told_.push_back({at_ns_, symbol, false, http(part, static_cast<int>(answer.status), answer.body)});
    });
  }

  void start() override {}
  void stop() override {}
  const std::vector<listed_market>& markets() const override { return listed_; }
  void depth(std::string_view symbol, std::size_t limit, depth_reply reply) override {
    for (const auto& m : played_) {
      if (m.options().symbol != symbol) continue;
      const auto now_ms = static_cast<std::int64_t>((start_ns + at_ns_) / ms);
      return reply(which_ == product::usdm ? futures_snapshot_text(m.book(), m.last_update_id(), limit, now_ms)
                                           : snapshot_text(m.book(), m.last_update_id(), limit));
    }
    reply(std::nullopt);
  }
  bool at_end() const override { return false; }
  nlohmann::json summary() const override { return {}; }
  std::optional<book_view> truth(std::string_view) const override { return std::nullopt; }

  product which_;
  rest_api rest_;
  std::uint64_t at_ns_ = 0;
  std::int64_t asked_ = 0;
  std::vector<market> played_;
  std::vector<listed_market> listed_;
  std::vector<told> told_;
  std::vector<tape_step> old_;
};

/// Puts steps in the place where this much time of the tape has passed.
void insert_at(tape& to, std::uint64_t at_ns, const std::vector<tape_step>& what) {
  std::uint64_t now = 0;
  for (std::size_t i = 0; i < to.steps.size(); ++i) {
    if (to.steps[i].kind == step_kind::wait) now += to.steps[i].ns;
    if (now < at_ns) continue;
    to.steps.insert(to.steps.begin() + static_cast<std::ptrdiff_t>(i) + 1, what.begin(), what.end());
    return;
  }
}

std::vector<tape> tapes_of(product which, std::uint64_t seed) {
  const session day{which, seed};
  const auto is_between = [](const told& one, std::uint64_t from, std::uint64_t to) {
    return one.at_ns >= from && one.at_ns < to;
  };
  std::vector<tape> tapes;
  tapes.push_back(day.of("good_day"));
  tapes.push_back(day.of("gap_healed", [&](const told& one) {
    return one.is_diff && one.symbol == "BTCUSDT" && is_between(one, loss_ns, loss_ns + 2 * diff_ns);
  }));
  // The last answers that come are too old to join what comes behind the gap.
  auto lost = day.of("lost_for_good", [&](const told& one) {
    const bool is_lost = one.is_diff && one.symbol == "BTCUSDT" && is_between(one, loss_ns, loss_ns + 2 * diff_ns);
    return is_lost || (!one.is_diff && one.symbol == "BTCUSDT" && one.at_ns >= loss_ns);
  });
  lost.expect = tape_expectation::stale;
  tapes.push_back(std::move(lost));

  auto closed = day.of("closed_and_back");
  insert_at(closed, loss_ns, {{step_kind::close, 0, "stream", {}, 0}});
  tapes.push_back(std::move(closed));
  auto broken = day.of("broken_and_back");
  insert_at(broken, loss_ns, {{step_kind::fail, 0, "stream", {}, 0}});
  tapes.push_back(std::move(broken));

  auto stale = day.of("old_snapshots_first",
                      [&](const told& one) { return !one.is_diff && !one.symbol.empty() && one.at_ns < loss_ns; });
  insert_at(stale, 0, day.old_depths());
  tapes.push_back(std::move(stale));

  const auto slow_down = http(all_depths, 429, R"({"code":-1003,"msg":"Too many requests."})");
  auto throttled = day.of("throttled_first",
                          [&](const told& one) { return !one.is_diff && !one.symbol.empty() && one.at_ns < loss_ns; });
  throttled.steps.insert(throttled.steps.begin(), slow_down);
  throttled.rest_ns = 240'000 * ms; // a minute's weight has to be waited for
  tapes.push_back(std::move(throttled));

  auto banned = day.of("throttled_for_good", [&](const told& one) { return !one.is_diff && !one.symbol.empty(); });
  banned.steps.insert(banned.steps.begin(), slow_down);
  banned.expect = tape_expectation::stale;
  tapes.push_back(std::move(banned));
  return tapes;
}

} // namespace

std::vector<tape> binance_tapes(std::uint64_t seed) {
  return tapes_of(product::spot, seed);
}

std::vector<tape> binance_usdm_tapes(std::uint64_t seed) {
  return tapes_of(product::usdm, seed);
}

} // namespace tickplant::sim::tapes
