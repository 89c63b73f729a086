// The connections: opened, kept alive, replaced, given up, and the frames that they bring.
#include "timers.hpp"
#include "venue_session.hpp"

#include <algorithm>
#include <string>

namespace tickplant::binance {
namespace {

constexpr uint32_t largest_frame = 1u << 20; // venue document, E, "huge frame"
constexpr uint64_t tick_ns = 1'000'000'000;
constexpr uint64_t first_diff_wait_ns = 3'000'000'000;

} // namespace

/// Closes what has nothing to do any more, opens what is missing, and sends what is due.
void venue_session::work_links() {
  if (is_stopped_) return;
  while (const auto done = links_.next_closing(now_ns_)) {
    host_.line_close(done->link);
    forget_proofs();
    release_due_ = true;
    if (!done->was_renewed) continue;
    counts_.add(counter::renewals);
    host_.log(sdk::log_level::info,
              line_name(done->link, done->route) + " was replaced before its end; nothing was lost");
  }
  while (const auto next = links_.next_opening(now_ns_)) open_line(*next);
  const uint64_t due = links_.opening_due_ns(now_ns_);
  if (due != UINT64_MAX) host_.set_timer(timer_reconnect, after(due));
  send_controls();
}

std::string venue_session::line_name(uint32_t line, uint32_t route) {
  std::string name = route == 0 ? "stream" : "market";
  if (line > 0) name.append("-").append(std::to_string(line));
  return name;
}

void venue_session::open_line(const link_set::opening& next) {
  const auto& urls = next.route == 0 ? config_.stream_urls : config_.market_urls;
  const std::string name = line_name(next.link, next.route);
  tp_line_spec spec{};
  spec.struct_size = sizeof(tp_line_spec);
  spec.line = next.link;
  spec.kind = TP_LINE_WEBSOCKET;
  spec.role = TP_ROLE_LIVE;
  spec.max_unit = largest_frame;
  spec.name = sdk::to_tp(name);
  spec.address = sdk::to_tp(urls[next.address % urls.size()]);
  if (host_.line_open(spec) < 0) link_lost(next.link, "the host refused to open the line");
}

/// Ends a connection that is of no use; no on_line follows.
void venue_session::drop_link(uint32_t line, std::string_view why) {
  if (links_.open(line) == nullptr) return;
  host_.line_close(line);
  link_lost(line, why);
}

void venue_session::link_lost(uint32_t line, std::string_view why) {
  const uint64_t random = host_.random();
  const uint32_t route = links_.open(line)->route;
  const link_set::fall fall = links_.on_down(line, now_ns_, random);
  uint32_t lost = 0;
  for (const uint32_t number : fall.instruments) {
    instrument* const i = symbols_.at(number);
    if (i == nullptr || route != 0) continue; // trades that are missing show by their ids
    // The replacement has everything: for long enough, or by the proof of this symbol's own ids.
    if (fall.heir != link_set::none && (fall.is_settled || i->proved_link == fall.heir)) continue;
    ++lost;
    drop_book(*i, why);
    i->quotes.forget();
    std::erase_if(quiet_, [&](const quiet_book& q) { return q.instrument == number; });
    // A replacement has confirmed its subscription before; without this a symbol in which nothing moves stays lost.
    const link_set::link* const heir = links_.open(fall.heir);
    if (heir != nullptr && heir->controls.is_proved(number) && quiet_.size() < most_quiet)
      quiet_.push_back({number, now_ns_});
  }
  // A recording has no subscriptions: every symbol comes over the one line.
  if (config_.directory == directory_source::stream)
    for (instrument& i : symbols_.all()) {
      drop_book(i, why);
      i.quotes.forget();
      i.pictures.forget();
    }
  forget_proofs();
  release_due_ = true; // not here: frames may be in work that another decoding would overwrite
  counts_.add(counter::reconnects);
  std::string text = line_name(line, route);
  text.append(" connection ended (").append(why).append("), books lost: ").append(std::to_string(lost));
  if (fall.is_over)
    text += "; its streams go on over other connections";
  else
    text.append("; next try in ").append(std::to_string(fall.wait_ns / 1'000'000)).append(" ms");
  host_.log(sdk::log_level::warning, text);
  links_changed_ = true;
}

void venue_session::forget_proofs() {
  for (instrument& i : symbols_.all()) i.proved_link = link_set::none;
}

/// The venue is about to end the connection on which this came (venue document, A3).
void venue_session::server_shutdown() {
  link_set::link* const l = links_.open(arrival_.line);
  if (l == nullptr) return;
  if (links_.renew(arrival_.line))
    host_.log(sdk::log_level::info, line_name(arrival_.line, l->route) + ": the venue announces the end; replacing it");
  else if (l->successor == link_set::none) // a replacement itself, or no number is left for another one
    drop_link(arrival_.line, "serverShutdown");
  links_changed_ = true;
}

int32_t venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  now_ns_ = now_ns;
  if (is_stopped_ || links_.open(line) == nullptr) return TP_OK;
  if (state == TP_LINE_UP) {
    links_.on_up(line, now_ns, host_.random());
    send_controls();
  } else if (state == TP_LINE_FILE_END) {
    host_.log(sdk::log_level::info, "recording ends");
  } else {
    link_lost(line, why.empty() ? "closed" : why);
  }
  finish_turn();
  return TP_OK;
}

