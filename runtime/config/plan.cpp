#include "runtime/config/plan.hpp"

#include "runtime/config/value.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace tickplant::config {

namespace {

using texts = std::vector<std::string>;

template <class Part>
const Part* find(const std::vector<Part>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Part& part) { return part.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string shown(bool is_secret, const std::string& value) {
  return is_secret ? redacted(value) : value;
}

// Of the plugin, those of a venue's backup lines too.
template <class Part>
std::vector<flat_setting> settings_of(const Part& part) {
  auto all = part.settings;
  if constexpr (requires { part.backup; })
    for (const auto& s : part.backup.settings) all.push_back({joined("backup", s.key), s.value, s.at});
  return all;
}

// What changed of one entry, by kind.
struct entry_changes {
  bool any = false;
  bool of(const std::string& name) const { return std::find(keys.begin(), keys.end(), name) != keys.end(); }
  texts keys; // names of the declared ones behind the entry's
  bool settings = false;
  // All but what readiness alone looks at, and the list of symbols, which has a list of its own in the plan.
  bool restarts() const {
    return std::any_of(keys.begin(), keys.end(),
                       [](const auto& name) { return name != "required" && name != "symbols"; });
  }
};

class planner {
public:
  planner(const server_options& now, const server_options& next) : now_(now), next_(next) {}

  reload_plan make() {
    server_keys();
    venues();
    listeners();
    policies("auth", now_.auth, next_.auth, plan_.auth_changed, reload_class::live);
    policies("compression", now_.compression, next_.compression, plan_.compression_changed,
             reload_class::new_connections);
    tiers();
    dialects();
    cross_listings();
    return std::move(plan_);
  }

private:
  void add(std::string path, std::string before, std::string after, reload_class effect) {
    if (effect == reload_class::process)
      plan_.refused.push_back(path + " cannot change from " + quoted(before) + " to " + quoted(after) +
                              " while tickplantd runs: restart it, or take the change back");
    plan_.changes.push_back({std::move(path), std::move(before), std::move(after), effect});
  }

  void server_keys() {
    for (const auto& k : declaration()) {
      if (!k.bound.show || k.path.find('*') != std::string::npos) continue;
      const auto before = k.bound.show(&now_), after = k.bound.show(&next_);
      if (before == after) continue;
      add(k.path, shown(k.is_secret(), before), shown(k.is_secret(), after), k.effect);
      if (k.effect == reload_class::process) continue;
      if (k.path.starts_with("limits.")) plan_.limits = true;
      if (k.path.starts_with("consolidation.")) plan_.consolidation = true;
      if (k.path.starts_with("log.")) plan_.log = true;
      if (k.path.starts_with("telemetry.")) plan_.telemetry = true;
      if (k.path.starts_with("admin.")) plan_.admin = true;
    }
  }

  template <class Part>
  void declared(const std::string& section, const Part& now, const Part& next, entry_changes& to) {
    const auto prefix = section + ".*.";
    for (const auto& k : declaration()) {
      if (!k.bound.show || !k.path.starts_with(prefix)) continue;
      const auto before = k.bound.show(&now), after = k.bound.show(&next);
      if (before == after) continue;
      const auto name = k.path.substr(prefix.size());
      add(joined(joined(section, next.name), name), before, after, k.effect);
      to.any = true;
      to.keys.push_back(name);
    }
  }

  template <class Part>
  void settings(const std::string& section, const Part& now, const Part& next, reload_class effect, entry_changes& to) {
    std::map<std::string, std::pair<std::optional<std::string>, std::optional<std::string>>> both;
    for (const auto& s : settings_of(now)) both[s.key].first = s.value;
    for (const auto& s : settings_of(next)) both[s.key].second = s.value;
    const auto path = joined(section, next.name);
    for (const auto& [name, values] : both) {
      if (values.first == values.second || is_symbol(section, name)) continue;
      const bool is_secret = is_secret_setting(name);
      add(joined(path, name), shown(is_secret, values.first.value_or("")), shown(is_secret, values.second.value_or("")),
          effect);
      to.any = to.settings = true;
    }
    if (to.settings || now.content == next.content) return;
    add(path, "files that its settings name", "other contents", effect);
    to.any = to.settings = true;
  }

  // They have a key of their own; the plugin gets a copy.
  static bool is_symbol(const std::string& section, const std::string& name) {
    return section == "venues" && name.starts_with("symbols.");
  }

  template <class Part>
  void come_and_go(const std::string& section, const std::vector<Part>& now, const std::vector<Part>& next,
                   reload_class effect, texts& added, texts& removed) {
    for (const auto& part : now)
      if (!find(next, part.name)) {
        add(joined(section, part.name), "there", "removed", effect);
        removed.push_back(part.name);
      }
    for (const auto& part : next)
      if (!find(now, part.name)) {
        add(joined(section, part.name), "not there", "added", effect);
        added.push_back(part.name);
      }
  }

  void venues() {
    come_and_go("venues", now_.venues, next_.venues, reload_class::component, plan_.venues_added, plan_.venues_removed);
    for (const auto& venue : next_.venues) {
      const auto* old = find(now_.venues, venue.name);
      if (!old) continue;
      entry_changes changes;
      declared("venues", *old, venue, changes);
      settings("venues", *old, venue, reload_class::component, changes);
      if (changes.settings || changes.restarts())
        plan_.venues_restarted.push_back(venue.name);
      else if (changes.of("symbols"))
        plan_.venues_relisted.push_back(venue.name);
    }
    const auto before = kept(now_.venues, next_.venues), after = kept(next_.venues, now_.venues);
    if (before != after) add("venues", list_text(before), list_text(after), reload_class::process);
  }

  // Their order is the order of preference for plain symbols, which books and names are built on.
  static texts kept(const std::vector<venue_options>& of, const std::vector<venue_options>& also_in) {
    texts names;
    for (const auto& venue : of)
      if (find(also_in, venue.name)) names.push_back(venue.name);
    return names;
  }

  void listeners() {
    come_and_go("listeners", now_.listeners, next_.listeners, reload_class::component, plan_.listeners_added,
                plan_.listeners_removed);
    for (const auto& listener : next_.listeners) {
      const auto* old = find(now_.listeners, listener.name);
      if (!old) continue;
      entry_changes changes;
      declared("listeners", *old, listener, changes);
      if (!changes.any && old->tls.content != listener.tls.content) {
        add(joined("listeners", listener.name) + ".tls", "certificate and key", "renewed", reload_class::live);
        changes.any = true;
      }
      if (changes.of("bind"))
        plan_.listeners_rebound.push_back(listener.name);
      else if (changes.any)
        plan_.listeners_changed.push_back(listener.name);
    }
  }

  void policies(const std::string& section, const std::vector<policy_options>& now,
                const std::vector<policy_options>& next, texts& to, reload_class effect) {
    come_and_go(section, now, next, effect, to, to);
    for (const auto& policy : next) {
      const auto* old = find(now, policy.name);
      if (!old) continue;
      entry_changes changes;
      declared(section, *old, policy, changes);
      settings(section, *old, policy, effect, changes);
      if (changes.any) to.push_back(policy.name);
    }
  }

  void tiers() {
    come_and_go("tiers", now_.tiers, next_.tiers, reload_class::live, plan_.tiers_changed, plan_.tiers_changed);
    for (const auto& tier : next_.tiers) {
      const auto* old = find(now_.tiers, tier.name);
      if (!old) continue;
      entry_changes changes;
      declared("tiers", *old, tier, changes);
      if (changes.any) plan_.tiers_changed.push_back(tier.name);
    }
  }

  // One that is not named has the defaults, so that coming and going are changes like others.
  void dialects() {
    come_and_go("dialects", now_.dialects, next_.dialects, reload_class::live, plan_.dialects_changed,
                plan_.dialects_changed);
    for (const auto& dialect : next_.dialects) {
      const auto* old = find(now_.dialects, dialect.name);
      if (!old) continue;
      entry_changes changes;
      declared("dialects", *old, dialect, changes);
      if (changes.any) plan_.dialects_changed.push_back(dialect.name);
    }
  }

  void cross_listings() {
    const std::string section = "consolidation.cross_listings";
    const auto &now = now_.consolidation.cross_listings, &next = next_.consolidation.cross_listings;
    texts changed;
    come_and_go(section, now, next, reload_class::live, changed, changed);
    for (const auto& listing : next) {
      const auto* old = find(now, listing.name);
      if (!old) continue;
      entry_changes changes;
      declared(section, *old, listing, changes);
      if (changes.any) changed.push_back(listing.name);
    }
    plan_.consolidation |= !changed.empty();
  }

  const server_options &now_, &next_;
  reload_plan plan_;
};

const char* when(reload_class effect) {
  switch (effect) {
    case reload_class::live: return "at once";
    case reload_class::new_connections: return "for new connections";
    case reload_class::component: return "restarts this part alone";
    case reload_class::process: return "refused";
  }
  return "";
}

void add_names(std::string& text, const char* what, const texts& names) {
  if (names.empty()) return;
  text += what;
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? " " : ", ") + names[i];
  text += '\n';
}

} // namespace

