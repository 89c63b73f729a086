#include "config.hpp"

namespace tickplant::deflate {

namespace {

constexpr std::string_view keys[] = {"plugin", "threshold", "level", "mem_level", "window_bits", "strategy"};

bool is_known(std::string_view key) {
  for (const auto known : keys)
    if (key == known) return true;
  return false;
}

template <class Number>
void read_number(const sdk::settings& settings, std::string_view key, Number least, Number most, Number& into,
                 const complain_fn& complain) {
  const auto value = settings.find(key);
  if (!value) return;
  const auto parsed = sdk::to_number<Number>(*value);
  if (parsed && *parsed >= least && *parsed <= most)
    into = *parsed;
  else
    complain(key, "'" + std::string{*value} + "' is not allowed; wanted a whole number from " + std::to_string(least) +
                    " to " + std::to_string(most));
}

} // namespace

config read_config(const sdk::settings& settings, const complain_fn& complain) {
  config read;
  for (const auto& pair : settings.pairs())
    if (!is_known(sdk::view(pair.key)))
      complain(sdk::view(pair.key),
               "is no setting of deflate; there are threshold, level, mem_level, window_bits and strategy");
  read_number(settings, "threshold", 0u, most_threshold, read.threshold, complain);
  read_number(settings, "level", 1, 9, read.level, complain);
  read_number(settings, "mem_level", 1, 9, read.mem_level, complain);
  read_number(settings, "window_bits", least_window_bits, most_window_bits, read.window_bits, complain);
  if (const auto strategy = settings.find("strategy")) {
    read.is_fixed = *strategy == "fixed";
    if (!read.is_fixed && *strategy != "default")
      complain("strategy", "'" + std::string{*strategy} + "' is not known; wanted default or fixed");
  }
  return read;
}

} // namespace tickplant::deflate
