#include "venue_session.hpp"

#include "timers.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tickplant::binance {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;

config read_or_complain(const sdk::settings& settings, const sdk::venue_host& host, bool& good) {
  good = true;
  return read_config(settings, [&](std::string_view key, std::string_view problem) {
    good = false;
    host.complain(key, problem);
  });
}

config read_or_throw(const sdk::settings& settings, const sdk::venue_host& host) {
  bool good = true;
  config out = read_or_complain(settings, host, good);
  if (!good) throw std::invalid_argument("binance: the settings have faults");
  return out;
}

link_options options_of(const config& c) {
  link_options out;
  out.controls.depth_suffix = c.depth_suffix;
  out.controls.trade_suffix = c.trades == trade_stream::trade ? "@trade" : "@aggTrade";
  out.controls.spacing_ns = 2 * second_ns / c.controls_limit;
  out.controls.most_streams = c.streams_limit;
  unsigned kinds = stream_depth | stream_trades;
  if (c.book_ticker) kinds |= stream_book_ticker;
  if (c.ticker) kinds |= stream_ticker;
  if (c.mark_price) kinds |= stream_mark_price;
  out.kinds = static_cast<uint8_t>(kinds);
  if (!c.market_urls.empty())
    out.masks = {stream_depth | stream_book_ticker, stream_trades | stream_ticker | stream_mark_price};
  out.addresses = {static_cast<uint32_t>(c.stream_urls.size()), static_cast<uint32_t>(c.market_urls.size())};
  out.connects_limit = c.connects_limit;
  out.silence_ns = c.silence_ns;
  out.renew_ns = c.renew_ns;
  out.overlap_ns = c.overlap_ns;
  return out;
}

} // namespace

void venue_session::validate(sdk::settings settings, sdk::venue_host host) {
  bool good = true;
  read_or_complain(settings, host, good);
}

venue_session::venue_session(sdk::settings settings, sdk::venue_host host)
  : host_(host), config_(read_or_throw(settings, host)),
    chaining_(is_futures(config_.product) ? chaining::by_previous : chaining::by_first), out_(host),
    normalizer_(out_, counts_, config_.unit, config_.product),
    // Many symbols that wait for the same banned REST address must not add up to all their single limits.
    budget_{config_.buffer_bytes * 64}, symbols_({config_.buffer_bytes, 16'384}, budget_), links_(options_of(config_)),
    rest_(config_.weight_limit) {}

int32_t venue_session::start(uint64_t now_ns) {
  now_ns_ = now_ns;
  if (config_.directory == directory_source::exchange_info) {
    request_directory();
  } else {
    directory_told_ = true;
    out_.stream(0, TP_ALL, TP_STREAM_DIRECTORY, "symbols are defined when they are first seen");
  }
  work_links();
  host_.set_timer(timer_tick, second_ns);
  finish_turn();
  return TP_OK;
}

bool venue_session::on_message(const message& m, std::string_view frame, uint64_t recv_ns) {
  switch (m.kind) {
    case message_kind::depth_update: counts_.add(counter::depth_update); return on_depth(m, frame, recv_ns);
    case message_kind::book_ticker: counts_.add(counter::book_ticker); return on_book_ticker(m);
    case message_kind::trade: counts_.add(counter::trade); return on_trade(m, frame);
    case message_kind::agg_trade: counts_.add(counter::agg_trade); return on_agg_trade(m, frame);
    case message_kind::block_trade: counts_.add(counter::block_trade); return on_block_trade(m);
    case message_kind::partial_depth: counts_.add(counter::partial_depth); return on_picture(m);
    case message_kind::ticker:
    case message_kind::mini_ticker:
      counts_.add(m.kind == message_kind::ticker ? counter::ticker : counter::mini_ticker);
      // Figures without a number of their own are taken from one of two connections.
      if (const instrument* i = target(m, stream_ticker); i != nullptr && !arrival_.is_from_heir)
        normalizer_.statistics(*i, m);
      return true;
    case message_kind::mark_price:
      counts_.add(counter::mark_price);
      if (const instrument* i = target(m, stream_mark_price); i != nullptr && !arrival_.is_from_heir)
        normalizer_.marks(*i, m);
      return true;
    case message_kind::kline: counts_.add(counter::kline); return true;
    case message_kind::other: counts_.add(counter::other); return true;
    case message_kind::answer: counts_.add(counter::answer); return on_answer(m);
    case message_kind::server_shutdown:
      counts_.add(counter::server_shutdown);
      server_shutdown();
      return true;
    case message_kind::unknown: break;
  }
  counts_.add(counter::unknown);
  return true;
}

/// The instrument that a message is for, if its stream is wanted. A recording's symbols are defined when first seen.
instrument* venue_session::target(const message& m, stream_bit stream) {
  instrument* i = symbols_.find(m.symbol());
  const bool by_stream = config_.directory == directory_source::stream;
  if (i == nullptr) {
    if (by_stream) i = symbols_.add(m.symbol());
    if (i == nullptr) {
      counts_.add(counter::unknown_symbol);
      return nullptr;
    }
    i->wanted = define(*i);
  }
  const bool use = by_stream ? i->wanted : (links_.wanted(i->number) & stream) != 0;
  return use ? i : nullptr;
}

/// Whether these ids are fresh.
bool venue_session::check_ids(rising_ids& ids, uint64_t first, uint64_t last, bool count_missed) {
  uint64_t missed = 0;
  const auto verdict = ids.on_id(first, last, missed, arrival_.may_restart);
  if (verdict == rising_ids::verdict::old) counts_.add(counter::duplicates);
  if (verdict == rising_ids::verdict::restarted) counts_.add(counter::numbers_restarted);
  if (count_missed && missed > 0) counts_.add(counter::trades_missed, missed);
  return verdict != rising_ids::verdict::old;
}

bool venue_session::on_book_ticker(const message& m) {
  book_ticker q;
  if (!read(m, q)) return false;
  instrument* const i = target(m, stream_book_ticker);
  if (i == nullptr || !check_ids(i->quotes, q.update, q.update, false)) return true;
  return emit_scaled(*i, [&] { return normalizer_.quote(*i, q); });
}

/// Trades count up by one, so one that is ahead of a slower connection waits for those before it.
bool venue_session::wait_for_trades(instrument& i, uint64_t id, std::string_view frame) {
  return arrival_.is_doubled && i.trades.is_ahead(id) && hold_ahead(i, held_kind::trade, id, id, frame);
}

bool venue_session::on_trade(const message& m, std::string_view frame) {
  trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr) return true;
  // Both kinds describe the same volume: one of them counts (venue document, C4).
  if (config_.trades != trade_stream::trade) {
    counts_.add(counter::trades_other_kind);
    return true;
  }
  if (wait_for_trades(*i, t.id, frame) || !check_ids(i->trades, t.id, t.id, true)) return true;
  return emit_scaled(*i, [&] { return normalizer_.print(*i, t); });
}

bool venue_session::on_agg_trade(const message& m, std::string_view frame) {
  agg_trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr) return true;
  if (config_.trades != trade_stream::agg_trade) {
    counts_.add(counter::trades_other_kind);
    return true;
  }
  if (wait_for_trades(*i, t.id, frame) || !check_ids(i->trades, t.id, t.id, true)) return true;
  return emit_scaled(*i, [&] { return normalizer_.print(*i, t); });
}

