#include "runtime/fanout/hub_core.hpp"

#include "runtime/wire/rfc6455.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>

namespace tickplant::fanout {

namespace {

constexpr size_t word_bits = 64;

void set_bit(std::vector<uint64_t>& words, size_t bit) {
  if (bit / word_bits >= words.size()) words.resize(bit / word_bits + 1);
  words[bit / word_bits] |= uint64_t{1} << (bit % word_bits);
}

void clear_bit(std::vector<uint64_t>& words, size_t bit) {
  if (bit / word_bits < words.size()) words[bit / word_bits] &= ~(uint64_t{1} << (bit % word_bits));
}

bool has_bit(const std::vector<uint64_t>& words, size_t bit) {
  return bit / word_bits < words.size() && (words[bit / word_bits] >> (bit % word_bits) & 1) != 0;
}

// Calls visit(bit) for each set bit in order, until it answers false.
template <class Visit>
void for_each_bit(const std::vector<uint64_t>& words, Visit&& visit) {
  for (size_t w = 0; w < words.size(); ++w)
    for (uint64_t rest = words[w]; rest != 0; rest &= rest - 1)
      if (!visit(w * word_bits + static_cast<size_t>(std::countr_zero(rest)))) return;
}

tp_str to_tp(std::string_view text) {
  return {text.data(), text.size()};
}

uint32_t status_of(book::trust state) {
  switch (state) {
    case book::trust::ok: return TP_STATUS_OK;
    case book::trust::awaiting: return TP_STATUS_RECOVERING;
    case book::trust::stale: return TP_STATUS_STALE;
  }
  return TP_STATUS_STALE;
}

} // namespace

hub_core::hub_core(const directory& names, client_port& port) : names_(names), port_(port) {
  frame_.reserve(max_frame);
}
hub_core::~hub_core() = default;

hub_core::client* hub_core::find(client_key key) {
  if (key.index >= clients_.size()) return nullptr;
  auto& c = clients_[key.index];
  return c.is_attached && c.key == key ? &c : nullptr;
}

const hub_core::client* hub_core::find(client_key key) const {
  return const_cast<hub_core*>(this)->find(key);
}

bool hub_core::is_attached(client_key key) const {
  return find(key) != nullptr;
}

hub_core::audience hub_core::audience_of(model::instrument_id id) const {
  audience seen;
  if (model::index_of(id) >= instruments_.size()) return seen;
  std::set<uint32_t> clients;
  for (const auto& row : instruments_[model::index_of(id)].rows) {
    clients.insert(row.client);
    ++seen.rows[clients_[row.client].slots[row.slot].options.frequency_ms];
  }
  seen.clients = clients.size();
  return seen;
}

uint32_t hub_core::rows_of(client_key key) const {
  const auto* c = find(key);
  return c ? static_cast<uint32_t>(c->slots.size() - c->free_slots.size()) : 0;
}

void hub_core::attach(client_key key, const printer& print) {
  if (key.index >= clients_.size()) clients_.resize(key.index + 1);
  auto& c = clients_[key.index];
  if (c.is_attached) detach(c.key); // the socket's number was given anew before its former client had left
  c = {};
  c.key = key;
  c.print = &print;
  c.is_attached = true;
  ++client_count_;
}

void hub_core::detach(client_key key) {
  auto* c = find(key);
  if (!c) return;
  for (uint32_t slot = 0; slot < c->slots.size(); ++slot)
    if (c->slots[slot].instrument != none) remove_row(*c, slot);
  for (auto& g : groups_) clear_bit(g.dirty, key.index);
  *c = {};
  --client_count_;
}

void hub_core::drained(client_key key, uint64_t wall_ns) {
  if (auto* c = find(key)) {
    c->is_blocked = false;
    flush(*c, wall_ns);
  }
}

uint32_t hub_core::variant_of(const printer& print, const option_set& options) {
  uint32_t free = none;
  for (uint32_t i = 0; i < variants_.size(); ++i) {
    const auto& v = variants_[i];
    if (v.rows == 0)
      free = std::min(free, i);
    else if (v.print == &print && v.options.data_types == options.data_types && v.options.depth == options.depth &&
             v.options.extras == options.extras)
      return i;
  }
  if (free == none) {
    if (variants_.size() >= max_variants) return none;
    free = static_cast<uint32_t>(variants_.size());
    variants_.emplace_back();
  }
  variants_[free] = {&print, {sizeof(tp_variant), options.data_types, options.depth, options.extras}, 0};
  for (auto& slot : instruments_)
    if (free < slot.fragments.size()) slot.fragments[free].version = 0;
  return free;
}

uint32_t hub_core::group_of(uint32_t frequency_ms) {
  const uint64_t period = uint64_t{frequency_ms} * 1'000'000;
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].period_ns == period) return i;
  groups_.push_back({period, 0, 0, {}, false});
  return static_cast<uint32_t>(groups_.size() - 1);
}

