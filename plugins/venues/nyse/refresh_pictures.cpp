#include "refresh_pictures.hpp"

#include "messages.hpp"

#include <algorithm>

namespace tickplant::nyse {

namespace {

/// The symbol that a packet is about: its first message that names one. 0 = none.
uint32_t symbol_of(const packet& p) {
  const uint8_t* message = p.messages;
  for (uint32_t i = 0; i < p.count; ++i, message = next_message(message)) {
    const uint32_t message_type = type_of(message);
    const message_layout& layout = layout_of(message_type);
    const uint32_t at = message_type == type::mapping ? 4u : layout.index_at;
    const bool names = message_type == type::mapping || layout.changes_book || layout.has_symbol_number;
    if (names && size_of(message) >= at + 4) return sdk::le32(message + at);
  }
  return 0;
}

} // namespace

void refresh_pictures::clear() {
  for (auto& a : assemblies_) a.is_used = false;
}

size_t refresh_pictures::unfinished() const {
  return static_cast<size_t>(std::ranges::count_if(assemblies_, [](const assembly& a) { return a.is_used; }));
}

uint32_t refresh_pictures::expire(uint64_t before_ns) {
  uint32_t gone = 0;
  for (auto& a : assemblies_)
    if (a.is_used && a.touched_ns < before_ns) {
      a.is_used = false;
      ++gone;
    }
  return gone;
}

refresh_pictures::assembly* refresh_pictures::find(uint32_t index) {
  for (auto& a : assemblies_)
    if (a.is_used && a.index == index) return &a;
  return nullptr;
}

refresh_pictures::assembly& refresh_pictures::free_place(outcome& result) {
  for (auto& a : assemblies_)
    if (!a.is_used) return a;
  if (assemblies_.size() < most_assemblies) return assemblies_.emplace_back();
  ++result.abandoned;
  return *std::ranges::min_element(assemblies_, {}, &assembly::touched_ns);
}

void refresh_pictures::begin(assembly& a, uint32_t index, const refresh_head& head) {
  a.is_used = true;
  a.index = index;
  a.total = head.total;
  a.last_sequence.reset();
  a.last_symbol_sequence = 0;
  a.parts.clear();
  a.bytes.clear();
}

refresh_pictures::outcome refresh_pictures::take(const packet& p, uint64_t now_ns) {
  outcome result;
  const auto head = p.count > 0 ? read_refresh_head(p.messages) : std::nullopt;
  const uint32_t index = symbol_of(p);
  if (!head || index == 0 || head->current == 0 || head->current > head->total) {
    result.is_bad = true;
    return result;
  }
  assembly* a = find(index);
  const bool is_first = head->last_sequence.has_value();
  if (a != nullptr) {
    const auto known = std::ranges::find(a->parts, head->current, &part::current);
    const bool is_copy = known != a->parts.end() && known->sequence == p.sequence;
    if (is_copy) return result;
    const bool is_other = known != a->parts.end() || a->total != head->total ||
                          (is_first && a->last_sequence && *a->last_sequence != *head->last_sequence);
    if (is_other) { // another refresh of the same symbol began; what the old one lacks will not come
      ++result.abandoned;
      begin(*a, index, *head);
    }
  } else {
    a = &free_place(result);
    begin(*a, index, *head);
  }
  if (is_first) {
    a->last_sequence = head->last_sequence;
    a->last_symbol_sequence = head->last_symbol_sequence;
  }
  const uint8_t* const from = next_message(p.messages);
  const uint8_t* to = from;
  for (uint32_t i = 1; i < p.count; ++i) to = next_message(to);
  if (a->bytes.size() + static_cast<size_t>(to - from) > most_bytes) {
    a->is_used = false;
    ++result.abandoned;
    return result;
  }
  a->touched_ns = now_ns;
  a->parts.push_back({head->current, p.sequence, p.send_ns, p.count, a->bytes.size(), static_cast<size_t>(to - from)});
  a->bytes.insert(a->bytes.end(), from, to);
  if (a->parts.size() < a->total) return result;
  a->is_used = false;
  if (!a->last_sequence || !is_of_one_refresh(*a)) {
    ++result.abandoned;
    return result;
  }
  std::ranges::sort(a->parts, {}, &part::current);
  std::swap(finished_bytes_, a->bytes);
  finished_.index = index;
  finished_.last_sequence = *a->last_sequence;
  finished_.last_symbol_sequence = a->last_symbol_sequence;
  finished_.messages.clear();
  for (const part& one : a->parts)
    for (size_t at = one.at; at < one.at + one.size; at += size_of(&finished_bytes_[at]))
      finished_.messages.push_back(&finished_bytes_[at]);
  result.complete = &finished_;
  return result;
}

// Packets 1 and 3 of one refresh and 2 of the next would make a picture of two times. How the refresh channel counts is
// not documented: packets that follow each other by messages, by packets, or that are not counted at all belong
// together; other numbers only if they rise within a moment.
bool refresh_pictures::is_of_one_refresh(const assembly& a) {
  auto parts = a.parts;
  std::ranges::sort(parts, {}, &part::current);
  constexpr uint64_t moment_ns = 100'000'000;
  for (size_t i = 1; i < parts.size(); ++i) {
    const part &before = parts[i - 1], &after = parts[i];
    const bool follows = after.sequence == before.sequence + before.count || after.sequence == before.sequence + 1;
    const bool is_uncounted = after.sequence == before.sequence && a.parts[i].current == i + 1;
    const bool is_close = after.sequence > before.sequence && after.send_ns >= before.send_ns &&
                          after.send_ns - before.send_ns <= moment_ns;
    if (!follows && !is_uncounted && !is_close) return false;
  }
  return true;
}

} // namespace tickplant::nyse
