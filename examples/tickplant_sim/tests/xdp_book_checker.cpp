#include "xdp_book_checker.hpp"

#include <algorithm>
#include <functional>

namespace tickplant::sim::nyse {
namespace {

std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | bytes[offset + i];
  return value;
}

/// Calls `each(message)`; false when head and messages do not add up.
bool walk(std::span<const std::uint8_t> packet, const std::function<void(std::span<const std::uint8_t>)>& each) {
  if (packet.size() < 16 || number(packet, 0, 2) != packet.size()) return false;
  std::size_t at = 16;
  for (auto left = packet[3]; left > 0; --left) {
    if (at + 4 > packet.size()) return false;
    const auto size = static_cast<std::size_t>(number(packet, at, 2));
    if (size < 4 || at + size > packet.size()) return false;
    each(packet.subspan(at, size));
    at += size;
  }
  return at == packet.size();
}

} // namespace

void xdp_book_checker::take(std::span<const std::uint8_t> packet) {
  std::vector<std::span<const std::uint8_t>> messages;
  if (!walk(packet, [&](std::span<const std::uint8_t> m) { messages.push_back(m); })) return void(++malformed);
  ++by_flag[packet[2]];
  auto sequence = static_cast<std::uint32_t>(number(packet, 4, 4));
  if (packet[2] == 1) {
    ++heartbeats;
    if (sequence > next) ++gaps, next = sequence;
    return;
  }
  if (!messages.empty() && number(messages[0], 2, 2) == 1) {
    if (messages.size() != 1 || sequence != 1) ++malformed;
    if (next == 2 && resets > 0) return void(++duplicates);
    ++resets;
    next = 2;
    ++by_type[1];
    for (auto& [index, held] : symbols) held.orders.clear(), held.sequence = 0;
    return;
  }
  if (sequence > next) ++gaps, next = sequence;
  for (const auto message : messages) {
    if (sequence++ < next) {
      ++duplicates;
      continue;
    }
    ++next;
    apply(message, symbols, true);
  }
}

void xdp_book_checker::count_symbol_message(symbol& of, std::uint32_t sequence, bool numbered) {
  if (!numbered) return;
  if (of.sequence != 0 && sequence != of.sequence + 1) ++sequence_jumps;
  of.sequence = sequence;
}

void xdp_book_checker::apply(std::span<const std::uint8_t> m, std::map<std::uint32_t, symbol>& into, bool numbered) {
  const auto type = static_cast<int>(number(m, 2, 2));
  if (numbered) ++by_type[type];
  const auto u32 = [&](std::size_t at) { return static_cast<std::uint32_t>(number(m, at, 4)); };
  static const std::map<int, std::size_t> sizes{{2, 16},   {3, 44},   {32, 20},  {34, 46},  {100, 39}, {101, 35},
                                                {102, 25}, {103, 42}, {104, 42}, {105, 73}, {106, 43}, {110, 33},
                                                {111, 29}, {112, 20}, {113, 24}, {114, 17}, {223, 36}};
  const auto size = sizes.find(type);
  if (size == sizes.end()) return void(++unknown);
  if (size->second != m.size()) return void(++malformed);
  if (type == 2) return void(++times);
  if (type == 3) {
    auto& s = into[u32(4)];
    s.name.clear();
    for (std::size_t i = 8; i < 19 && m[i] != 0; ++i) s.name.push_back(static_cast<char>(m[i]));
    s.scale = m[24];
    s.type = static_cast<char>(m[25]);
    return;
  }
  const bool has_seconds = type == 32 || type == 34 || type == 105 || type == 106 || type == 223;
  auto& s = into[u32(has_seconds ? 12 : 8)];
  if (s.scale < 0) return void(++malformed); // no mapping before
  if (type == 32) {
    s.orders.clear();
    s.sequence = u32(16) - 1;
    return;
  }
  if (type == 223) return;
  count_symbol_message(s, u32(has_seconds ? 16 : 12), numbered);
  std::int64_t to_cents = 1;
  for (int digits = 2; digits < s.scale; ++digits) to_cents *= 10;
  const auto id = [&](std::size_t at) { return number(m, at, 8); };
  const auto price = [&](std::size_t at) {
    return static_cast<std::int64_t>(static_cast<std::int32_t>(u32(at))) / to_cents;
  };
  const auto insert = [&](std::uint64_t order_id, order o) {
    if (o.volume == 0 || (o.side != 'B' && o.side != 'S') || !s.orders.emplace(order_id, o).second) ++malformed;
  };
  switch (type) {
    case 34:
      s.halt = static_cast<char>(m[21]);
      s.market = static_cast<char>(m[44]);
      if (m[20] == 'X') s.orders.clear();
      return;
    case 100: return insert(id(16), {static_cast<char>(m[32]), price(24), u32(28)});
    case 106: return insert(id(20), {static_cast<char>(m[36]), price(28), u32(32)});
    case 110:
      if (m[28] == 1) s.printed += u32(24);
      return;
    case 111: s.printed += u32(24); return;
    case 101:
    case 102:
    case 103:
    case 104: break;
    default: return;
  }
  const auto found = s.orders.find(id(16));
  if (found == s.orders.end()) return void(++orphans);
  if (type == 102) return void(s.orders.erase(found));
  if (type == 101) {
    found->second.price = price(24);
    found->second.volume = u32(28);
    return;
  }
  if (type == 103) {
    if (m[36] == 1) s.printed += u32(32);
    if (u32(32) > found->second.volume) ++malformed;
    found->second.volume -= std::min(found->second.volume, u32(32));
    if (found->second.volume == 0) s.orders.erase(found);
    return;
  }
  const order replacement{found->second.side, price(32), u32(36)};
  s.orders.erase(found);
  insert(id(24), replacement);
}

