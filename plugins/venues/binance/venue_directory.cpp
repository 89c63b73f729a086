// Which instruments there are, what is subscribed for them, and the requests that go by REST.
#include "exchange_info.hpp"
#include "timers.hpp"
#include "venue_session.hpp"

#include <algorithm>
#include <string>

namespace tickplant::binance {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint32_t largest_directory = 64u << 20;
constexpr uint32_t largest_depth = 4u << 20; // 5,000 levels a side are about 350 KB
constexpr uint64_t directory_timeout_ns = 30 * second_ns;
constexpr uint64_t depth_timeout_ns = 10 * second_ns; // the venue's own limit (venue document, A5)

void append_encoded(std::string& url, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                       byte == '-' || byte == '_' || byte == '.' || byte == '~';
    if (plain)
      url += c;
    else
      ((url += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
}

template <class Number>
std::optional<Number> header(const tp_http_answer& answer, std::string_view name) {
  for (uint32_t i = 0; i < answer.header_count; ++i)
    if (sdk::view(answer.headers[i].key) == name) return sdk::to_number<Number>(sdk::view(answer.headers[i].value));
  return std::nullopt;
}

} // namespace

void venue_session::request_directory() {
  if (config_.directory != directory_source::exchange_info) return;
  rest_.push({rest_kind::exchange_info, 0, facts_of(config_.product).exchange_info_weight});
  rest_work_ = true;
}

void venue_session::send_requests() {
  rest_work_ = false;
  while (const auto ticket = rest_.next(now_ns_)) {
    const bool depth = ticket->request.kind == rest_kind::depth;
    url_ = config_.rest_urls[rest_address_ % config_.rest_urls.size()];
    url_ += facts_of(config_.product).rest_path;
    if (depth) {
      url_ += "/depth?symbol=";
      append_encoded(url_, symbols_.at(ticket->request.instrument)->symbol);
      url_.append("&limit=").append(std::to_string(config_.depth_limit));
      counts_.add(counter::snapshots_asked);
    } else {
      url_ += "/exchangeInfo";
    }
    tp_http_request request{};
    request.struct_size = sizeof(tp_http_request);
    request.id = ticket->id;
    request.url = sdk::to_tp(url_);
    request.max_body = depth ? largest_depth : largest_directory;
    request.timeout_ns = depth ? depth_timeout_ns : directory_timeout_ns;
    if (host_.http_get(request) < 0) {
      counts_.add(counter::rest_failed);
      rest_.unsent(ticket->id, now_ns_, host_.random());
    }
  }
  const uint64_t due = rest_.due_ns(now_ns_);
  if (due != UINT64_MAX) host_.set_timer(timer_requests, after(due));
}

bool venue_session::too_much_weight(const tp_http_answer& answer) {
  if (answer.status < 400 || answer.status >= 500 || answer.body.size == 0) return false;
  if (!decoder_.decode(sdk::view(answer.body)) || decoder_.messages().size() != 1) return false;
  return read_answer(decoder_.messages()[0]).code == "-1003";
}

int32_t venue_session::on_http(const tp_http_answer& answer) {
  now_ns_ = std::max(now_ns_, answer.recv_ns);
  arrival_ = {};
  const auto done = rest_.answered({answer.id, answer.status, header<uint32_t>(answer, "x-mbx-used-weight-1m"),
                                    header<uint64_t>(answer, "retry-after"), too_much_weight(answer)},
                                   now_ns_, host_.random());
  const bool depth = done.request.kind == rest_kind::depth;
  rest_work_ = true;
  switch (done.what) {
    case rest_queue::outcome::good:
      counts_.add(depth ? counter::snapshot : counter::exchange_info);
      if (!depth)
        on_directory(sdk::view(answer.body));
      else
        on_snapshot(*symbols_.at(done.request.instrument), sdk::view(answer.body));
      break;
    case rest_queue::outcome::banned:
      host_.log(sdk::log_level::error, "REST is refused for this address (status " + std::to_string(answer.status) +
                                         "): no requests for " +
                                         std::to_string(after(rest_.blocked_until_ns()) / second_ns) +
                                         " s, books without snapshot stay stale");
      [[fallthrough]];
    case rest_queue::outcome::throttled: counts_.add(counter::rest_throttled); break;
    case rest_queue::outcome::retried:
      counts_.add(counter::rest_failed);
      ++rest_address_; // no answer, or one of a server in trouble: the next address
      break;
    case rest_queue::outcome::refused:
      counts_.add(counter::rest_failed);
      if (depth)
        snapshot_refused(*symbols_.at(done.request.instrument));
      else
        rest_.retry(done.request, now_ns_, host_.random());
      break;
    case rest_queue::outcome::unknown: break;
  }
  finish_turn();
  return TP_OK;
}

void venue_session::on_directory(std::string_view body) {
  exchange_info info;
  if (!read_exchange_info(body, info)) {
    counts_.add(counter::malformed);
    host_.log(sdk::log_level::warning, "exchangeInfo could not be read; it is asked for again");
    return rest_.retry({rest_kind::exchange_info, 0, facts_of(config_.product).exchange_info_weight}, now_ns_,
                       host_.random());
  }
  rest_.venue_limit(info.weight_per_minute);
  for (instrument& i : symbols_.all()) i.listed = false;
  for (const symbol_row& row : info.symbols) on_row(row);
  if (info.complete)
    for (instrument& i : symbols_.all())
      if (!i.listed && !i.retired) retire(i);
  if (!directory_told_) {
    directory_told_ = true;
    out_.stream(0, TP_ALL, TP_STREAM_DIRECTORY, "");
  }
  host_.set_timer(timer_directory, config_.directory_interval_ns);
}

void venue_session::on_row(const symbol_row& row) {
  instrument* i = symbols_.find(row.symbol);
  const bool added = i == nullptr;
  if (added) {
    i = symbols_.add(row.symbol);
    if (i == nullptr) return counts_.add(counter::unknown_symbol);
    i->base = row.base;
    i->quote = row.quote;
    i->type = row.contract;
    apply_steps(*i, row.tick, row.step);
    i->wanted = define(*i);
  }
  i->listed = true;
  if (!i->wanted) return;
  if (!added && apply_steps(*i, row.tick, row.step)) define(*i);
  apply_status(*i, row.status);
}

/// Takes new steps over; true if the definition changed. Exponents only get finer: old orders survive a change of tick
/// (venue document, B8), and a coarser scale would clear the book for nothing.
bool venue_session::apply_steps(instrument& i, std::string_view tick, std::string_view step) {
  if (i.tick == tick && i.step == step) return false;
  const bool first = i.tick.empty() && i.step.empty();
  i.tick = tick;
  i.step = step;
  const int8_t price = exponent_of_step(tick).value_or(-8), quantity = exponent_of_step(step).value_or(-8);
  if (first) {
    i.price_exponent = price;
    i.quantity_exponent = quantity;
    return true;
  }
  if (price >= i.price_exponent && quantity >= i.quantity_exponent) return true;
  rescale(i, {normalizer::fault::finer, price, quantity});
  return false; // defined already
}

void venue_session::apply_status(instrument& i, std::string_view status) {
  if (i.status == status) return;
  bool known = true;
  const bool was_halted = i.halted;
  i.status = status;
  i.state = state_of(status, known);
  if (!known) counts_.add(counter::unknown);
  // Orders can still be cancelled in CANCEL_ONLY, so its book moves; in every other state that is not trading no
  // snapshot is asked for (venue document, D).
  i.halted = i.state != TP_STATE_TRADING && status != "CANCEL_ONLY";
  normalizer_.status(i);
  if (i.halted == was_halted) return;
  if (i.sync.state() == sync_state::live)
    out_.stream(i.number, i.number, i.halted ? TP_STREAM_SILENT : TP_STREAM_LIVE, i.status);
  else if (i.sync.state() == sync_state::buffering)
    request_snapshot(i);
}

void venue_session::retire(instrument& i) {
  links_.want(i.number, i.stream_name, 0);
  drop_book(i, "the venue lists the symbol no more");
  symbols_.retire(i);
  if (i.wanted) out_.retire(i.number);
  i.wanted = false;
  work_links();
}

bool venue_session::define(instrument& i) {
  return out_.define(normalizer_.definition(i));
}

int32_t venue_session::on_interest(std::span<const tp_interest> list, uint64_t now_ns) {
  now_ns_ = now_ns;
  for (const tp_interest& one : list) {
    instrument* const i = symbols_.at(one.instrument);
    if (i == nullptr || i->retired) continue;
    i->want = static_cast<uint8_t>(one.want & (TP_WANT_QUOTE | TP_WANT_TRADES | TP_WANT_BOOK));
    i->wanted |= i->want != 0;
    update_streams(*i);
  }
  work_links();
  finish_turn();
  return TP_OK;
}

void venue_session::update_streams(instrument& i) {
  unsigned bits = 0;
  if ((i.want & (TP_WANT_BOOK | TP_WANT_QUOTE)) != 0) bits |= stream_depth;
  if ((i.want & TP_WANT_QUOTE) != 0 && config_.book_ticker) bits |= stream_book_ticker;
  if (i.want != 0) bits |= stream_trades; // last price and volume belong to every view
  if (i.want != 0 && config_.ticker) bits |= stream_ticker;
  if (i.want != 0 && config_.mark_price) bits |= stream_mark_price;
  const bool had_depth = (links_.wanted(i.number) & stream_depth) != 0;
  links_.want(i.number, i.stream_name, static_cast<uint8_t>(bits));
  if (had_depth && (bits & stream_depth) == 0 && config_.directory == directory_source::exchange_info)
    drop_book(i, "not subscribed any more");
}

} // namespace tickplant::binance
