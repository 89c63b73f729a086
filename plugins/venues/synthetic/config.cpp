#include "config.hpp"

#include "market.hpp"

#include <charconv>
#include <string>

namespace tickplant::synthetic {

namespace {

constexpr std::string_view keys[] = {"seed", "instruments", "hz", "walk_scale", "levels", "spread", "step_ms"};
constexpr sdk::known_keys known{keys, {}, {}};

void decimal(const sdk::config_reader& read, std::string_view key, double least, double most, std::string_view allowed,
             double& into) {
  const auto value = read.find(key);
  if (!value) return;
  double parsed = 0;
  const auto [end, fault] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (fault == std::errc{} && end == value->data() + value->size() && parsed >= least && parsed <= most)
    into = parsed;
  else
    read.refuse(key, *value, "a number " + std::string{allowed});
}

} // namespace

options read_options(const sdk::settings& settings, const sdk::complain_fn& complain) {
  options result;
  const sdk::config_reader read{settings, complain};
  read.refuse_unknown(known);
  if (const auto value = read.find("seed")) {
    if (const auto seed = sdk::to_number<uint64_t>(*value))
      result.seed = *seed;
    else
      read.refuse("seed", *value, "a whole number from 0 to 2^64 - 1");
  }
  if (const auto value = read.find("instruments")) {
    const auto count = sdk::to_number<uint32_t>(*value);
    if (count && *count <= most_instruments)
      result.instruments = *count;
    else
      read.refuse("instruments", *value, "a whole number from 1 to 100000, or 0 for the listed names");
  }
  read.number("levels", 1, levels_a_side, result.levels);
  decimal(read, "hz", 0.01, 1'000, "from 0.01 to 1000", result.hz);
  decimal(read, "walk_scale", 0, 1, "from 0 (prices stand still) to 1", result.walk_scale);
  if (const auto value = read.find("spread")) {
    if (*value == "true" || *value == "false")
      result.spread_ticks = *value == "true";
    else
      read.refuse("spread", *value, "true or false");
  }
  if (const auto value = read.find("step_ms")) {
    const auto step = sdk::to_number<uint32_t>(*value);
    if (step && *step <= 1'000)
      result.step_ms = *step;
    else
      read.refuse("step_ms", *value, "whole milliseconds from 0 to 1000");
  }
  return result;
}

} // namespace tickplant::synthetic