hub_core::instrument_slot& hub_core::slot_of(model::instrument_id id) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) instruments_.resize(index + 1);
  return instruments_[index];
}

std::vector<uint64_t>& hub_core::mask_of(client& c, uint32_t group) {
  for (auto& [number, bits] : c.masks)
    if (number == group) return bits;
  return c.masks.emplace_back(group, std::vector<uint64_t>{}).second;
}

uint32_t hub_core::find_row(const client& c, const option_set& options, model::instrument_id id) const {
  for (uint32_t i = 0; i < c.slots.size(); ++i)
    if (c.slots[i].instrument == model::index_of(id) && c.slots[i].options == options) return i;
  return none;
}

hub_core::added hub_core::subscribe(client_key key, const option_set& options, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return added::no_client;
  if (find_row(*c, options, id) != none) return added::already;
  const uint32_t variant = variant_of(*c->print, options);
  if (variant == none) {
    ++counters_.refused_variants;
    return added::too_many_variants;
  }
  uint32_t slot = static_cast<uint32_t>(c->slots.size());
  if (c->free_slots.empty()) {
    c->slots.emplace_back();
  } else {
    slot = c->free_slots.back();
    c->free_slots.pop_back();
  }
  auto& instrument = slot_of(id);
  const uint32_t group = group_of(options.frequency_ms);
  c->slots[slot] = {model::index_of(id), variant, group, static_cast<uint32_t>(instrument.rows.size()), options};
  const row_ref row{key.index, slot};
  instrument.rows.push_back(row);
  if (variant >= instrument.rows_of_variant.size()) instrument.rows_of_variant.resize(variant + 1);
  ++instrument.rows_of_variant[variant];
  ++variants_[variant].rows;
  ++groups_[group].rows;
  set_bit(mask_of(*c, group), slot);
  note_change(model::index_of(id), 0);
  if (instrument.is_known) mark_row(row);
  return added::ok;
}

void hub_core::unsubscribe(client_key key, const option_set& options, model::instrument_id id) {
  auto* c = find(key);
  if (!c) return;
  if (const uint32_t slot = find_row(*c, options, id); slot != none) remove_row(*c, slot);
}

void hub_core::remove_row(client& c, uint32_t slot) {
  auto& row = c.slots[slot];
  auto& instrument = instruments_[row.instrument];
  // The last row takes the place of the one that goes, and must learn its new position.
  const auto moved = instrument.rows.back();
  instrument.rows[row.position] = moved;
  clients_[moved.client].slots[moved.slot].position = row.position;
  instrument.rows.pop_back();
  --instrument.rows_of_variant[row.variant];
  --variants_[row.variant].rows;
  --groups_[row.group].rows;
  clear_bit(mask_of(c, row.group), slot);
  clear_bit(c.pending, slot);
  clear_bit(c.ready, slot);
  note_change(row.instrument, instrument.rows.empty() ? 1 : 0);
  row = {};
  c.free_slots.push_back(slot);
}