reload_plan plan_reload(const server_options& now, const server_options& next) {
  return planner{now, next}.make();
}

std::string to_text(const reload_plan& plan) {
  if (plan.empty()) return "no change\n";
  std::string text = std::to_string(plan.changes.size()) + (plan.changes.size() == 1 ? " change\n" : " changes\n");
  for (const auto& c : plan.changes)
    text += "  " + c.path + ": " + quoted(c.before) + " -> " + quoted(c.after) + " (" + when(c.effect) + ")\n";
  add_names(text, "venues to start:", plan.venues_added);
  add_names(text, "venues to stop:", plan.venues_removed);
  add_names(text, "venues to start again:", plan.venues_restarted);
  add_names(text, "venues with other symbols:", plan.venues_relisted);
  add_names(text, "listeners to open:", plan.listeners_added);
  add_names(text, "listeners to drain and close:", plan.listeners_removed);
  add_names(text, "listeners to open again:", plan.listeners_rebound);
  add_names(text, "listeners to change:", plan.listeners_changed);
  add_names(text, "auth policies to exchange:", plan.auth_changed);
  add_names(text, "compression policies to exchange:", plan.compression_changed);
  add_names(text, "tiers to exchange:", plan.tiers_changed);
  add_names(text, "dialects with other rates:", plan.dialects_changed);
  for (const auto& sentence : plan.refused) text += "refused: " + sentence + '\n';
  return text;
}

