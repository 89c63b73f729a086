#include "actors/venue_health.hpp"

#include "runtime/telemetry/log.hpp"

#include <array>
#include <ctime>

namespace tickplant::actors {

std::string utc_text(uint64_t wall_ns) {
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  std::tm parts{};
  std::array<char, 32> text{};
  if (!gmtime_r(&seconds, &parts)) return "an unknown time";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

venue_health::venue_health(std::string venue, venue_care care, feed_context& context, venue_place& place)
  : groups(care.groups), venue_(std::move(venue)), care_(care), context_(context), place_(place),
    adapter_(std::make_shared<guarded_child>(care.breaker)), books_(std::make_shared<guarded_child>(care.breaker)) {
  adapter_->is_well = [this] { return is_well; };
  adapter_->on_change = [this](guarded_child::change what, const std::string& why) { changed(what, why); };
}

void venue_health::say(telemetry::level at, const std::string& text) const {
  telemetry::log(at, "venue " + venue_, text);
}

std::string venue_health::lines() const {
  if (!groups.has_backup()) return {};
  return std::string{" on its "} + std::string{supervision::name_of(groups.in_use())} + " lines";
}

void venue_health::changed(guarded_child::change what, const std::string& why) {
  using change = guarded_child::change;
  const auto& breaker = adapter_->breaker;
  is_well = false;
  switch (what) {
    case change::ended: groups.ended(false); break;
    case change::failed: groups.ended(true); break;
    case change::opened: {
      groups.gave_up();
      const auto wait = static_cast<uint64_t>((breaker.until() - breaker.since()).count());
      const auto until = utc_text(context_.loop.wall_ns() + wait);
      context_.suspend(place_, "venue " + venue_ + " is suspended until " + until);
      say(telemetry::level::error, "suspended until " + until + lines() + ", opening " +
                                     std::to_string(breaker.openings()) + " of its breaker; the last failure: " + why);
      break;
    }
    case change::trial:
      context_.suspend(place_, {});
      say(telemetry::level::warning, "tried once again after its suspension");
      break;
    case change::closed:
      context_.suspend(place_, {});
      say(telemetry::level::warning, "no longer suspended: " + why);
      break;
  }
}

} // namespace tickplant::actors