// idle_since_ns 1 stands for "since now": take_interest, which knows the time, puts it right.
void hub_core::note_change(uint32_t instrument, uint64_t idle_since_ns) {
  auto& slot = instruments_[instrument];
  slot.idle_since_ns = idle_since_ns;
  if (slot.is_changed) return;
  slot.is_changed = true;
  changed_.push_back(instrument);
}

book::interest hub_core::wanted_of(const instrument_slot& slot) const {
  book::interest wanted;
  for (uint32_t v = 0; v < slot.rows_of_variant.size(); ++v) {
    if (slot.rows_of_variant[v] == 0) continue;
    const auto& options = variants_[v].options;
    // The price shown is the last trade's, so that trades are always looked at.
    wanted.want |= TP_WANT_QUOTE | TP_WANT_TRADES;
    if (options.data_types & TP_DATA_ORDER_BOOK) {
      wanted.want |= TP_WANT_BOOK;
      wanted.depth = std::max(wanted.depth, options.depth);
    }
  }
  return wanted;
}

std::vector<interest_update> hub_core::take_interest(uint64_t monotonic_ns) {
  std::vector<interest_update> updates;
  for (const uint32_t index : changed_) {
    auto& slot = instruments_[index];
    slot.is_changed = false;
    if (slot.rows.empty()) {
      if (slot.asked.want == 0) continue;
      slot.idle_since_ns = monotonic_ns;
      lingering_.push_back(index);
      continue;
    }
    const auto wanted = wanted_of(slot);
    if (wanted == slot.asked) continue;
    slot.asked = wanted;
    updates.push_back({model::instrument_id{index}, wanted});
  }
  changed_.clear();
  std::erase_if(lingering_, [&](uint32_t index) {
    auto& slot = instruments_[index];
    if (!slot.rows.empty() || slot.asked.want == 0) return true;
    if (monotonic_ns - slot.idle_since_ns < linger_ns) return false;
    slot.asked = {};
    slot.is_known = false; // nobody keeps it fresh any longer
    updates.push_back({model::instrument_id{index}, {}});
    return true;
  });
  return updates;
}

void hub_core::tell_interest_again() {
  for (uint32_t index = 0; index < instruments_.size(); ++index) {
    auto& slot = instruments_[index];
    slot.asked = {};
    if (!slot.rows.empty()) note_change(index, 0);
  }
}

void hub_core::mark_row(row_ref row) {
  auto& c = clients_[row.client];
  if (has_bit(c.pending, row.slot))
    ++counters_.conflated;
  else
    set_bit(c.pending, row.slot);
  auto& g = groups_[c.slots[row.slot].group];
  set_bit(g.dirty, row.client);
  g.is_dirty = true;
}

void hub_core::mark_rows(const instrument_slot& slot) {
  for (const auto row : slot.rows) mark_row(row);
}

void hub_core::take(const book::publication_batch& batch, uint64_t wall_ns, uint64_t monotonic_ns) {
  ++counters_.batches;
  for (const auto& item : batch.items) {
    auto& slot = slot_of(item.id);
    if (slot.rows.empty() && slot.asked.want == 0) {
      ++counters_.ignored; // another loop's clients asked for it
      continue;
    }
    ++counters_.publications;
    const auto before = slot.is_known ? slot.state.state : book::trust::ok;
    slot.state = item;
    slot.is_known = true;
    ++slot.version;
    const bool is_back = item.was_interrupted && before == book::trust::ok;
    if (is_back) interrupted_.push_back(model::index_of(item.id));
    if (is_back || item.state != before) status_changed_.push_back(model::index_of(item.id));
    // A stale state says nothing new; clients keep what they have and are told that it is stale.
    if (item.state == book::trust::ok) mark_rows(slot);
  }
  if (!interrupted_.empty()) {
    tell_status(interrupted_, wall_ns, TP_STATUS_RECOVERING);
    interrupted_.clear();
  }
  if (!status_changed_.empty()) {
    tell_status(status_changed_, wall_ns);
    status_changed_.clear();
  }
  for (uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].period_ns == 0 && groups_[i].is_dirty) run_group(i, wall_ns);
  static_cast<void>(monotonic_ns);
}