namespace {

template <class Part>
void add_effective(const std::string& section, const Part& part, const Part& plain,
                   std::vector<effective_setting>& to) {
  const auto prefix = section + ".*.";
  for (const auto& k : declaration()) {
    if (!k.bound.show || !k.path.starts_with(prefix)) continue;
    const auto value = k.bound.show(&part);
    to.push_back({joined(joined(section, part.name), k.path.substr(prefix.size())), shown(k.is_secret(), value),
                  k.effect, value == k.bound.show(&plain)});
  }
  if constexpr (requires { part.settings; })
    for (const auto& s : settings_of(part))
      if (section != "venues" || !s.key.starts_with("symbols."))
        to.push_back({joined(joined(section, part.name), s.key), shown(is_secret_setting(s.key), s.value),
                      find_pattern(prefix + "**")->effect, false});
}

} // namespace

std::vector<effective_setting> effective_settings(const server_options& options) {
  std::vector<effective_setting> all;
  const server_options plain;
  for (const auto& k : declaration()) {
    if (!k.bound.show || k.path.find('*') != std::string::npos) continue;
    const auto value = k.bound.show(&options);
    all.push_back({k.path, shown(k.is_secret(), value), k.effect, value == k.bound.show(&plain)});
  }
  for (const auto& venue : options.venues) add_effective("venues", venue, {}, all);
  for (const auto& listener : options.listeners) add_effective("listeners", listener, {}, all);
  for (const auto& policy : options.auth) add_effective("auth", policy, {}, all);
  for (const auto& policy : options.compression) add_effective("compression", policy, {}, all);
  for (const auto& tier : options.tiers) add_effective("tiers", tier, {}, all);
  for (const auto& dialect : options.dialects) add_effective("dialects", dialect, {}, all);
  for (const auto& listing : options.consolidation.cross_listings)
    add_effective("consolidation.cross_listings", listing, {}, all);
  return all;
}

} // namespace tickplant::config
