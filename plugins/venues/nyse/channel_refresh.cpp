// Refreshes (section 6): which symbols to ask for and when, what comes of the answers, and mappings of symbols that
// nobody introduced.
#include "channel.hpp"

namespace tickplant::nyse {

namespace {

constexpr uint64_t second = 1'000'000'000, tick = second / 10;
constexpr size_t most_single_mappings = 16; // more unknown symbols than this are asked for in one request

} // namespace

void channel::on_refresh(const packet& p) {
  if (p.is_heartbeat()) return;
  counters_.add(refresh_packets);
  if (p.flag < delivery::lone_refresh || p.flag > delivery::refresh_end) return counters_.add(foreign);
  // The refresh channel's own numbers: a jump means that whole symbols may be missing.
  if (refresh_next_ != 0 && p.sequence > refresh_next_) full_.is_holey = mappings_.is_holey = true;
  if (p.sequence >= refresh_next_ || p.sequence + 1'000 < refresh_next_) refresh_next_ = p.end();
  if (type_of(p.messages) != type::refresh_head) { // the answer to a mapping request
    const uint8_t* message = p.messages;
    for (uint32_t i = 0; i < p.count; ++i, message = next_message(message))
      if (type_of(message) == type::mapping && size_of(message) >= layout_of(type::mapping).vital)
        normalizer_.take_mapping(message);
    note_mappings(p.flag);
    return check_recovered();
  }
  const auto head = read_refresh_head(p.messages);
  if (full_.is_active) full_.due_ns = now_ns_ + options_.refresh.timeout_ns;
  if (p.flag == delivery::refresh_start && head && head->current == 1) {
    full_.has_begun = true;
    full_.is_holey = false;
  }
  if (p.flag != delivery::refresh_end) full_.saw_others = true;
  const auto result = pictures_.take(p, now_ns_);
  counters_.add(refresh_incomplete, result.abandoned);
  if (result.is_bad) return counters_.add(malformed);
  if (!result.complete) return;
  counters_.add(pictures_taken);
  apply(*result.complete);
  if (p.flag == delivery::refresh_end) finish_full();
  check_recovered();
}

/// An answer that brought all mappings of the channel makes the directory whole; one with a hole is asked for again.
void channel::note_mappings(delivery flag) {
  if (flag == delivery::refresh_start) {
    mappings_ = {true, false, false};
  } else if (flag == delivery::refresh_part) {
    mappings_.saw_others = true;
  } else if (flag == delivery::refresh_end) {
    const bool is_whole = mappings_.has_begun ? !mappings_.is_holey : !mappings_.saw_others;
    mappings_ = {};
    if (!is_whole) return;
    all_mappings_wanted_ = false;
    is_directory_whole_ = true;
  }
}

/// The picture is taken where its symbol waits for one and where it joins the live flow.
void channel::apply(const refresh_picture& picture) {
  for (const uint8_t* message : picture.messages)
    if (type_of(message) == type::mapping && size_of(message) >= layout_of(type::mapping).vital)
      normalizer_.take_mapping(message);
  const uint32_t place = normalizer_.symbols().find(picture.index);
  if (place == symbol_map::none) return counters_.add(unknown_index);
  symbol_state& symbol = normalizer_.symbols()[place];
  if (!symbol.is_lost || symbol.factor == 0) return;
  if (phase_ == phase::live && picture.last_sequence + 1 < symbol.needs_from) {
    counters_.add(refresh_too_old);
    return;
  }
  normalizer_.mark(TP_EV_SNAPSHOT_BEGIN, TP_SNAPSHOT, symbol.instrument, picture.last_sequence);
  for (const uint8_t* message : picture.messages)
    if (const uint32_t kind = type_of(message);
        kind == type::add_refresh || kind == type::security_status || kind == type::imbalance)
      normalizer_.picture_message(picture.last_sequence, message);
  normalizer_.mark(TP_EV_SNAPSHOT_END, TP_END | TP_SNAPSHOT, symbol.instrument, picture.last_sequence);
  symbol.last = std::max(symbol.last, picture.last_symbol_sequence);
  symbol.covered = picture.last_sequence;
  mend(symbol);
}

/// A symbol has its book again.
void channel::mend(symbol_state& symbol) {
  if (!std::exchange(symbol.is_lost, false)) return;
  --lost_;
  rests_ = 0;
  const uint32_t place = place_of(symbol);
  for (auto& single : singles_)
    if (single.is_active && single.place == place) single.is_active = false;
  if (!is_adrift_) tell(TP_STREAM_LIVE, {}, 0, 0, symbol.instrument);
  check_recovered();
}

/// The last symbol of an answer to "all" was complete.
void channel::finish_full() {
  const bool is_whole = full_.has_begun ? !full_.is_holey : full_.is_active && !full_.saw_others;
  const bool was_ours = full_.is_active || full_.is_wanted;
  full_ = {};
  if (is_whole)
    is_directory_whole_ = true;
  else if (was_ours)
    all_mappings_wanted_ = true; // symbols of which nothing came are not known yet
  for (const auto& symbol : normalizer_.symbols().all())
    if (symbol.is_lost) queue(place_of(symbol));
}

void channel::queue(uint32_t place) {
  symbol_state& symbol = normalizer_.symbols()[place];
  if (symbol.is_queued) return;
  symbol.is_queued = true;
  queue_.push_back(place);
}

void channel::want_full() {
  if (!full_.is_active) full_.is_wanted = true;
}

bool channel::is_waiting() const {
  return lost_ > 0 || full_.is_wanted || full_.is_active || all_mappings_wanted_ || unmapped_.symbols() > 0;
}

void channel::check_recovered() {
  if (!is_adrift_ || lost_ > 0 || full_.is_wanted || full_.is_active || is_failover_) return;
  if (phase_ != phase::live) return;
  is_adrift_ = false;
  rests_ = 0;
  // Without a first number: it would make books complete whose pictures the host still holds. Symbols that appear later
  // are asked for one by one.
  owes_live_ = false;
  tell(TP_STREAM_LIVE);
}

void channel::plan_refreshes() {
  if (!is_waiting()) [[likely]]
    return;
  if (phase_ != phase::live) return;
  if (lost_ > 0 || full_.is_wanted) lines_.want_refresh(place_);
  const uint64_t timeout = options_.refresh.timeout_ns;
  counters_.add(refresh_incomplete, pictures_.expire(now_ns_ > timeout ? now_ns_ - timeout : 0));
  uint64_t wake = now_ns_ + tick;
  if (spin_until_ns_ > now_ns_) { // the backup publisher tells everything by itself
    wake = std::min(wake, spin_until_ns_);
  } else if (rest_until_ns_ > now_ns_) {
    wake = rest_until_ns_;
  } else {
    if (is_failover_ && spin_until_ns_ != 0) end_failover();
    plan_full();
    if (!full_.is_active && !full_.is_wanted) plan_singles();
    plan_mappings();
    if (rest_until_ns_ > now_ns_) wake = rest_until_ns_;
  }
  if (is_waiting())
    set_timer(refresh_timer, std::max(wake - now_ns_, second / 1'000));
  else
    cancel_timer(refresh_timer);
}

void channel::plan_full() {
  if (full_.is_active && now_ns_ >= full_.due_ns) {
    const uint32_t attempts = full_.attempts;
    full_ = {};
    full_.attempts = attempts;
    full_.is_wanted = true;
    if (attempts >= options_.refresh.attempts) {
      full_.attempts = 0;
      return rest("the refresh of all symbols did not come in " + std::to_string(attempts) + " tries");
    }
  }
  if (!full_.is_wanted || full_.is_active || are_requests_refused_) return;
  const auto result = requests_.ask_refresh(own_.channel, 0, now_ns_);
  if (result.what == request_line::outcome::exhausted) return rest({});
  if (result.what != request_line::outcome::sent) return;
  const uint32_t attempts = full_.attempts + 1;
  full_ = {};
  full_.is_active = true;
  full_.attempts = attempts;
  full_.number = result.number;
  full_.due_ns = now_ns_ + options_.refresh.timeout_ns;
}

void channel::plan_singles() {
  if (lost_ == 0) {
    for (const uint32_t place : queue_) normalizer_.symbols()[place].is_queued = false;
    queue_.clear();
    return;
  }
  if (are_requests_refused_ || !requests_.is_up()) return;
  if (lost_ > options_.refresh.all_above && requests_.has_quota(quota::full_refreshes, now_ns_)) {
    want_full();
    return plan_full();
  }
  auto& symbols = normalizer_.symbols();
  for (auto& single : singles_) {
    if (single.is_active && now_ns_ >= single.due_ns && single.attempts >= options_.refresh.attempts) {
      single.is_active = false;
      queue(single.place);
      return rest("the refresh of symbol index " + std::to_string(symbols[single.place].index) + " did not come in " +
                  std::to_string(single.attempts) + " tries");
    }
    while (!single.is_active && !queue_.empty()) {
      const uint32_t place = queue_.front();
      queue_.erase(queue_.begin());
      symbols[place].is_queued = false;
      const bool is_asked = std::ranges::any_of(
        singles_, [&](const single_refresh& other) { return other.is_active && other.place == place; });
      if (symbols[place].is_lost && !is_asked) single = {true, place, 0, 0, 0};
    }
    if (!single.is_active || now_ns_ < single.due_ns) continue;
    const auto result = requests_.ask_refresh(own_.channel, symbols[single.place].index, now_ns_);
    if (result.what == request_line::outcome::exhausted) return rest({});
    if (result.what != request_line::outcome::sent) return;
    single.number = result.number;
    single.due_ns = now_ns_ + options_.refresh.timeout_ns;
    ++single.attempts;
  }
  // What is lost but neither asked for nor queued (its picture was too old, say) is asked for again.
  if (queue_.empty() && std::ranges::none_of(singles_, &single_refresh::is_active))
    for (const auto& symbol : symbols.all())
      if (symbol.is_lost) queue(place_of(symbol));
}

// An index without a mapping is asked for, unless a refresh of everything brings it anyway.
void channel::plan_mappings() {
  if (full_.is_active || full_.is_wanted || are_requests_refused_ || !requests_.is_up()) return;
  if (mapping_wanted_ && unmapped_.symbols() > most_single_mappings) all_mappings_wanted_ = true;
  if (all_mappings_wanted_) {
    if (now_ns_ < all_mappings_due_ns_) return;
    if (all_mappings_attempts_ >= options_.refresh.attempts) {
      all_mappings_wanted_ = false;
      all_mappings_attempts_ = 0;
      return rest("the mappings of all symbols did not come");
    }
    if (requests_.ask_mapping(own_.channel, 0, now_ns_).what != request_line::outcome::sent) return;
    ++all_mappings_attempts_;
    all_mappings_due_ns_ = now_ns_ + options_.refresh.timeout_ns;
    mapping_wanted_ = false;
    return;
  }
  all_mappings_attempts_ = 0;
  if (unmapped_.symbols() == 0) return;
  mapping_wanted_ = false;
  unmapped_.each([this](uint32_t index, unmapped_messages::waiting& w) {
    if (w.attempts >= options_.refresh.attempts) return; // the venue does not know it
    if (w.asked_ns != 0 && now_ns_ < w.asked_ns + options_.refresh.timeout_ns) return;
    if (requests_.ask_mapping(own_.channel, index, now_ns_).what != request_line::outcome::sent) return;
    w.asked_ns = now_ns_;
    ++w.attempts;
  });
}

// Never a loop against the day's quotas: what did not work is tried again after 30 s, then after longer and longer.
void channel::rest(const std::string& reason) {
  rest_until_ns_ = now_ns_ + (30 * second << std::min<uint32_t>(rests_, 5));
  ++rests_;
  if (!reason.empty())
    host_.log(sdk::log_level::error, "channel " + std::to_string(own_.channel) + ": " + reason + "; trying again in " +
                                       std::to_string((rest_until_ns_ - now_ns_) / second) + " s");
}

bool channel::on_refresh_response(const request_response& response) {
  const bool is_full = full_.is_active && full_.number == response.request;
  single_refresh* single = nullptr;
  for (auto& one : singles_)
    if (one.is_active && one.number == response.request) single = &one;
  const bool is_about_us = response.channel == own_.channel;
  if (!is_full && single == nullptr && !is_about_us) return false;
  const uint64_t due = now_ns_ + options_.refresh.timeout_ns;
  if (response.status == '0') {
    if (is_full) full_.due_ns = due;
    if (single != nullptr) single->due_ns = due;
    return true;
  }
  refuse_requests(response);
  // Asking at once would get the same answer: it is one of the tries, and its time has to pass.
  if (is_full) full_.due_ns = due;
  if (single != nullptr) single->due_ns = due;
  return true;
}

int32_t channel::resynchronise(uint32_t instrument, uint64_t now_ns) {
  now_ns_ = now_ns;
  auto& symbols = normalizer_.symbols();
  symbol_state* const one = instrument == TP_ALL ? nullptr : symbols.of_instrument(instrument);
  if (instrument != TP_ALL && one == nullptr) return TP_OK; // nothing that we know of
  // What the host holds from now on is the flow from the next number on.
  const auto lose = [this](symbol_state& symbol) {
    if (!symbol.is_wanted) return;
    symbol.needs_from = std::max(symbol.needs_from, arbiter_.next());
    symbol.covered = 0;
    lost_ += !std::exchange(symbol.is_lost, true);
    queue(place_of(symbol));
  };
  if (one != nullptr) {
    lose(*one);
  } else {
    for (auto& symbol : symbols.all()) lose(symbol);
    is_adrift_ = true;
    is_complete_ = false;
    if (spin_until_ns_ <= now_ns_) want_full();
  }
  if (!requests_.is_configured() || are_requests_refused_) return own_.refresh.starts_with("tcp") ? TP_OK : TP_E_DOWN;
  const bool has_quota = requests_.has_quota(quota::refreshes, now_ns_) &&
                         (one != nullptr || requests_.has_quota(quota::full_refreshes, now_ns_));
  return has_quota ? TP_OK : TP_E_LIMIT;
}

} // namespace tickplant::nyse
