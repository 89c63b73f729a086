#include "market.hpp"

#include <algorithm>
#include <charconv>

namespace tickplant::synthetic {

namespace {

constexpr double floor_price = 0.01, cents = 100;
constexpr int64_t least_day_volume = 1'000'000, day_volumes = 1'000'000;

int64_t to_cents(double price) {
  return static_cast<int64_t>(price * cents + 0.5);
}

/// One step of splitmix64: every state gives a number of its own, and neighbouring seeds give unrelated ones.
uint64_t mix(uint64_t& state) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/// FNV-1a of the name, so that each has a walk of its own.
uint64_t hash(const std::string& text) {
  uint64_t h = 0xCBF29CE484222325ull;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return h;
}

} // namespace

std::vector<listed_name> listed_names() {
  return {{"AAPL", 175, 0.02},   {"GOOGL", 2850, 0.025}, {"MSFT", 335, 0.018}, {"TSLA", 800, 0.04},
          {"AMZN", 3200, 0.022}, {"META", 280, 0.03},    {"NVDA", 450, 0.035}, {"BRK.A", 515'000, 0.012}};
}

std::vector<listed_name> numbered_names(uint32_t count) {
  std::vector<listed_name> names;
  names.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, number.size() < 3 ? 3 - number.size() : 0, '0');
    names.push_back({"S" + number, 100.0 + i % 400, 0.02});
  }
  return names;
}

walker::walker(const listed_name& name, uint64_t seed)
  : base(to_cents(name.base_price)), state_(seed ^ hash(name.symbol)), price_(name.base_price),
    ceiling_(name.base_price * 1'000), volatility_(name.volatility) {}

double walker::draw() {
  return static_cast<double>(mix(state_) >> 11) * 0x1.0p-53;
}

int64_t walker::draw_whole(int64_t least, int64_t count) {
  return least + static_cast<int64_t>(draw() * static_cast<double>(count));
}

std::array<level, levels_a_side> walker::draw_side(int64_t best, int64_t step) {
  std::array<level, levels_a_side> side;
  for (size_t i = 0; i < levels_a_side; ++i) {
    const int64_t price = best + step * static_cast<int64_t>(i);
    const int64_t quantity = draw_whole(100, 2'000);
    const auto orders = static_cast<uint32_t>(draw_whole(1, 10));
    side[i] = price > 0 ? level{price, quantity, orders} : level{}; // below the floor there is nothing to bid
  }
  return side;
}

void walker::tick(double walk_scale, size_t levels) {
  const double step = (draw() - 0.5) * volatility_ * price_ * walk_scale;
  price_ = std::clamp(price_ + step, floor_price, ceiling_);
  const double half_spread = price_ * (0.0001 + draw() * 0.0004) / 2;
  const int64_t bid = std::max<int64_t>(to_cents(price_ - half_spread), 1);
  const int64_t ask = std::max(to_cents(price_ + half_spread), bid + 1); // half a cent a side rounds to nothing
  bids = draw_side(bid, -1);
  asks = draw_side(ask, 1);
  for (size_t i = levels; i < levels_a_side; ++i) bids[i] = asks[i] = {};
  last = std::max<int64_t>(to_cents(price_), 1);
  high = to_cents(price_ * 1.02);
  low = std::max<int64_t>(to_cents(price_ * 0.98), 1);
  last_quantity = draw_whole(100, 2'000);
  begins_day = volume == 0 || volume + last_quantity > day_end::most_volume;
  if (begins_day)
    last_quantity = volume = draw_whole(least_day_volume, day_volumes);
  else
    volume += last_quantity;
  ++ticks;
}

} // namespace tickplant::synthetic
