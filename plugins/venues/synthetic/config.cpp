#include "config.hpp"

#include "market.hpp"

#include <charconv>
#include <string>

namespace tickplant::synthetic {

namespace {

constexpr std::string_view keys[] = {"seed",   "instruments", "hz",     "walk_scale", "levels",
                                     "spread", "step_ms",     "plugin", "required"};
constexpr std::string_view host_prefixes[] = {"symbols", "capture"}; // the host reads these

bool is_known(std::string_view key) {
  for (const auto known : keys)
    if (key == known) return true;
  for (const auto prefix : host_prefixes)
    if (key.starts_with(prefix)) return true;
  return false;
}

void decimal(const sdk::settings& settings, const complain_fn& complain, std::string_view key, double least,
             double most, std::string_view allowed, double& into) {
  const auto value = settings.find(key);
  if (!value) return;
  double parsed = 0;
  const auto [end, fault] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (fault == std::errc{} && end == value->data() + value->size() && parsed >= least && parsed <= most)
    into = parsed;
  else
    complain(key, "'" + std::string{*value} + "' is not allowed; wanted a number " + std::string{allowed});
}

} // namespace

options read_options(const sdk::settings& settings, const complain_fn& complain) {
  options result;
  for (const auto& pair : settings.pairs())
    if (!is_known(sdk::view(pair.key)))
      complain(sdk::view(pair.key), "is no setting of this plugin; it knows seed, instruments, hz, walk_scale, levels, "
                                    "spread, step_ms");
  if (const auto value = settings.find("seed")) {
    if (const auto seed = sdk::to_number<uint64_t>(*value))
      result.seed = *seed;
    else
      complain("seed", "'" + std::string{*value} + "' is not allowed; wanted a whole number from 0 to 2^64 - 1");
  }
  if (const auto value = settings.find("instruments")) {
    const auto count = sdk::to_number<uint32_t>(*value);
    if (count && *count <= most_instruments)
      result.instruments = *count;
    else
      complain("instruments", "'" + std::string{*value} +
                                "' is not allowed; wanted a whole number from 1 to 100000, or 0 for the listed names");
  }
  if (const auto value = settings.find("levels")) {
    const auto count = sdk::to_number<uint32_t>(*value);
    if (count && *count >= 1 && *count <= levels_a_side)
      result.levels = *count;
    else
      complain("levels", "'" + std::string{*value} + "' is not allowed; wanted a whole number from 1 to 5");
  }
  decimal(settings, complain, "hz", 0.01, 1'000, "from 0.01 to 1000", result.hz);
  decimal(settings, complain, "walk_scale", 0, 1, "from 0 (prices stand still) to 1", result.walk_scale);
  if (const auto value = settings.find("spread")) {
    if (*value == "true" || *value == "false")
      result.spread_ticks = *value == "true";
    else
      complain("spread", "'" + std::string{*value} + "' is not allowed; wanted true or false");
  }
  if (const auto value = settings.find("step_ms")) {
    const auto step = sdk::to_number<uint32_t>(*value);
    if (step && *step <= 1'000)
      result.step_ms = *step;
    else
      complain("step_ms", "'" + std::string{*value} + "' is not allowed; wanted whole milliseconds from 0 to 1000");
  }
  return result;
}

} // namespace tickplant::synthetic
