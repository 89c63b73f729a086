// What a reload would do: the difference of two configurations, as work for those who apply it. Pure; secrets are
// redacted in all texts.
#pragma once

#include "runtime/config/declaration.hpp"

#include <string>
#include <vector>

namespace tickplant::config {

struct change {
  std::string path; // listeners and venues by their names: `listeners.public.origins`
  std::string before, after;
  reload_class effect;
};

struct reload_plan {
  std::vector<change> changes; // everything that differs, what is refused too
  // By names, in the order of the new configuration (of the old one for what is removed). Each venue is in one list at
  // most. `required` of a venue is a change that stands in no list: readiness is to be asked anew after any reload.
  std::vector<std::string> venues_added, venues_removed, venues_restarted, venues_relisted /* symbols only */;
  std::vector<std::string> listeners_added, listeners_removed, listeners_rebound /* new address */,
    listeners_changed /* without a restart */;
  std::vector<std::string> auth_changed, compression_changed, tiers_changed,
    dialects_changed;                                                 // added and removed ones too
  bool consolidation = false;                                         // something of it
  bool limits = false, log = false, telemetry = false, admin = false; // something live in that section
  std::vector<std::string> refused; // what needs a restart of the process, as sentences; the plan is not to be applied
  bool empty() const { return changes.empty(); }
};

reload_plan plan_reload(const server_options& now, const server_options& next);

/// For people, several lines: what `--dry-run` prints.
std::string to_text(const reload_plan& plan);

/// One key and its value in force.
struct effective_setting {
  std::string path, value; // redacted
  reload_class effect;
  bool is_default;
};
/// All keys that options hold, plugins' settings too; listeners, venues, policies and tiers by their names.
std::vector<effective_setting> effective_settings(const server_options& options);

} // namespace tickplant::config
