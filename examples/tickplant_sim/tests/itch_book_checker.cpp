#include "tickplant_sim/tests/itch_book_checker.hpp"

#include <algorithm>

namespace tickplant::sim::test {
namespace {

std::uint64_t number(std::span<const std::uint8_t> m, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value * 256 + m[at + i];
  return value;
}

const std::map<char, std::size_t> lengths{{'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35},
                                          {'W', 12}, {'K', 28}, {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40},
                                          {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19}, {'U', 35}, {'P', 44},
                                          {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};

template <class Levels>
void reduce(Levels& levels, std::uint32_t price, std::uint64_t shares) {
  if ((levels[price] -= shares) == 0) levels.erase(price);
}

} // namespace

void itch_book_checker::broken(const std::string& what) {
  if (fault_.empty()) fault_ = "message " + std::to_string(messages_) + ": " + what;
}

void itch_book_checker::apply(std::span<const std::uint8_t> blocks,
                              const std::function<void(char, std::uint16_t)>& after_each) {
  while (!blocks.empty()) {
    const auto length = blocks.size() < 2 ? 0 : number(blocks, 0, 2);
    if (length == 0 || blocks.size() < 2 + length) return broken("blocks do not end at a message");
    const auto m = blocks.subspan(2, length);
    ++messages_;
    message(m);
    after_each(static_cast<char>(m[0]), static_cast<std::uint16_t>(number(m, 1, 2)));
    blocks = blocks.subspan(2 + length);
  }
}

void itch_book_checker::message(std::span<const std::uint8_t> m) {
  const char type = static_cast<char>(m[0]);
  ++by_type_[type];
  const auto known = lengths.find(type);
  if (known == lengths.end() || known->second != m.size())
    return broken(std::string{"type "} + type + " with " + std::to_string(m.size()) + " bytes");
  const auto locate = static_cast<std::uint16_t>(number(m, 1, 2));
  const auto time = number(m, 5, 6);
  if (time < last_time_) broken("time runs backwards");
  last_time_ = time;
  const auto executes = [&](std::uint64_t match, bool printed) {
    if (books_[locate].state != 'T') broken("execution while not trading");
    if (!matches_.emplace(match, printed).second) broken("match number used twice");
  };
  switch (type) {
    case 'H': books_[locate].state = static_cast<char>(m[19]); break;
    case 'A':
    case 'F':
      add(locate, number(m, 11, 8), m[19] == 'B', static_cast<std::uint32_t>(number(m, 32, 4)), number(m, 20, 4));
      break;
    case 'E':
      executes(number(m, 23, 8), true);
      take(locate, number(m, 11, 8), number(m, 19, 4), "E");
      break;
    case 'C':
      executes(number(m, 23, 8), m[31] == 'Y');
      take(locate, number(m, 11, 8), number(m, 19, 4), "C");
      break;
    case 'X': take(locate, number(m, 11, 8), number(m, 19, 4), "X"); break;
    case 'D': {
      const auto found = orders_.find(number(m, 11, 8));
      if (found == orders_.end()) return broken("D of an order that is not live");
      take(locate, found->first, found->second.shares, "D");
      break;
    }
    case 'U': {
      const auto found = orders_.find(number(m, 11, 8));
      if (found == orders_.end()) return broken("U of an order that is not live");
      const auto old = found->second;
      take(locate, found->first, old.shares, "U");
      add(locate, number(m, 19, 8), old.buy, static_cast<std::uint32_t>(number(m, 31, 4)), number(m, 27, 4));
      break;
    }
    case 'P': executes(number(m, 36, 8), true); break;
    case 'Q': executes(number(m, 31, 8), true); break;
    case 'B': {
      const auto found = matches_.find(number(m, 11, 8));
      if (found == matches_.end() || !found->second)
        broken("B of a match that was not printed or is broken already");
      else
        found->second = false;
      break;
    }
    default: break;
  }
  most_live_ = std::max(most_live_, orders_.size());
}

void itch_book_checker::add(std::uint16_t locate, std::uint64_t reference, bool buy, std::uint32_t price,
                            std::uint64_t shares) {
  if (shares == 0 || price == 0 || price % 100 != 0 || price > 2'000'000'000) broken("order with a bad size or price");
  if (reference <= last_reference_) broken("order reference does not rise");
  last_reference_ = reference;
  orders_[reference] = {locate, buy, price, shares};
  auto& b = books_[locate];
  if (buy)
    b.bids[price] += shares;
  else
    b.asks[price] += shares;
}

void itch_book_checker::take(std::uint16_t locate, std::uint64_t reference, std::uint64_t shares, const char* by) {
  const auto found = orders_.find(reference);
  if (found == orders_.end()) return broken(std::string{by} + " of an order that is not live");
  auto& o = found->second;
  if (o.locate != locate) broken(std::string{by} + " with the locate of another symbol");
  if (shares == 0 || shares > o.shares) return broken(std::string{by} + " of more shares than are left");
  auto& b = books_[locate];
  if (o.buy)
    reduce(b.bids, o.price, shares);
  else
    reduce(b.asks, o.price, shares);
  if ((o.shares -= shares) == 0) orders_.erase(found);
}

} // namespace tickplant::sim::test
