// The books: diffs, snapshots and what joins them (venue document, C1).
#include "timers.hpp"
#include "venue_session.hpp"

#include <algorithm>
#include <string>

namespace tickplant::binance {
namespace {

constexpr uint64_t millisecond_ns = 1'000'000;
constexpr uint64_t refused_wait_ns = 60'000 * millisecond_ns;

// A venue that gives nothing but old snapshots for so many tries is asked at leisure.
constexpr uint32_t quick_tries = 10;

/// 0.2 s growing to 1 s (venue document, E, "snapshot too old"), then doubling to 30 s; a quarter of it by chance.
uint64_t too_old_wait_ns(uint32_t tries, uint64_t random) {
  uint64_t whole = std::min<uint64_t>(200 * millisecond_ns << std::min(tries, 3u), 1'000 * millisecond_ns);
  if (tries >= quick_tries)
    whole = std::min<uint64_t>(2'000 * millisecond_ns << std::min(tries - quick_tries, 4u), 30'000 * millisecond_ns);
  return whole + random % (whole / 4);
}

/// Levels a side of "btcusdt@depth20@100ms"; 0 if the name does not tell.
uint32_t depth_of_stream(std::string_view stream) {
  constexpr std::string_view word = "@depth";
  const size_t at = stream.find(word);
  if (at == std::string_view::npos) return 0;
  stream.remove_prefix(at + word.size());
  return sdk::to_number<uint32_t>(stream.substr(0, stream.find('@'))).value_or(0);
}

} // namespace

bool venue_session::on_depth(const message& m, std::string_view frame, uint64_t recv_ns) {
  if (is_futures(config_.product) && depth_of_stream(m.stream) > 0) return on_futures_picture(m);
  depth_update d;
  if (!read(m, d, chaining_)) return false;
  instrument* const i = target(m, stream_depth);
  return i == nullptr || on_depth_of(*i, d, m, frame, recv_ns);
}

bool venue_session::on_depth_of(instrument& i, const depth_update& d, const message& m, std::string_view frame,
                                uint64_t recv_ns) {
  if (i.source == book_source::pictures) {
    i.partial_depth = 0;
    define(i);
    lose_book(i, "from pictures of the top to the whole book");
  }
  i.source = book_source::diffs;
  const diff_ids ids{d.first, d.last};
  const uint64_t expected = i.sync.book_id() + 1;
  if (arrival_.is_doubled) {
    if (i.sync.stands(ids) != continuity::gap) {
      if (arrival_.is_from_heir) i.proved_link = arrival_.line;
    } else if (hold_ahead(i, held_kind::depth, ids.first, ids.last, frame)) {
      return true;
    }
  }
  switch (i.sync.on_diff(ids, frame, recv_ns, arrival_.may_restart)) {
    case diff_verdict::apply: {
      const auto r = normalizer_.diff(i, d, m);
      if (r.what == normalizer::fault::none) {
        i.sync.applied(ids);
        return true;
      }
      if (r.what == normalizer::fault::malformed) return false;
      i.sync.start_over(ids, frame, recv_ns);
      rescale(i, r);
      request_snapshot(i);
      return true;
    }
    case diff_verdict::held: request_snapshot(i); return true;
    case diff_verdict::old: counts_.add(counter::duplicates); return true;
    case diff_verdict::before: counts_.add(counter::diffs_before_snapshot); return true;
    case diff_verdict::gap:
      counts_.add(counter::gaps_seen);
      lose_book(i, "depth updates are missing", expected, d.first - 1);
      tell(sdk::log_level::warning, i,
           "depth updates " + std::to_string(expected) + " to " + std::to_string(d.first - 1) +
             " are missing; the book is rebuilt");
      break;
    case diff_verdict::hole:
      counts_.add(counter::gaps_seen);
      tell(sdk::log_level::warning, i, "depth updates are missing while its snapshot is awaited; that begins anew");
      break;
    case diff_verdict::overflow:
      counts_.add(counter::buffer_overflow);
      tell(sdk::log_level::warning, i, "more diffs than may be kept wait for its snapshot; that begins anew");
      break;
    case diff_verdict::restarted:
      counts_.add(counter::numbers_restarted);
      i.quotes.forget();
      out_.stream(i.number, i.number, TP_STREAM_RESTARTED, "depth update ids began anew", d.first);
      lose_book(i, "depth update ids began anew");
      tell(sdk::log_level::warning, i, "depth update ids began anew; the book is rebuilt");
      break;
  }
  request_snapshot(i);
  return true;
}

/// Partial depth: complete pictures of the top, as recorded streams have them; a book of diffs needs none.
bool venue_session::on_picture(const message& m) {
  depth_picture p;
  if (!read(m, p)) return false;
  // No symbol inside: only the name of the stream tells whose it is (venue document, B2).
  if (m.stream.empty() || config_.directory != directory_source::stream) {
    counts_.add(m.stream.empty() ? counter::unknown : counter::unknown_symbol);
    return true;
  }
  instrument* i = symbols_.find_stream(symbol_of_stream(m.stream));
  if (i == nullptr) {
    counts_.add(counter::unknown_symbol);
    return true;
  }
  return show_picture(*i, p, m);
}

/// The same of futures: in the form of a diff, with the symbol inside (venue document, G, "partial depth").
bool venue_session::on_futures_picture(const message& m) {
  counts_.add(counter::partial_depth);
  depth_picture p;
  if (!read_picture(m, p)) return false;
  if (config_.directory != directory_source::stream) {
    counts_.add(counter::unknown_symbol);
    return true;
  }
  instrument* const i = target(m, stream_depth);
  return i == nullptr || show_picture(*i, p, m);
}

bool venue_session::show_picture(instrument& i, const depth_picture& p, const message& m) {
  if (!i.wanted || i.source == book_source::diffs) return true;
  const uint32_t depth = depth_of_stream(m.stream);
  if (i.source == book_source::none || depth != i.partial_depth) {
    i.partial_depth = depth;
    define(i);
  }
  const bool first = i.source == book_source::none;
  i.source = book_source::pictures;
  if (!check_ids(i.pictures, p.last_update, p.last_update, false)) return true;
  if (!emit_scaled(i, [&] { return normalizer_.picture(i, p.last_update, m); })) return false;
  if (first) out_.stream(i.number, i.number, TP_STREAM_LIVE, "");
  return true;
}

void venue_session::on_snapshot(instrument& i, std::string_view body) {
  depth_picture p;
  if (!decoder_.decode(body) || decoder_.messages().size() != 1 || !read(decoder_.messages()[0], p))
    return snapshot_unreadable(i);
  switch (i.sync.judge_snapshot(p.last_update)) {
    case depth_sync::join::not_awaited: return;
    case depth_sync::join::too_old:
      counts_.add(counter::snapshots_refused);
      return ask_again(i, "its snapshots are older than its stream");
    case depth_sync::join::fits: break;
  }
  const message& m = decoder_.messages()[0];
  if (!emit_scaled(i, [&] { return normalizer_.picture(i, p.last_update, m); })) return snapshot_unreadable(i);
  const bool was_gap = i.sync.in_gap();
  i.sync.joined(p.last_update);
  i.snapshot_tries = 0;
  feed_buffered(i);
  if (i.sync.state() != sync_state::live) return;
  if (was_gap) {
    counts_.add(counter::gaps_filled);
    tell(sdk::log_level::info, i, "rebuilt by the snapshot at " + std::to_string(p.last_update));
  }
  out_.stream(i.number, i.number, i.halted ? TP_STREAM_SILENT : TP_STREAM_LIVE, i.halted ? i.status : "");
}

void venue_session::snapshot_unreadable(instrument& i) {
  counts_.add(counter::malformed);
  counts_.add(counter::snapshots_refused);
  ask_again(i, "its snapshots cannot be read");
}

/// With growing patience; the stream is told once that it will take a while.
void venue_session::ask_again(instrument& i, std::string_view why) {
  if (i.snapshot_tries == quick_tries) {
    tell(sdk::log_level::warning, i, why);
    lose_book(i, why);
  }
  retry_snapshot(i, too_old_wait_ns(i.snapshot_tries, host_.random()));
  ++i.snapshot_tries;
}

/// A log line about one symbol, if this minute has had few.
void venue_session::tell(sdk::log_level level, const instrument& i, std::string_view what) {
  if (!log_gate_.pass(now_ns_)) return;
  std::string text = i.symbol;
  host_.log(level, text.append(": ").append(what));
}

/// Gives the diffs that waited for the snapshot the way of any other.
void venue_session::feed_buffered(instrument& i) {
  const frame_buffer waited = i.sync.take_buffer();
  for (size_t k = 0; k < waited.count(); ++k) {
    depth_update d;
    const std::string_view frame = waited.frame(k);
    if (!decoder_.decode(frame) || decoder_.messages().size() != 1 || !read(decoder_.messages()[0], d, chaining_) ||
        !on_depth_of(i, d, decoder_.messages()[0], frame, waited.at(k).recv_ns))
      counts_.add(counter::malformed);
  }
}

void venue_session::request_snapshot(instrument& i) {
  if (i.halted || i.retired || i.snapshot_waits) return;
  if (i.sync.state() == sync_state::live || i.sync.state() == sync_state::snapshot_requested) return;
  rest_.push({rest_kind::depth, i.number, depth_weight(config_.product, config_.depth_limit)});
  i.sync.requested();
  rest_work_ = true;
}

void venue_session::retry_snapshot(instrument& i, uint64_t after_ns) {
  i.sync.request_failed();
  if (i.sync.state() == sync_state::idle) { // nothing was heard of the symbol either: as after its subscription
    if (quiet_.size() < most_quiet) quiet_.push_back({i.number, now_ns_ + after_ns});
    return;
  }
  i.snapshot_waits = true;
  host_.set_timer(timer_snapshot + i.number, after_ns);
}

/// The venue answers, but not with a snapshot: a listing before its first day has none.
void venue_session::snapshot_refused(instrument& i) {
  counts_.add(counter::snapshots_refused);
  retry_snapshot(i, refused_wait_ns);
}

void venue_session::lose_book(instrument& i, std::string_view why, uint64_t from, uint64_t to) {
  out_.stream(i.number, i.number, TP_STREAM_LOST, why, from, to);
}

/// The stream of the book is over, on purpose or not.
void venue_session::drop_book(instrument& i, std::string_view why) {
  if (i.source == book_source::none && i.sync.state() == sync_state::idle) return;
  rest_.cancel_depth(i.number);
  i.sync.reset();
  i.snapshot_tries = 0;
  i.snapshot_waits = false;
  i.source = book_source::none;
  lose_book(i, why);
}

/// Redefines with finer exponents; the host clears the book, so a live one has to be built again.
void venue_session::rescale(instrument& i, const normalizer::result& needed) {
  counts_.add(counter::rescaled);
  i.price_exponent = std::min(i.price_exponent, needed.price_exponent);
  i.quantity_exponent = std::min(i.quantity_exponent, needed.quantity_exponent);
  define(i);
  lose_book(i, "finer decimals than the instrument had");
  if (i.sync.state() != sync_state::live) return;
  i.sync.resynchronise();
  request_snapshot(i);
}

int32_t venue_session::resynchronise(uint32_t channel, uint32_t number, uint64_t now_ns) {
  now_ns_ = now_ns;
  instrument* const i = symbols_.at(number == TP_ALL ? channel : number); // every channel has one instrument
  if (i == nullptr || i->retired) return TP_E_ARGUMENT;
  // The next connection rebuilds its books.
  if (config_.directory == directory_source::exchange_info && (links_.wanted(i->number) & stream_depth) != 0 &&
      !links_.is_served(i->number, stream_depth))
    return TP_OK;
  if (i->sync.state() == sync_state::idle && (links_.wanted(i->number) & stream_depth) == 0 &&
      config_.directory == directory_source::exchange_info)
    return TP_E_AGAIN;
  if (i->halted) return TP_E_AGAIN;
  if (i->sync.state() == sync_state::live) {
    counts_.add(counter::resynchronised);
    i->sync.resynchronise();
    request_snapshot(*i);
    finish_turn();
  }
  // A ban takes minutes to days: the host should know that nothing will come soon.
  return rest_.blocked_until_ns() > now_ns + refused_wait_ns ? TP_E_LIMIT : TP_OK;
}

} // namespace tickplant::binance
