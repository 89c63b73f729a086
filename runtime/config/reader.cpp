#include "runtime/config/reader.hpp"

#include "runtime/config/binding.hpp"

#include <algorithm>

namespace tickplant::config {

namespace {

const char* const name_wanted = "a name has 1 to 32 of a-z, 0-9, _ and -";

class reader {
public:
  explicit reader(reading_context& context) : context_(context) {}

  server_options read(const node& root) {
    server_options to;
    if (root.is_given() && !check_map(root, "")) return to;
    for (const auto& m : root.members) {
      if (m.name == "venues")
        named(m, to.venues, "venues", [this](const node& from, venue_options& venue) { add_symbols(from, venue); });
      else if (m.name == "auth")
        named(m, to.auth, "auth", [](const node&, policy_options&) {});
      else if (m.name == "compression")
        named(m, to.compression, "compression", [](const node&, policy_options&) {});
      else if (m.name == "tiers")
        named(m, to.tiers, "tiers", [](const node&, tier_options&) {});
      else if (m.name == "dialects")
        named(m, to.dialects, "dialects", [](const node&, dialect_options&) {});
      else if (m.name == "listeners")
        listeners(m.value, to.listeners);
      else
        one(m, "", "", &to);
    }
    if (to.listeners.empty() && !has_bad_listeners_)
      complain(root.at, "listeners", "at least one listener is wanted: - {name: public, routes: {/ws: hft}}");
    return to;
  }

private:
  void complain(const place& at, std::string path, std::string problem) {
    context_.faults.push_back({at, std::move(path), std::move(problem)});
  }

  bool check_map(const node& from, const std::string& path) {
    if (from.is == node::kind::map) return true;
    if (from.is_given()) complain(from.at, path, "a mapping of keys to values is wanted here");
    return false;
  }

  // All keys of a section, those of the sections below it too.
  void section(const node& from, const std::string& pattern, const std::string& path, options_part to) {
    if (!check_map(from, path)) return;
    for (const auto& m : from.members) one(m, pattern, path, to);
    refuse_double_secrets(from, pattern, path);
  }

  void one(const member& m, const std::string& pattern, const std::string& path, options_part to) {
    const auto child = joined(pattern, m.name);
    const auto at = joined(path, m.name);
    if (m.name == "*" || m.name == "**") return complain(m.at, at, "unknown key");
    if (child == "consolidation.cross_listings")
      return named(m, std::get<server_options*>(to)->consolidation.cross_listings, child,
                   [](const node&, cross_listing_options&) {});
    if (const auto* declared = find_pattern(child)) {
      if (m.value.is_given()) declared->bound.put(m.value, at, to, context_);
    } else if (is_section(child)) {
      section(m.value, child, at, to);
    } else if (const auto* rest = find_pattern(joined(pattern, "**"))) {
      rest->bound.put(m.value, at, to, context_);
    } else {
      const auto near = nearest(m.name, children_of(pattern));
      complain(m.at, at, "unknown key" + (near.empty() ? std::string{} : ", did you mean '" + near + "'?"));
    }
  }

  void refuse_double_secrets(const node& from, const std::string& pattern, const std::string& path) {
    for (const auto& m : from.members) {
      const auto* declared = find_pattern(joined(pattern, m.name));
      if (!declared || !declared->is_secret() || m.value.text.empty()) continue;
      const auto* file = from.find(m.name + "_file");
      if (file && !file->text.empty())
        complain(m.at, joined(path, m.name), "is given here and by '" + m.name + "_file' too: one of them is wanted");
    }
  }

  void require(const node& from, const std::string& pattern, const std::string& path, const place& at) {
    for (const auto& k : declaration()) {
      if (!k.is_required || !k.path.starts_with(pattern + '.')) continue;
      const auto name = k.path.substr(pattern.size() + 1);
      const auto* given = from.find(name);
      if (!given || !given->is_given()) complain(at, joined(path, name), k.bound.wanted + " is wanted");
    }
  }

  template <class Part, class Finish>
  void named(const member& all, std::vector<Part>& to, const std::string& pattern, Finish finish) {
    if (!check_map(all.value, pattern)) return;
    for (const auto& m : all.value.members) {
      const auto path = joined(pattern, m.name);
      check_name(m, pattern, path);
      auto& made = to.emplace_back(bind::fresh<Part>());
      made.name = m.name;
      made.where = m.value.is_given() ? m.value.at : m.at;
      section(m.value, pattern + ".*", path, &made);
      require(m.value, pattern + ".*", path, made.where);
      finish(m.value, made);
    }
  }

  // Those of consolidated instruments are symbols, which clients ask for.
  void check_name(const member& m, const std::string& pattern, const std::string& path) {
    if (pattern == "consolidation.cross_listings") {
      if (!is_listener_name(m.name))
        complain(m.at, path, "a symbol has 1 to 32 letters, digits, _ and -, not digits alone");
    } else if (!is_name(m.name)) {
      complain(m.at, path, a_or(pattern) + name_wanted);
    }
  }

  static std::string a_or(const std::string& pattern) { return pattern == "venues" ? "a venue's name: " : ""; }

  // The plugin gets them too, each with its place.
  static void add_symbols(const node& from, venue_options& venue) {
    const auto* symbols = from.find("symbols");
    for (size_t i = 0; i < venue.symbols.size(); ++i) {
      const bool is_list = symbols && symbols->is == node::kind::list && i < symbols->members.size();
      const auto at = is_list ? symbols->members[i].value.at : symbols ? symbols->at : venue.where;
      venue.settings.push_back({"symbols." + std::to_string(i), venue.symbols[i], at});
    }
  }

  void listeners(const node& from, std::vector<listener_options>& to) {
    if (!from.is_given()) return;
    if (from.is != node::kind::list) {
      has_bad_listeners_ = true;
      return complain(from.at, "listeners", "a list is wanted");
    }
    for (size_t i = 0; i < from.members.size(); ++i) {
      const auto& value = from.members[i].value;
      const auto path = "listeners." + std::to_string(i);
      auto& made = to.emplace_back(bind::fresh<listener_options>());
      made.name = "listener-" + std::to_string(i);
      made.where = value.at;
      section(value, "listeners.*", path, &made);
      require(value, "listeners.*", path, made.where);
      if (const auto* routes = value.find("routes"); routes && routes->is == node::kind::map && routes->members.empty())
        complain(routes->at, path + ".routes", "at least one path with its dialect is wanted, as in {/ws: hft}");
    }
  }

  reading_context& context_;
  bool has_bad_listeners_ = false;
};

} // namespace

server_options read_options(const node& root, reading_context& context) {
  return reader{context}.read(root);
}

} // namespace tickplant::config