void xdp_book_checker::take_refresh(std::span<const std::uint8_t> packet) {
  bool is_first_message = true;
  ++refresh_flags[packet.size() > 2 ? packet[2] : -1];
  const bool sound = walk(packet, [&](std::span<const std::uint8_t> m) {
    const auto type = number(m, 2, 2);
    if (type == 35) {
      if (!is_first_message) ++malformed;
      refresh_packet_ = static_cast<std::uint16_t>(number(m, 4, 2));
      refresh_packets_ = static_cast<std::uint16_t>(number(m, 6, 2));
      if ((m.size() == 16) != (refresh_packet_ == 1)) ++malformed;
      if (m.size() == 16) {
        refresh_last_ = static_cast<std::uint32_t>(number(m, 8, 4));
        refresh_symbol_last_ = static_cast<std::uint32_t>(number(m, 12, 4));
      }
    } else {
      if (type == 3) {
        current_refresh_ = static_cast<std::uint32_t>(number(m, 4, 4));
        if (refresh_packets_ > 0) refreshed[current_refresh_] = {};
      }
      apply(m, refreshed, false);
    }
    is_first_message = false;
  });
  if (!sound) ++malformed;
  if (packet[3] == 0 || refresh_packets_ == 0 || refresh_packet_ != refresh_packets_) return;
  refreshed[current_refresh_].sequence = refresh_symbol_last_;
  refreshed_at[current_refresh_] = refresh_last_;
  complete.insert(current_refresh_);
  refresh_packets_ = 0;
}

void xdp_book_checker::take_retransmission(std::span<const std::uint8_t> packet) {
  ++retransmission_flags[packet.size() > 2 ? packet[2] : -1];
  auto sequence = static_cast<std::uint32_t>(number(packet, 4, 4));
  const bool sound = walk(packet, [&](std::span<const std::uint8_t> m) {
    if (number(m, 2, 2) == 31)
      unavailable.emplace_back(static_cast<std::uint32_t>(number(m, 4, 4)),
                               static_cast<std::uint32_t>(number(m, 8, 4)));
    else
      retransmitted[sequence++].assign(m.begin(), m.end());
  });
  if (!sound) ++malformed;
}

std::map<std::int64_t, std::uint64_t> xdp_book_checker::levels(const symbol& of, char side) {
  std::map<std::int64_t, std::uint64_t> out;
  for (const auto& [id, o] : of.orders)
    if (o.side == side) out[o.price] += o.volume;
  return out;
}

const xdp_book_checker::symbol* xdp_book_checker::find(const std::string& name) const {
  for (const auto& [index, s] : symbols)
    if (s.name == name) return &s;
  return nullptr;
}

} // namespace tickplant::sim::nyse
