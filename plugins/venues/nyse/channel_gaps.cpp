// Holes and what becomes of them: filled by the other line or a retransmission, or given up for the symbols that they
// touch, or for all (sections 3, 5 and 11).
#include "channel.hpp"

namespace tickplant::nyse {

namespace {

constexpr size_t most_open_gaps = 256;
constexpr uint64_t shortest_wait = 5'000'000; // between two looks at gaps that nothing new is known of

std::string range_text(uint64_t from, uint64_t to) {
  return "messages " + std::to_string(from) + " to " + std::to_string(to);
}

} // namespace

// After every change: declares what is filled, asks for what is missing, gives up what is hopeless.
void channel::settle() {
  if (arbiter_.complete() && gaps_.empty() && !owes_live_) [[likely]]
    return;
  const auto pop_filled = [this] {
    size_t filled = 0;
    while (filled < gaps_.size() && gaps_[filled].to < arbiter_.next()) ++filled;
    if (filled == 0) return;
    gaps_.erase(gaps_.begin(), gaps_.begin() + static_cast<std::ptrdiff_t>(filled));
    counters_.add(gaps_filled, filled);
    if (gaps_.empty()) owes_live_ = true;
  };
  pop_filled();
  if (!gaps_.empty() && phase_ == phase::live) {
    judge_gaps();
    plan_requests();
    give_up_hopeless();
    pop_filled();
  }
  if (!arbiter_.complete() && !is_reorder_armed_ && phase_ != phase::idle && overdue_ < arbiter_.high()) {
    armed_high_ = arbiter_.high();
    is_reorder_armed_ = true;
    set_timer(reorder_timer, options_.reorder_window_ns);
  }
  if (owes_live_ && phase_ == phase::live && arbiter_.complete() && gaps_.empty()) {
    owes_live_ = false;
    if (!is_adrift_) tell(TP_STREAM_LIVE);
  }
}

void channel::on_reorder_timer() {
  is_reorder_armed_ = false;
  if (phase_ == phase::starting)
    late_start();
  else if (phase_ == phase::live)
    declare_gaps(armed_high_);
  settle();
}

// What is missing below `below` is missing on every line.
void channel::declare_gaps(uint64_t below) {
  uint64_t from = std::max(overdue_, arbiter_.next());
  overdue_ = std::max(overdue_, below);
  while (const auto hole = arbiter_.first_missing(from, overdue_, options_.gap_limit + 1)) {
    counters_.add(gaps_seen);
    const bool is_too_large = hole->size() > options_.gap_limit;
    if (is_too_large || gaps_.size() == most_open_gaps) {
      counters_.add(gaps_lost);
      return lose_all(overdue_, is_too_large ? "more than gap_limit (" + std::to_string(options_.gap_limit) +
                                                 ") messages are missing"
                                             : "more than " + std::to_string(most_open_gaps) + " gaps are open");
    }
    gaps_.push_back({hole->from, hole->to, now_ns_, 0, {}});
    tell(TP_STREAM_GAP, "missing on all lines", hole->from, hole->to);
    from = hole->to + 1;
  }
}

// A retransmission of what we lack as well: a gap like others, even where somebody else asked before our own time for
// the other line was over.
void channel::declare_answered(const packet& p) {
  if (arbiter_.complete() || p.end() <= arbiter_.next()) return;
  const uint64_t from = std::max({overdue_, arbiter_.next(), p.sequence});
  const auto touched = arbiter_.first_missing(from, p.end(), options_.gap_limit + 1);
  if (!touched) return;
  const auto whole = arbiter_.first_missing(touched->from, arbiter_.high(), options_.gap_limit + 1);
  declare_gaps(whole->to + 1);
}

const channel::open_gap* channel::gap_of(uint64_t number) const {
  for (const auto& gap : gaps_)
    if (gap.from <= number && number <= gap.to) return &gap;
  return nullptr;
}

/// Gaps that nobody can fill, or that were waited for long enough.
void channel::judge_gaps() {
  const bool has_line = !own_.retransmission.empty();
  const bool may_ask = requests_.is_configured() && !are_requests_refused_;
  const auto& policy = options_.retransmission;
  uint64_t patience = 0;
  std::string reason = "missing on all lines, and no retransmission line is configured";
  if (has_line && !may_ask) {
    patience = policy.timeout_ns; // somebody else may have asked
    reason = requests_.is_configured() ? "missing on all lines, and the request server refuses us"
                                       : "missing on all lines, and no request server is configured";
  } else if (has_line) {
    patience = policy.timeout_ns * (policy.attempts + 1);
    reason = "missing on all lines, and no retransmission came";
  }
  for (auto& gap : gaps_)
    if (gap.hopeless_ns == 0 && now_ns_ >= gap.opened_ns + patience) {
      gap.hopeless_ns = now_ns_;
      gap.reason = reason;
    }
}

void channel::plan_requests() {
  if (gaps_.empty()) return;
  uint64_t wake = UINT64_MAX;
  bool is_exhausted = false;
  if (!own_.retransmission.empty() && requests_.is_up() && !are_requests_refused_) {
    const auto missing = [this](uint64_t from) -> std::optional<sdk::number_range> {
      for (const auto& gap : gaps_) {
        if (gap.to < from || gap.hopeless_ns != 0) continue;
        const auto hole = arbiter_.first_missing(std::max(from, gap.from), gap.to + 1, options_.gap_limit + 1);
        if (hole) return hole;
      }
      return std::nullopt;
    };
    const auto send = [&](uint64_t from, uint64_t to) -> std::optional<uint32_t> {
      const auto result = requests_.ask_retransmission(own_.channel, from, to, now_ns_);
      is_exhausted |= result.what == request_line::outcome::exhausted;
      if (result.what != request_line::outcome::sent) return std::nullopt;
      return result.number;
    };
    while (retransmissions_.plan(now_ns_, missing, send) == retransmissions::state::exhausted) {
      const auto range = *retransmissions_.exhausted();
      declare_hopeless(range.from, range.to,
                       "the retransmission did not come in " + std::to_string(options_.retransmission.attempts) +
                         " tries");
    }
    if (is_exhausted) {
      retransmissions_.clear();
      declare_hopeless(1, UINT64_MAX - 1, "no retransmission requests are left for today");
    }
    if (const auto due = retransmissions_.due()) wake = std::min(wake, *due);
  }
  for (const auto& gap : gaps_)
    wake = std::min(wake, gap.hopeless_ns == 0
                            ? now_ns_ + options_.retransmission.timeout_ns
                            : std::max(gap.hopeless_ns + options_.prove_window_ns, now_ns_ + shortest_wait));
  set_timer(request_timer, std::max(wake, now_ns_ + shortest_wait) - now_ns_);
}

/// Numbers that will not come. A gap that they cover in part falls apart.
void channel::declare_hopeless(uint64_t from, uint64_t to, const std::string& reason) {
  std::vector<open_gap> pieces;
  for (auto& gap : gaps_) {
    if (gap.to < from || gap.from > to || gap.hopeless_ns != 0) {
      pieces.push_back(std::move(gap));
      continue;
    }
    const uint64_t first = std::max(gap.from, from), last = std::min(gap.to, to);
    if (gap.from < first) pieces.push_back({gap.from, first - 1, gap.opened_ns, 0, {}});
    pieces.push_back({first, last, gap.opened_ns, now_ns_, reason});
    if (last < gap.to) pieces.push_back({last + 1, gap.to, gap.opened_ns, 0, {}});
  }
  counters_.add(gaps_seen, pieces.size() - gaps_.size());
  gaps_ = std::move(pieces);
}

// The flow waits at its first hole. Where the symbols' own numbers behind it account for every message of the hole, the
// symbols that lost some are known, and no other book is touched.
void channel::give_up_hopeless() {
  while (!gaps_.empty()) {
    const auto missing = arbiter_.first_missing(arbiter_.next(), arbiter_.high(), options_.gap_limit + 1);
    if (!missing) return;
    const open_gap* gap = gap_of(missing->from);
    if (gap == nullptr || gap->hopeless_ns == 0) return;
    const sdk::number_range hole{missing->from, std::min(missing->to, gap->to)};
    const bool is_late = now_ns_ >= gap->hopeless_ns + options_.prove_window_ns;
    if (!prove(*gap, hole)) {
      if (!is_adrift_ && proof_.result() == hole_proof::verdict::open && !is_late) return;
      const std::string reason = range_text(hole.from, hole.to) + " are lost: " + gap->reason;
      lose_all(hole.to + 1, reason);
    }
    counters_.add(
      gaps_lost, std::erase_if(gaps_, [&](const open_gap& g) { return g.to < arbiter_.next() && g.hopeless_ns != 0; }));
    if (gaps_.empty()) owes_live_ = true;
  }
}

bool channel::prove(const open_gap& gap, sdk::number_range hole) {
  if (is_adrift_) return false; // every book waits for a picture anyway
  if (!proof_.is_about(hole)) proof_.begin(hole);
  const auto& ring = arbiter_.ring();
  while (proof_.result() == hole_proof::verdict::open && ring.holds(proof_.next()))
    proof_.feed(ring.data(proof_.next()), normalizer_.symbols());
  if (proof_.result() != hole_proof::verdict::proven) return false;
  counters_.add(gaps_proven);
  const std::string reason = range_text(hole.from, hole.to) + " are lost, some of them of this symbol: " + gap.reason;
  for (const uint32_t place : proof_.touched()) lose_symbol(normalizer_.symbols()[place], hole.to + 1, reason);
  sink into{normalizer_};
  arbiter_.skip_to(hole.to + 1, into);
  return true;
}

// Gives up all that is missing below `upto` and goes on from there; every book waits for a picture.
void channel::lose_all(uint64_t upto, const std::string& reason) {
  const uint64_t from = std::min(arbiter_.next(), upto);
  tell(TP_STREAM_LOST, reason, from, upto > from ? upto - 1 : from);
  host_.log(sdk::log_level::warning, "channel " + std::to_string(own_.channel) + ": " + reason);
  is_complete_ = false;
  is_adrift_ = true;
  is_directory_whole_ = false;
  flow_from_ = std::max(flow_from_, upto);
  if (spin_ != symbol_map::none) {
    spin_ = symbol_map::none;
    normalizer_.set_snapshot_of(0);
  }
  lost_ = 0;
  for (auto& symbol : normalizer_.symbols().all()) {
    symbol.is_lost = symbol.is_wanted;
    symbol.needs_from = std::max(symbol.needs_from, upto);
    lost_ += symbol.is_lost;
  }
  // Holes below are closed by force; those above may still be filled.
  const auto before = gaps_.size();
  std::erase_if(gaps_, [&](const open_gap& gap) { return gap.to < upto; });
  if (gaps_.empty()) {
    retransmissions_.clear();
    cancel_timer(request_timer);
  }
  counters_.add(gaps_lost, before - gaps_.size());
  overdue_ = std::max(overdue_, upto);
  sink into{normalizer_};
  arbiter_.skip_to(upto, into);
  want_full();
}

void channel::lose_symbol(symbol_state& symbol, uint64_t needs_from, std::string_view reason) {
  if (!symbol.is_wanted) return;
  symbol.needs_from = std::max(symbol.needs_from, needs_from);
  if (symbol.is_lost) return;
  symbol.is_lost = true;
  ++lost_;
  tell(TP_STREAM_LOST, reason, needs_from > 0 ? needs_from - 1 : 0, needs_from > 0 ? needs_from - 1 : 0,
       symbol.instrument);
  queue(place_of(symbol));
}

bool channel::on_response(const request_response& response, uint64_t now_ns) {
  now_ns_ = now_ns;
  const auto answer = retransmissions_.on_response(response, now_ns_);
  if (answer.what == retransmissions::verdict::not_ours) return on_refresh_response(response);
  if (answer.what == retransmissions::verdict::refused) {
    refuse_requests(response);
    declare_hopeless(answer.range.from, answer.range.to,
                     "the retransmission was refused: " + std::string{meaning_of_status(response.status)});
  }
  settle();
  return true;
}

/// What a refusal means for the requests to come (section 4).
void channel::refuse_requests(const request_response& response) {
  counters_.add(requests_rejected);
  const std::string text = "channel " + std::to_string(own_.channel) + ": request " + std::to_string(response.request) +
                           " was refused with status '" + response.status +
                           "': " + std::string{meaning_of_status(response.status)};
  switch (response.status) {
    case '4': requests_.quotas().block(quota::retransmissions); break;
    case '5': requests_.quotas().block(quota::refreshes); break;
    case '1':
    case '7':
    case '8':
    case '9': are_requests_refused_ = true; break; // a fault of the settings: no loop
    default: return host_.log(sdk::log_level::warning, text);
  }
  host_.log(sdk::log_level::error, text);
}

} // namespace tickplant::nyse