void hub_core::retire(model::instrument_id id, uint64_t wall_ns) {
  const auto index = model::index_of(id);
  if (index >= instruments_.size()) return;
  auto& slot = instruments_[index];
  slot.state.state = book::trust::stale;
  slot.state.reason = "retired by the venue";
  if (slot.is_known) tell_status({index}, wall_ns);
  while (!slot.rows.empty()) {
    const auto row = slot.rows.back();
    remove_row(clients_[row.client], row.slot);
  }
  slot.is_known = false;
}

void hub_core::tick(uint64_t wall_ns, uint64_t monotonic_ns) {
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    auto& g = groups_[i];
    if (g.period_ns == 0 ? !g.is_dirty : monotonic_ns < g.next_ns) continue;
    // Whole periods that were missed are skipped, never made up for by a burst.
    if (g.period_ns != 0) g.next_ns = (monotonic_ns / g.period_ns + 1) * g.period_ns;
    if (g.is_dirty) run_group(i, wall_ns);
  }
}

uint64_t hub_core::next_tick_ns(uint64_t monotonic_ns) const {
  uint64_t next = UINT64_MAX;
  for (const auto& g : groups_) {
    if (g.rows == 0) continue;
    if (g.period_ns != 0)
      next = std::min(next, std::max(g.next_ns, monotonic_ns));
    else if (g.is_dirty)
      next = monotonic_ns;
  }
  return next;
}

void hub_core::run_group(uint32_t number, uint64_t wall_ns) {
  auto& g = groups_[number];
  g.is_dirty = false;
  // Clients in the order of their sockets, which walks memory and kernel structures forward.
  for (size_t w = 0; w < g.dirty.size(); ++w) {
    for (uint64_t rest = std::exchange(g.dirty[w], 0); rest != 0; rest &= rest - 1) {
      auto& c = clients_[w * word_bits + static_cast<size_t>(std::countr_zero(rest))];
      if (!c.is_attached) continue;
      const auto& mask = mask_of(c, number);
      if (c.ready.size() < c.pending.size()) c.ready.resize(c.pending.size());
      for (size_t i = 0; i < std::min(mask.size(), c.pending.size()); ++i) {
        c.ready[i] |= c.pending[i] & mask[i];
        c.pending[i] &= ~mask[i];
      }
      flush(c, wall_ns);
    }
  }
}

void hub_core::flush(client& c, uint64_t wall_ns) {
  while (!c.is_blocked && flush_frame(c, wall_ns)) {
  }
}

// Picks the slots of the next frame, as many as fit one; slots with nothing to show are dropped.
void hub_core::gather(client& c, uint64_t wall_ns) {
  gathered_.clear();
  const size_t most = c.print->ops().max_elements == 0 ? SIZE_MAX : c.print->ops().max_elements;
  size_t size = 0;
  for_each_bit(c.ready, [&](size_t slot) {
    const auto& row = c.slots[slot];
    const auto& text = fragment_of(instruments_[row.instrument], row.variant, wall_ns);
    if (text.empty()) {
      clear_bit(c.ready, slot);
      return true;
    }
    if (!gathered_.empty() && size + text.size() > max_frame) return false;
    size += text.size();
    gathered_.push_back(static_cast<uint32_t>(slot));
    return gathered_.size() < most;
  });
}

const bytes& hub_core::fragment_of(instrument_slot& slot, uint32_t variant, uint64_t wall_ns) {
  if (variant >= slot.fragments.size()) slot.fragments.resize(variant + 1);
  auto& fragment = slot.fragments[variant];
  if (fragment.version == slot.version) return fragment.text;
  fragment.version = slot.version;
  fragment.text.clear();
  if (!slot.is_known) return fragment.text;
  auto element = to_element(slot.state, wall_ns);
  if (element.price == TP_NONE) return fragment.text;
  const auto& v = variants_[variant];
  const auto depth = v.options.data_types & TP_DATA_ORDER_BOOK ? v.options.depth : 0;
  element.bid_count = std::min(element.bid_count, depth);
  element.ask_count = std::min(element.ask_count, depth);
  const auto separator = v.print->separator();
  fragment.text.insert(fragment.text.end(), separator.begin(), separator.end());
  if (!v.print->element(element, v.options, fragment.text)) fragment.text.clear();
  ++counters_.encoded;
  return fragment.text;
}

