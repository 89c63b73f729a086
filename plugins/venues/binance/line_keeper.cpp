#include "line_keeper.hpp"

#include <algorithm>

namespace tickplant::binance {
namespace {

constexpr uint64_t first_wait_ns = 500'000'000;
constexpr uint64_t longest_wait_ns = 30'000'000'000;
constexpr uint64_t settled_ns = 10'000'000'000;

} // namespace

void line_keeper::on_up(uint64_t now_ns) {
  up_ = true;
  up_since_ns_ = heard_ns_ = now_ns;
  bad_in_a_row_ = 0;
  probed_ = false;
}

uint64_t line_keeper::on_down(uint64_t now_ns, uint64_t random) {
  if (up_ && now_ns - std::min(now_ns, up_since_ns_) >= settled_ns) failures_ = 0;
  up_ = false;
  const uint64_t whole = std::min(first_wait_ns << std::min(failures_, 6u), longest_wait_ns);
  ++failures_;
  return whole - whole / 4 + random % (whole / 4 + 1);
}

line_keeper::health line_keeper::check(uint64_t now_ns) {
  const uint64_t quiet = now_ns - std::min(now_ns, heard_ns_);
  if (!up_ || quiet < silence_ns_ / 2) return health::fine;
  if (quiet >= silence_ns_) return health::dead;
  if (probed_) return health::fine;
  probed_ = true;
  return health::ask;
}

} // namespace tickplant::binance
