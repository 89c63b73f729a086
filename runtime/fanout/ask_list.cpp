#include "runtime/fanout/ask_list.hpp"

#include "runtime/consolidation/listing.hpp"

#include <algorithm>

namespace tickplant::fanout {

// One word more would cost each client sixteen bytes a name: the next size that the heap has.
static_assert(sizeof(ask_list::ask) <= 72);

using kind = row_order::kind;

namespace {
bool has_options(const ask_list::ask& one, const option_set& options) {
  return one.options.get() == &options || *one.options == options;
}
} // namespace

ask_list::asks_by_name::const_iterator ask_list::place_of(std::string_view name) const {
  return std::lower_bound(asks_.begin(), asks_.end(), name,
                          [](const auto& one, std::string_view wanted) { return one->name < wanted; });
}

const ask_list::ask* ask_list::find(std::string_view name) const {
  const auto at = place_of(name);
  return at == asks_.end() || (*at)->name != name ? nullptr : at->get();
}

ask_list::ask* ask_list::find_ask(std::string_view name) {
  return const_cast<ask*>(std::as_const(*this).find(name));
}

/// The same text may be a name with some options and a wildcard with others: then the later one takes the place of the
/// earlier one.
ask_list::ask* ask_list::find_as(bool is_wildcard, std::string_view name) {
  auto* found = find_ask(name);
  if (!found || (found->pattern() != nullptr) == is_wildcard) return found;
  remove(name);
  return nullptr;
}

/// One that is not there yet.
ask_list::ask& ask_list::put(std::string_view name, const option_set& options) {
  auto made = std::make_unique<ask>();
  made->name = name;
  made->options = shared(options);
  return **asks_.insert(place_of(name), std::move(made));
}

void ask_list::drop(const ask& one) {
  if (one.pattern()) std::erase(wildcards_, &one);
  asks_.erase(place_of(one.name));
}

const options_ptr& ask_list::shared(const option_set& options) {
  if (!last_options_ || *last_options_ != options) last_options_ = std::make_shared<const option_set>(options);
  return last_options_;
}

// Not to the last place, as whoever asks for one name after the other would have all moved each time.
void ask_list::expect(size_t names) {
  const auto make_room = [names](auto& list) {
    if (list.capacity() - list.size() < names) list.reserve(list.size() + std::max(names, list.size() / 4));
  };
  make_room(asks_);
  make_room(rows_);
  orders_.reserve(names);
}

std::vector<ask_list::row>::iterator ask_list::place_of(model::instrument_id id) {
  return std::lower_bound(rows_.begin(), rows_.end(), id,
                          [](const row& r, auto wanted) { return model::index_of(r.id) < model::index_of(wanted); });
}

ask_list::row* ask_list::find_row(model::instrument_id id) {
  const auto at = place_of(id);
  return at == rows_.end() || at->id != id ? nullptr : &*at;
}

const ask_list::ask* ask_list::owner_of(model::instrument_id id) const {
  const auto* found = const_cast<ask_list*>(this)->find_row(id);
  return found ? found->owner : nullptr;
}

std::vector<row_order> ask_list::rows_of(const option_set& options) const {
  std::vector<row_order> orders;
  for (const auto& r : rows_)
    if (has_options(*r.owner, options))
      orders.push_back({kind::add, r.owner->is_paused, r.id, r.owner->options, {}, {}});
  return orders;
}

bool ask_list::has_row_of(const option_set& options) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const row& r) { return has_options(*r.owner, options); });
}

/// Gives the row of an instrument to an ask; there is none yet, or it is another's, or this one's already.
void ask_list::own(model::instrument_id id, ask& by, std::vector<line_point> from) {
  const auto at = place_of(id);
  if (at == rows_.end() || at->id != id) {
    rows_.insert(at, {id, &by});
    if (by.pattern()) ++by.more->matched;
    orders_.push_back({kind::add, by.is_paused, id, by.options, {}, std::move(from)});
    return;
  }
  ask& before = *std::exchange(at->owner, &by);
  if (&before != &by) {
    if (before.pattern()) --before.more->matched;
    if (by.pattern()) ++by.more->matched;
    if (*before.options != *by.options)
      orders_.push_back({kind::change, before.is_paused, id, before.options, by.options, {}});
    if (before.is_paused != by.is_paused) orders_.push_back({kind::pause, by.is_paused, id, by.options, {}, {}});
  }
  if (!from.empty()) orders_.push_back({kind::add, by.is_paused, id, by.options, {}, std::move(from)});
}

void ask_list::let_go(model::instrument_id id) {
  const auto at = place_of(id);
  if (at->owner->pattern()) --at->owner->more->matched;
  orders_.push_back({kind::remove, false, id, at->owner->options, {}, {}});
  rows_.erase(at);
  budget_.give_symbol();
}

bool ask_list::means(const ask& by, const model::instrument& instrument) const {
  if (!by.pattern() || !by.pattern()->matches(instrument)) return false;
  // The one that stands for the signals of all has nothing else to show.
  const bool is_every =
    instrument.venue == consolidation::venue_name && instrument.symbol == consolidation::every_symbol;
  return (!is_every || (by.options->data_types & TP_DATA_SIGNALS) != 0) && is_allowed(instrument);
}

ask_list::ask* ask_list::heir_of(model::instrument_id id, const ask* except) {
  ask* found = nullptr;
  const auto consider = [&](ask& one) {
    if (&one != except && (!found || one.number > found->number)) found = &one;
  };
  // Only a name beyond those that have a row of their own can be a second one for an instrument.
  if (known_ > 0)
    for (const auto& one : asks_)
      if (one->id == id) consider(*one);
  if (found) return found;
  const auto instrument = names_.find(id);
  if (!instrument) return nullptr;
  for (auto* one : wildcards_)
    if (means(*one, *instrument)) consider(*one);
  return found;
}