// Builds header, envelope, elements and tail in frame_; false if the dialect failed.
bool hub_core::print_frame(client& c, uint64_t wall_ns) {
  frame_.resize(wire::max_header_size);
  const auto& variant = variants_[c.slots[gathered_.front()].variant];
  const tp_envelope envelope{sizeof(tp_envelope), static_cast<uint32_t>(gathered_.size()),
                             static_cast<int64_t>(wall_ns / 1'000'000), c.sequence + 1};
  if (!c.print->envelope(envelope, variant.options, frame_)) return false;
  size_t skip = c.print->separator().size(); // in front of the first element
  for (const uint32_t slot : gathered_) {
    const auto& row = c.slots[slot];
    const auto& text = instruments_[row.instrument].fragments[row.variant].text;
    frame_.insert(frame_.end(), text.begin() + static_cast<ptrdiff_t>(skip), text.end());
    skip = 0;
  }
  const auto tail = c.print->tail();
  frame_.insert(frame_.end(), tail.begin(), tail.end());
  return true;
}

bool hub_core::flush_frame(client& c, uint64_t wall_ns) {
  gather(c, wall_ns);
  if (gathered_.empty()) return false;
  if (!print_frame(c, wall_ns)) {
    for (const uint32_t slot : gathered_) clear_bit(c.ready, slot);
    return true;
  }
  // The header's size depends on the payload's, so it is written last, right in front of the payload.
  const size_t payload = frame_.size() - wire::max_header_size;
  const size_t header = wire::header_size(payload);
  uint8_t* first = frame_.data() + wire::max_header_size - header;
  wire::write_header(first, c.print->opcode(), payload);
  const auto result = port_.write(c.key, {first, header + payload});
  if (result == written::blocked || result == written::filled) {
    c.is_blocked = true;
    counters_.blocked += result == written::blocked ? 1 : 0;
  }
  if (result == written::blocked) return false;
  for (const uint32_t slot : gathered_) clear_bit(c.ready, slot);
  if (result == written::closed) return false;
  ++c.sequence;
  ++counters_.frames;
  counters_.updates += gathered_.size();
  counters_.bytes += header + payload;
  return true;
}

void hub_core::tell_status(const std::vector<uint32_t>& instruments, uint64_t wall_ns, uint32_t as) {
  std::map<uint32_t, std::vector<tp_result>> by_client;
  for (const uint32_t index : instruments) {
    const auto& state = instruments_[index].state;
    tp_result result{};
    result.struct_size = sizeof result;
    result.status = as != 0 ? as : status_of(state.state);
    result.symbol = to_tp(state.instrument->symbol);
    result.venue = to_tp(state.instrument->venue);
    result.reason = to_tp(state.reason);
    for (const auto row : instruments_[index].rows) {
      auto& results = by_client[row.client];
      // Two option sets of one client may look at the same instrument.
      if (results.empty() || results.back().symbol.data != result.symbol.data) results.push_back(result);
    }
  }
  bytes text;
  for (const auto& [index, results] : by_client) {
    const auto& c = clients_[index];
    tp_reply reply{};
    reply.struct_size = sizeof reply;
    reply.kind = TP_REPLY_STREAM_STATUS;
    reply.wall_ms = static_cast<int64_t>(wall_ns / 1'000'000);
    reply.result_count = static_cast<uint32_t>(results.size());
    reply.results = results.data();
    text.clear();
    if (c.print->reply(reply, text)) port_.reply(c.key, c.print->opcode(), text);
  }
}

const book::publication* hub_core::state_of(model::instrument_id id) const {
  const auto index = model::index_of(id);
  if (index >= instruments_.size() || !instruments_[index].is_known) return nullptr;
  return &instruments_[index].state;
}

} // namespace tickplant::fanout