int32_t venue_session::on_units(std::span<const tp_unit> units) {
  for (const tp_unit& unit : units) {
    if (is_stopped_ || out_.stopped()) break;
    now_ns_ = std::max(now_ns_, unit.recv_ns);
    if (link_set::link* const l = links_.open(unit.line))
      on_frame(unit, *l);
    else
      counts_.add(counter::unknown);
  }
  finish_turn();
  return TP_OK;
}

void venue_session::on_frame(const tp_unit& unit, link_set::link& l) {
  l.keeper.on_message(unit.recv_ns);
  if ((unit.flags & TP_UNIT_BINARY) != 0) return counts_.add(counter::unknown);
  const std::string_view frame{reinterpret_cast<const char*>(unit.data), unit.size};
  const bool doubled = links_.is_doubled(l);
  arrival_ = {unit.line, doubled, l.predecessor != link_set::none, !doubled && unit.recv_ns >= l.settling_until_ns};
  bool good = (unit.flags & TP_UNIT_TRUNCATED) == 0 && unit.size <= largest_frame && decoder_.decode(frame);
  if (good)
    for (const message& m : decoder_.messages()) {
      good &= on_message(m, frame, unit.recv_ns);
      if (links_.open(unit.line) == nullptr) return;
    }
  if (good)
    l.keeper.on_good_frame();
  else
    counts_.add(counter::malformed);
  if (!hold_.empty()) release_held();
  if (!good && l.keeper.on_bad_frame()) drop_link(unit.line, "too many frames in a row that cannot be read");
}

/// Keeps a frame until what lies before it has come by the other connection. False: it has to be taken as it is.
bool venue_session::hold_ahead(const instrument& i, held_kind kind, uint64_t first, uint64_t last,
                               std::string_view frame) {
  if (decoder_.messages().size() != 1) return false;
  if (!hold_.add(i.number, arrival_.line, kind, first, last, now_ns_, frame)) return false;
  counts_.add(counter::held_ahead);
  host_.set_timer(timer_hold, after(hold_.due_ns()));
  return true;
}

/// Lets go what has nothing missing before it any more, and what has waited too long or has no second connection.
void venue_session::release_held() {
  const auto is_ready = [&](const held_frame& f) {
    instrument& i = *symbols_.at(f.instrument);
    if (f.kind == held_kind::depth) return i.sync.stands({f.first, f.last}) != continuity::gap;
    return !i.trades.is_ahead(f.first);
  };
  const auto is_over = [&](const held_frame& f) {
    const link_set::link* const l = links_.open(f.line);
    return f.due_ns <= now_ns_ || l == nullptr || !links_.is_doubled(*l);
  };
  for (;;) {
    auto next = hold_.take(is_ready);
    if (!next) next = hold_.take(is_over);
    if (!next) break;
    arrival_ = {next->line, false, false, false};
    if (!decoder_.decode(next->frame())) continue;
    for (const message& m : decoder_.messages()) on_message(m, next->frame(), next->recv_ns);
  }
  if (!hold_.empty()) host_.set_timer(timer_hold, after(hold_.due_ns()));
}

void venue_session::send_controls() {
  uint64_t due = UINT64_MAX;
  uint32_t over_limit = links_.over_limit();
  for (uint32_t line = 0; line < links_.size(); ++line) {
    link_set::link* const l = links_.open(line);
    if (l == nullptr || l->at != link_set::link::state::up) continue;
    while (const auto text = l->controls.next(now_ns_))
      if (host_.send_text(line, *text) < 0) {
        drop_link(line, "a control request could not be sent");
        break;
      }
    over_limit += l->controls.over_limit();
    due = std::min(due, l->controls.due_ns());
  }
  if (over_limit > over_limit_told_) counts_.add(counter::streams_over_limit, over_limit - over_limit_told_);
  over_limit_told_ = over_limit;
  if (due != UINT64_MAX) host_.set_timer(timer_controls, after(due));
}

/// Once a second: which lines live or are to be replaced, whether quiet symbols can do without a first diff, lost
/// answers.
void venue_session::tick() {
  host_.set_timer(timer_tick, tick_ns);
  for (uint32_t line = 0; line < links_.size(); ++line) {
    link_set::link* const l = links_.open(line);
    if (l == nullptr) continue;
    switch (l->keeper.check(now_ns_)) {
      case line_keeper::health::dead: drop_link(line, "silent"); break;
      case line_keeper::health::ask: l->controls.probe(); break;
      case line_keeper::health::fine: break;
    }
  }
  links_.tick(now_ns_);
  work_links();
  rest_.expire(now_ns_, host_.random());
  rest_work_ = true;
  // The subscription is proved by its answer, so a snapshot asked for from here on misses nothing; without this, a book
  // in which nothing moves would never be shown.
  std::erase_if(quiet_, [this](const quiet_book& q) {
    if (now_ns_ < q.since_ns + first_diff_wait_ns) return false;
    instrument* const i = symbols_.at(q.instrument);
    if (i != nullptr && i->sync.state() == sync_state::idle && (links_.wanted(i->number) & stream_depth) != 0)
      request_snapshot(*i);
    return true;
  });
}

} // namespace tickplant::binance
