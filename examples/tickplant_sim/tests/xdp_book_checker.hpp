// An independent reader of XDP packets for tests: follows one channel by its numbers, keeps books, counts what is
// wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace tickplant::sim::nyse {

class xdp_book_checker {
public:
  struct order {
    char side = 0;
    std::int64_t price = 0;
    std::uint32_t volume = 0;
    bool operator==(const order&) const = default;
  };
  struct symbol {
    std::string name;
    int scale = -1;
    char type = 0;
    char halt = 0, market = 0;
    std::uint32_t sequence = 0;
    std::uint64_t printed = 0;
    std::map<std::uint64_t, order> orders;
  };

  /// A packet of a real-time line. Numbers below the next one are duplicates and left out.
  void take(std::span<const std::uint8_t> packet);
  /// A packet of the refresh line, into books of their own.
  void take_refresh(std::span<const std::uint8_t> packet);
  /// A packet of the retransmission line: its messages by number.
  void take_retransmission(std::span<const std::uint8_t> packet);

  /// Sizes by price of one side, exact prices in cents.
  static std::map<std::int64_t, std::uint64_t> levels(const symbol& of, char side);
  const symbol* find(const std::string& name) const;

  std::uint32_t next = 1;
  std::uint64_t gaps = 0, duplicates = 0, malformed = 0, orphans = 0, sequence_jumps = 0, resets = 0, heartbeats = 0,
                crossed = 0, unknown = 0, times = 0;
  std::map<int, std::uint64_t> by_type;
  std::map<int, std::uint64_t> by_flag;
  std::map<std::uint32_t, symbol> symbols; // by index
  // From the refresh line.
  std::map<std::uint32_t, symbol> refreshed;
  std::map<std::uint32_t, std::uint32_t> refreshed_at; // last sequence number of the picture
  std::set<std::uint32_t> complete;
  std::map<int, std::uint64_t> refresh_flags;
  // From the retransmission line.
  std::map<std::uint32_t, std::vector<std::uint8_t>> retransmitted;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unavailable;
  std::map<int, std::uint64_t> retransmission_flags;

private:
  void apply(std::span<const std::uint8_t> message, std::map<std::uint32_t, symbol>& into, bool numbered);
  void count_symbol_message(symbol& of, std::uint32_t sequence, bool numbered);

  std::uint32_t current_refresh_ = 0;
  std::uint16_t refresh_packet_ = 0;
  std::uint16_t refresh_packets_ = 0;
  std::uint32_t refresh_last_ = 0;
  std::uint32_t refresh_symbol_last_ = 0;
};

} // namespace tickplant::sim::nyse