bool venue_session::on_block_trade(const message& m) {
  trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr) return true;
  if (!i->blocks.add(t.id)) {
    counts_.add(counter::duplicates);
    return true;
  }
  return emit_scaled(*i, [&] { return normalizer_.block(*i, t); });
}

bool venue_session::on_answer(const message& m) {
  const control_answer a = read_answer(m);
  link_set::link* const l = links_.open(arrival_.line);
  const auto known = a.id && l != nullptr ? l->controls.answered(*a.id, a.good) : subscriber::answer{};
  if (!a.good) {
    counts_.add(counter::control_refused);
    std::string text = "the venue refused a control request: code ";
    text.append(a.code).append(", ").append(a.text);
    if (known.given_up > 0) text += "; that stream is given up until the next connection";
    host_.log(sdk::log_level::warning, text);
  }
  for (const auto& [number, bits] : known.confirmed)
    if ((bits & stream_depth) != 0 && quiet_.size() < most_quiet) quiet_.push_back({number, now_ns_});
  send_controls();
  return true;
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  now_ns_ = now_ns;
  arrival_ = {};
  switch (id) {
    case timer_tick: tick(); break;
    case timer_controls: send_controls(); break;
    case timer_requests: rest_work_ = true; break;
    case timer_directory: request_directory(); break;
    case timer_reconnect: work_links(); break;
    case timer_hold: release_held(); break;
    default:
      if (instrument* const i = id >= timer_snapshot ? symbols_.at(id - timer_snapshot) : nullptr) {
        i->snapshot_waits = false;
        if (i->sync.state() == sync_state::buffering) request_snapshot(*i);
      }
  }
  finish_turn();
  return TP_OK;
}

int32_t venue_session::stop(uint64_t now_ns) {
  now_ns_ = now_ns;
  is_stopped_ = true;
  finish_turn();
  return TP_OK;
}

/// Everything that was put off while messages were worked on.
void venue_session::finish_turn() {
  if (std::exchange(links_changed_, false)) work_links();
  if (std::exchange(release_due_, false) && !hold_.empty()) release_held();
  if (rest_work_) send_requests();
  out_.flush();
  counts_.flush(host_);
}

} // namespace tickplant::binance
