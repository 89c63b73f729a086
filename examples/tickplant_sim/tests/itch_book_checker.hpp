// An order book written only from the message tables, to judge what the generators write. It shares nothing with them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

namespace tickplant::sim::test {

class itch_book_checker {
public:
  struct book {
    std::map<std::uint32_t, std::uint64_t, std::greater<>> bids; // price -> shares
    std::map<std::uint32_t, std::uint64_t> asks;
    char state = 'H';
    bool crossed() const { return !bids.empty() && !asks.empty() && bids.begin()->first >= asks.begin()->first; }
  };

  /// Reads length-prefixed blocks. `after_each` sees every message once it is applied: its type and its locate.
  void apply(
    std::span<const std::uint8_t> blocks,
    const std::function<void(char, std::uint16_t)>& after_each = [](char, std::uint16_t) {});

  /// The first rule that was broken, in words; empty while all is well.
  const std::string& fault() const { return fault_; }
  std::size_t live_orders() const { return orders_.size(); }
  std::size_t most_live_orders() const { return most_live_; }
  std::uint64_t messages() const { return messages_; }
  const std::map<char, std::uint64_t>& by_type() const { return by_type_; }
  const std::map<std::uint16_t, book>& books() const { return books_; }

private:
  struct order {
    std::uint16_t locate;
    bool buy;
    std::uint32_t price;
    std::uint64_t shares;
  };

  void message(std::span<const std::uint8_t> m);
  void add(std::uint16_t locate, std::uint64_t reference, bool buy, std::uint32_t price, std::uint64_t shares);
  void take(std::uint16_t locate, std::uint64_t reference, std::uint64_t shares, const char* by);
  void broken(const std::string& what);

  std::unordered_map<std::uint64_t, order> orders_;
  std::map<std::uint16_t, book> books_;
  std::map<std::uint64_t, bool> matches_; // match number -> printed and not broken
  std::map<char, std::uint64_t> by_type_;
  std::uint64_t last_reference_ = 0;
  std::uint64_t last_time_ = 0;
  std::uint64_t messages_ = 0;
  std::size_t most_live_ = 0;
  std::string fault_;
};

} // namespace tickplant::sim::test
