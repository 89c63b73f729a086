// A plugin's counters: their names for the host, put together at compile time, and a sheet that gathers counts between
// two calls of the host, so that a message costs an addition instead of a call. One instance, one thread; no errors.
#pragma once

#include <tickplant/venue.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace tickplant::sdk {

/// The names of all counters, for a plugin's `counters()`: the counters per message type, then the others. Literals
/// only, since the host keeps the pointers.
template <size_t Types, size_t Others>
constexpr std::array<tp_str, Types + Others> join_names(const std::string_view (&types)[Types],
                                                        const std::string_view (&others)[Others]) {
  std::array<tp_str, Types + Others> all{};
  size_t i = 0;
  for (const auto name : types) all[i++] = to_tp(name);
  for (const auto name : others) all[i++] = to_tp(name);
  return all;
}

/// Whether name i ends in letter i: for a static_assert that "messages.<type>" stands where the type's counter does.
template <size_t Count>
constexpr bool names_end_in(const std::string_view (&names)[Count], std::string_view letters) {
  if (letters.size() != Count) return false;
  for (size_t i = 0; i < Count; ++i)
    if (names[i].empty() || names[i].back() != letters[i]) return false;
  return true;
}

/// Counts by index, `Size` of them. Call `flush` at the end of each call of the host; it tells only what has changed.
template <size_t Size>
requires(Size >= 1 && Size <= 64) // a bit each says what is to be told
  class counter_sheet {
public:
  void add(uint32_t which, uint64_t by = 1) {
    pending_[which] += by;
    dirty_ |= uint64_t{by != 0} << which;
  }
  template <class Counter>
  requires std::is_enum_v<Counter> &&(!std::convertible_to<Counter, uint32_t>)void add(Counter which, uint64_t by = 1) {
    add(static_cast<uint32_t>(which), by);
  }
  void flush(const venue_host& host) {
    for (; dirty_ != 0; dirty_ &= dirty_ - 1) {
      const auto which = static_cast<uint32_t>(std::countr_zero(dirty_));
      host.count(which, pending_[which]);
      pending_[which] = 0;
    }
  }

private:
  std::array<uint64_t, Size> pending_{};
  uint64_t dirty_ = 0;
};

} // namespace tickplant::sdk