ask_list::outcome ask_list::put_name(std::string_view name, std::optional<model::instrument_id> id,
                                     const option_set& options, std::vector<line_point> from) {
  auto* one = find_as(false, name);
  if (one) {
    change(name, options);
  } else {
    const bool needs_room = !id || !find_row(*id);
    if (needs_room && !budget_.take_symbol(size())) return outcome::no_room;
    one = &put(name, options);
    one->id = id;
    ++(id ? known_ : pending_);
  }
  one->number = ++last_number_;
  if (one->id)
    own(*one->id, *one, std::move(from));
  else
    one->more = from.empty() ? nullptr : std::make_unique<ask::particulars>(std::move(from));
  return outcome::done;
}

/// Takes what a wildcard stands for and what no name has; true if the rights kept something back.
bool ask_list::expand(ask& by, const places& from) {
  bool is_held = false;
  by.more->left_out = 0;
  for (const auto id : names_.matching(*by.pattern())) {
    const auto instrument = names_.find(id);
    if (!means(by, *instrument)) {
      is_held |= !is_allowed(*instrument);
      continue;
    }
    const auto* present = find_row(id);
    if (present && present->owner != &by && (!present->owner->pattern() || present->owner->number > by.number))
      continue;
    if (!present && !budget_.take_symbol(size())) {
      ++by.more->left_out;
      continue;
    }
    const auto point = from.find(id);
    own(id, by, point == from.end() ? std::vector<line_point>{} : point->second);
  }
  return is_held;
}

ask_list::outcome ask_list::put_wildcard(std::string_view name, const wildcard& pattern, const option_set& options,
                                         const places& from) {
  auto* one = find_as(true, name);
  const bool is_new = !one;
  if (is_new) {
    one = &put(name, options);
    one->more = std::make_unique<ask::particulars>(pattern);
    wildcards_.push_back(one);
  } else {
    change(name, options);
  }
  one->number = ++last_number_;
  const bool is_held = expand(*one, from);
  if (!is_new || one->matched() > 0 || (one->left_out() == 0 && !is_held)) return outcome::done;
  const auto why = one->left_out() > 0 ? outcome::no_room : outcome::not_entitled;
  drop(*one);
  return why;
}

bool ask_list::remove(std::string_view name) {
  auto* one = find_ask(name);
  if (!one) return false;
  if (one->id) --known_;
  if (!one->pattern() && !one->id) {
    --pending_;
    budget_.give_symbol();
  }
  std::vector<model::instrument_id> owned;
  for (const auto& r : rows_)
    if (r.owner == one) owned.push_back(r.id);
  for (const auto id : owned) {
    if (auto* heir = heir_of(id, one))
      own(id, *heir, {});
    else
      let_go(id);
  }
  drop(*one);
  fill();
  return true;
}

void ask_list::change(std::string_view name, const option_set& options) {
  auto* one = find_ask(name);
  if (!one || *one->options == options) return;
  const auto before = std::exchange(one->options, shared(options));
  for (const auto& r : rows_)
    if (r.owner == one) orders_.push_back({kind::change, one->is_paused, r.id, before, one->options, {}});
}

void ask_list::pause(std::string_view name, bool is_paused) {
  auto* one = find_ask(name);
  if (!one || one->is_paused == is_paused) return;
  one->is_paused = is_paused;
  for (const auto& r : rows_)
    if (r.owner == one) orders_.push_back({kind::pause, is_paused, r.id, one->options, {}, {}});
}

void ask_list::settle(std::string_view name, model::instrument_id id) {
  auto* one = find_ask(name);
  if (!one || one->id || one->pattern()) return;
  --pending_;
  ++known_;
  if (find_row(id)) budget_.give_symbol(); // else the place that was kept is this instrument's
  one->id = id;
  const auto more = std::exchange(one->more, nullptr);
  own(id, *one, more ? std::move(more->from) : std::vector<line_point>{});
  fill();
}

bool ask_list::instrument_came(model::instrument_id id) {
  const auto instrument = names_.find(id);
  if (!instrument || find_row(id)) return false;
  auto* heir = heir_of(id, nullptr);
  if (!heir) return false;
  if (!budget_.take_symbol(size())) {
    if (heir->pattern()) ++heir->more->left_out;
    return false;
  }
  own(id, *heir, {});
  return true;
}

void ask_list::instrument_gone(model::instrument_id id) {
  if (!find_row(id)) return;
  let_go(id);
  for (const auto& one : asks_) {
    if (one->id != id) continue;
    one->id.reset();
    --known_;
    ++pending_;
    budget_.keep_symbol();
  }
}

std::vector<model::instrument_id> ask_list::hold_to_rights() {
  std::vector<model::instrument_id> lost;
  for (const auto& r : rows_) {
    const auto instrument = names_.find(r.id);
    if (r.owner->pattern() && instrument && !means(*r.owner, *instrument)) lost.push_back(r.id);
  }
  for (const auto id : lost) let_go(id);
  for (auto* one : wildcards_) expand(*one, {});
  return lost;
}

void ask_list::resume(model::instrument_id id, std::vector<line_point> from) {
  if (auto* found = find_row(id)) own(id, *found->owner, std::move(from));
}

/// Room has come up: wildcards that were cut short take what they lack.
void ask_list::fill() {
  for (auto* one : wildcards_)
    if (one->left_out() > 0) expand(*one, {});
}

} // namespace tickplant::fanout
