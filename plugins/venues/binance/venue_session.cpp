#include "venue_session.hpp"

#include "timers.hpp"

#include <algorithm>
#include <stdexcept>

namespace tickplant::binance {
namespace {

constexpr uint32_t stream_line = 0;
constexpr uint32_t largest_frame = 1u << 20; // venue document, E, "huge frame"
constexpr uint64_t tick_ns = 1'000'000'000;
constexpr uint64_t first_diff_wait_ns = 3'000'000'000;

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

subscriber_options options_of(const config& c) {
  subscriber_options out;
  out.depth_suffix = c.depth_suffix;
  out.trade_suffix = c.trades == trade_stream::trade ? "@trade" : "@aggTrade";
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
    budget_{config_.buffer_bytes * 64}, symbols_({config_.buffer_bytes, 16'384}, budget_),
    subscriber_(options_of(config_)), rest_(config_.weight_limit), line_(config_.silence_ns) {}

int32_t venue_session::start(uint64_t now_ns) {
  now_ns_ = now_ns;
  if (config_.directory == directory_source::exchange_info) {
    request_directory();
  } else {
    directory_told_ = true;
    out_.stream(0, TP_ALL, TP_STREAM_DIRECTORY, "symbols are defined when they are first seen");
  }
  open_line();
  host_.set_timer(timer_tick, tick_ns);
  finish_turn();
  return TP_OK;
}

void venue_session::open_line() {
  tp_line_spec spec{};
  spec.struct_size = sizeof(tp_line_spec);
  spec.line = stream_line;
  spec.kind = TP_LINE_WEBSOCKET;
  spec.role = TP_ROLE_LIVE;
  spec.max_unit = largest_frame;
  spec.name = sdk::to_tp("stream");
  spec.address = sdk::to_tp(config_.stream_urls.front());
  line_open_ = true;
  if (host_.line_open(spec) < 0) connection_lost("the host refused to open the line");
}

/// Ends a connection that is of no use; no on_line follows.
void venue_session::drop_connection(std::string_view why) {
  if (!line_open_) return;
  host_.line_close(stream_line);
  connection_lost(why);
}

void venue_session::connection_lost(std::string_view why) {
  line_open_ = false;
  for (instrument& i : symbols_.all()) {
    drop_book(i, why);
    i.quotes.forget();
    i.pictures.forget();
  }
  quiet_.clear();
  subscriber_.on_down();
  const uint64_t wait = line_.on_down(now_ns_, host_.random());
  host_.set_timer(timer_reconnect, wait);
  counts_.add(counter::reconnects);
  std::string text = "stream connection ended (";
  host_.log(sdk::log_level::warning,
            text.append(why).append("), next try in ").append(std::to_string(wait / 1'000'000)).append(" ms"));
}

int32_t venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  now_ns_ = now_ns;
  if (line != stream_line || !line_open_) return TP_OK;
  if (state == TP_LINE_UP) {
    line_.on_up(now_ns);
    subscriber_.on_up();
    send_controls();
  } else if (state == TP_LINE_FILE_END) {
    host_.log(sdk::log_level::info, "recording ends");
  } else {
    connection_lost(why.empty() ? "closed" : why);
  }
  finish_turn();
  return TP_OK;
}

int32_t venue_session::on_units(std::span<const tp_unit> units) {
  for (const tp_unit& unit : units) {
    if (!line_open_ || out_.stopped()) break;
    now_ns_ = std::max(now_ns_, unit.recv_ns);
    if (unit.line == stream_line)
      on_frame(unit);
    else
      counts_.add(counter::unknown);
  }
  finish_turn();
  return TP_OK;
}

void venue_session::on_frame(const tp_unit& unit) {
  line_.on_message(unit.recv_ns);
  if ((unit.flags & TP_UNIT_BINARY) != 0) return counts_.add(counter::unknown);
  const std::string_view frame{reinterpret_cast<const char*>(unit.data), unit.size};
  bool good = (unit.flags & TP_UNIT_TRUNCATED) == 0 && unit.size <= largest_frame && decoder_.decode(frame);
  if (good)
    for (const message& m : decoder_.messages()) {
      good &= on_message(m, frame, unit.recv_ns);
      if (!line_open_) return;
    }
  if (good) return line_.on_good_frame();
  counts_.add(counter::malformed);
  if (line_.on_bad_frame()) drop_connection("too many frames in a row that cannot be read");
}

bool venue_session::on_message(const message& m, std::string_view frame, uint64_t recv_ns) {
  switch (m.kind) {
    case message_kind::depth_update: counts_.add(counter::depth_update); return on_depth(m, frame, recv_ns);
    case message_kind::book_ticker: counts_.add(counter::book_ticker); return on_book_ticker(m);
    case message_kind::trade: counts_.add(counter::trade); return on_trade(m);
    case message_kind::agg_trade: counts_.add(counter::agg_trade); return on_agg_trade(m);
    case message_kind::block_trade: counts_.add(counter::block_trade); return on_block_trade(m);
    case message_kind::partial_depth: counts_.add(counter::partial_depth); return on_picture(m);
    case message_kind::ticker:
    case message_kind::mini_ticker:
      counts_.add(m.kind == message_kind::ticker ? counter::ticker : counter::mini_ticker);
      if (const instrument* i = target(m, stream_ticker)) normalizer_.statistics(*i, m);
      return true;
    case message_kind::mark_price:
      counts_.add(counter::mark_price);
      if (const instrument* i = target(m, stream_mark_price)) normalizer_.marks(*i, m);
      return true;
    case message_kind::kline: counts_.add(counter::kline); return true;
    case message_kind::other: counts_.add(counter::other); return true;
    case message_kind::answer: counts_.add(counter::answer); return on_answer(m);
    case message_kind::server_shutdown:
      counts_.add(counter::server_shutdown);
      drop_connection("serverShutdown");
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
  const bool use = by_stream ? i->wanted : (subscriber_.wanted(i->number) & stream) != 0;
  return use ? i : nullptr;
}

/// Whether these ids are fresh.
bool venue_session::check_ids(rising_ids& ids, uint64_t first, uint64_t last, bool count_missed) {
  uint64_t missed = 0;
  const auto verdict = ids.on_id(first, last, missed);
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

bool venue_session::on_trade(const message& m) {
  trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr) return true;
  // Both kinds describe the same volume: one of them counts (venue document, C4).
  if (config_.trades != trade_stream::trade) {
    counts_.add(counter::trades_other_kind);
    return true;
  }
  if (!check_ids(i->trades, t.id, t.id, true)) return true;
  return emit_scaled(*i, [&] { return normalizer_.print(*i, t); });
}

bool venue_session::on_agg_trade(const message& m) {
  agg_trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr) return true;
  if (config_.trades != trade_stream::agg_trade) {
    counts_.add(counter::trades_other_kind);
    return true;
  }
  // An event with l = f - 1 was recorded: it is one trade at least (venue document, C4).
  if (!check_ids(i->trades, t.first, std::max(t.first, t.last), true)) return true;
  return emit_scaled(*i, [&] { return normalizer_.print(*i, t); });
}

bool venue_session::on_block_trade(const message& m) {
  trade t;
  if (!read(m, t)) return false;
  instrument* const i = target(m, stream_trades);
  if (i == nullptr || !check_ids(i->blocks, t.id, t.id, false)) return true;
  return emit_scaled(*i, [&] { return normalizer_.block(*i, t); });
}

bool venue_session::on_answer(const message& m) {
  const control_answer a = read_answer(m);
  const auto known = a.id ? subscriber_.answered(*a.id, a.good) : subscriber::answer{};
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

void venue_session::send_controls() {
  while (line_open_) {
    const auto text = subscriber_.next(now_ns_);
    if (!text) break;
    if (host_.send_text(stream_line, *text) < 0) return drop_connection("a control request could not be sent");
  }
  if (subscriber_.over_limit() > over_limit_told_)
    counts_.add(counter::streams_over_limit, subscriber_.over_limit() - over_limit_told_);
  over_limit_told_ = subscriber_.over_limit();
  const uint64_t due = subscriber_.due_ns();
  if (due != UINT64_MAX) host_.set_timer(timer_controls, after(due));
}

/// Once a second: whether the line lives, whether quiet symbols can do without a first diff, lost answers.
void venue_session::tick() {
  host_.set_timer(timer_tick, tick_ns);
  switch (line_.check(now_ns_)) {
    case line_keeper::health::dead: drop_connection("silent"); break;
    case line_keeper::health::ask:
      subscriber_.probe();
      send_controls();
      break;
    case line_keeper::health::fine: break;
  }
  rest_.expire(now_ns_, host_.random());
  rest_work_ = true;
  // The subscription is proved by its answer, so a snapshot asked for from here on misses nothing; without this, a book
  // in which nothing moves would never be shown.
  std::erase_if(quiet_, [this](const quiet_book& q) {
    if (now_ns_ < q.since_ns + first_diff_wait_ns) return false;
    instrument* const i = symbols_.at(q.instrument);
    if (i != nullptr && i->sync.state() == sync_state::idle && (subscriber_.wanted(i->number) & stream_depth) != 0)
      request_snapshot(*i);
    return true;
  });
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  now_ns_ = now_ns;
  switch (id) {
    case timer_tick: tick(); break;
    case timer_controls: send_controls(); break;
    case timer_requests: rest_work_ = true; break;
    case timer_directory: request_directory(); break;
    case timer_reconnect:
      if (!line_open_) open_line();
      break;
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
  line_open_ = false;
  finish_turn();
  return TP_OK;
}

/// Everything that was put off while messages were worked on.
void venue_session::finish_turn() {
  if (rest_work_) send_requests();
  out_.flush();
  counts_.flush(host_);
}

} // namespace tickplant::binance
