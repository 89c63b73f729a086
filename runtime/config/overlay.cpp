#include "runtime/config/overlay.hpp"

#include "runtime/config/value.hpp"

#include <tickplant/plugin.hpp>

#include <algorithm>
#include <array>

namespace tickplant::config {

namespace {

constexpr std::string_view prefix = "TICKPLANT_";
// Variables of our other programs.
constexpr std::array<std::string_view, 4> not_ours{"TICKPLANT_CACHE", "TICKPLANT_JOBS", "TICKPLANT_ADMIN",
                                                   "TICKPLANT_ADMIN_TOKEN"};

std::string shouted(std::string text) {
  for (auto& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c == '-') c = '_';
  }
  return text;
}

std::string whispered(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

class overlay {
public:
  overlay(node& root, std::vector<fault>& faults) : root_(root), faults_(faults) {}

  void put(const std::string& path, const std::string& text, const place& at) {
    const auto parts = split_path(path);
    if (parts.empty() || std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); }))
      return complain(path, at, "a path of names with dots between is wanted (limits.max_symbols)");
    if (parts.size() > most_parts) return complain(path, at, "deeper than " + std::to_string(most_parts) + " names");
    node* to = &root_;
    std::string done;
    for (const auto& part : parts) {
      to = step(*to, part, done, path, at);
      if (!to) return;
      done = joined(done, part);
    }
    *to = parsed(path, text, at);
  }

private:
  static constexpr size_t most_parts = 32;

  void complain(const std::string& path, const place& at, std::string problem) {
    faults_.push_back({at, path, std::move(problem)});
  }

  node* step(node& from, const std::string& part, const std::string& done, const std::string& path, const place& at) {
    const auto number = sdk::to_number<uint32_t>(part);
    if (!from.is_given()) {
      from.is = number && (done == "listeners" || !is_section(pattern_of(done))) ? node::kind::list : node::kind::map;
      from.at = at;
    }
    if (from.is == node::kind::list) return step_in_list(from, part, number, path, at);
    if (from.is != node::kind::map) {
      complain(path, at, "'" + done + "' is a single value: nothing can stand below it");
      return nullptr;
    }
    if (auto* there = from.find(part)) return there;
    from.members.push_back({part, at, {}});
    from.members.back().value.at = at;
    return &from.members.back().value;
  }

  node* step_in_list(node& list, const std::string& part, std::optional<uint32_t> number, const std::string& path,
                     const place& at) {
    for (auto& entry : list.members)
      if (const auto* name = entry.value.find("name"); name && name->text == part) return &entry.value;
    if (number && *number < list.members.size()) return &list.members[*number].value;
    if (number && *number == list.members.size()) {
      list.members.push_back({"", at, {}});
      list.members.back().value.at = at;
      return &list.members.back().value;
    }
    complain(path, at,
             "'" + part + "' is no entry of this list: a number from 0 to " + std::to_string(list.members.size()) +
               ", or the name of an entry, is wanted");
    return nullptr;
  }

  // Lists and mappings may be written as YAML flow text; a single value is taken as it is.
  node parsed(const std::string& path, const std::string& text, const place& at) {
    const auto* declared = find_key(path);
    const bool may_be_many = !declared || declared->bound.type == value_type::texts ||
                             declared->bound.type == value_type::paths || declared->bound.type == value_type::mapping ||
                             declared->bound.type == value_type::settings;
    if (!may_be_many || text.empty() || (text.front() != '[' && text.front() != '{')) return scalar_node(text, at);
    try {
      auto made = parse_document(text, at.file, budget_, faults_);
      move_to(made, at);
      return made;
    } catch (const document_fault& broken) {
      complain(path, at, broken.problem);
      return scalar_node({}, at);
    }
  }

  // Lines and columns inside the text would say nothing.
  static void move_to(node& at_all, const place& at) {
    at_all.at = at;
    for (auto& m : at_all.members) {
      m.at = at;
      move_to(m.value, at);
    }
  }

  node& root_;
  std::vector<fault>& faults_;
  document_budget budget_;
};

// The names that stand in the tree or in the table, else the variable's own in small letters.
std::string path_of(const std::string& name, const node& root) {
  std::string path;
  const node* at = &root;
  std::string_view rest = std::string_view{name}.substr(prefix.size());
  while (!rest.empty()) {
    const auto end = rest.find("__");
    const std::string part{rest.substr(0, end)};
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    std::string found;
    if (at && at->is == node::kind::map)
      for (const auto& m : at->members)
        if (shouted(m.name) == part) found = m.name;
    if (found.empty()) found = whispered(part);
    if (at && at->is == node::kind::list) {
      const auto number = sdk::to_number<uint32_t>(part);
      at = number && *number < at->members.size() ? &at->members[*number].value : nullptr;
    } else {
      at = at ? at->find(found) : nullptr;
    }
    path = joined(path, found);
  }
  return path;
}

// The section that a variable's name begins with, empty: not one of ours.
std::string section_of(const std::string& name) {
  const auto rest = std::string_view{name}.substr(prefix.size());
  for (const auto& section : children_of("")) {
    const auto loud = shouted(section);
    if (rest == loud || rest.starts_with(loud + '_')) return section;
  }
  return {};
}

node* first_listener(node& root) {
  auto* listeners = root.find("listeners");
  if (!listeners || listeners->is != node::kind::list || listeners->members.empty()) return nullptr;
  auto& first = listeners->members.front().value;
  return first.is == node::kind::map ? &first : nullptr;
}

void apply_bind(const environment_map& environment, node& root, std::vector<fault>& faults) {
  const auto get = [&](const char* name) -> const std::string* {
    const auto found = environment.find(name);
    return found == environment.end() || found->second.empty() ? nullptr : &found->second;
  };
  const char* port_name = get("WS_PORT") ? "WS_PORT" : "PORT";
  const auto *port = get(port_name), *host = get("WS_HOST");
  auto* listener = first_listener(root);
  if (!listener || (!port && !host)) return;
  const auto* written = listener->find("bind");
  auto bind = to_endpoint(
    written && written->is == node::kind::scalar ? written->text : find_pattern("listeners.*.bind")->bound.fallback);
  if (!bind) return; // a fault that is told when it is read
  if (host && !is_address(*host))
    return faults.push_back({{"environment: WS_HOST", 0, 0},
                             "listeners.0.bind",
                             "a numeric address (0.0.0.0, ::1) is wanted, not '" + *host + "'"});
  const auto number = port ? sdk::to_number<uint16_t>(*port) : std::nullopt;
  if (port && !number)
    return faults.push_back({{std::string{"environment: "} + port_name, 0, 0},
                             "listeners.0.bind",
                             "a port from 0 to 65535 is wanted, not '" + *port + "'"});
  if (host) bind->address = *host;
  if (number) bind->port = *number;
  overlay{root, faults}.put("listeners.0.bind", endpoint_text(bind->address, bind->port),
                            {std::string{"environment: "} + (port ? port_name : "WS_HOST"), 0, 0});
}

void apply_origins(const environment_map& environment, node& root) {
  const auto found = environment.find("ALLOWED_ORIGINS");
  auto* listeners = root.find("listeners");
  if (found == environment.end() || found->second.empty() || !listeners) return;
  const place at{"environment: ALLOWED_ORIGINS", 0, 0};
  node list;
  list.is = node::kind::list;
  list.at = at;
  for (std::string_view rest = found->second; !rest.empty();) {
    const auto comma = rest.find(',');
    auto one = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) list.members.push_back({"", at, scalar_node(std::string{one}, at)});
  }
  if (list.members.empty()) list.members.push_back({"", at, scalar_node({}, at)}); // refused: not "any origin"
  for (auto& listener : listeners->members) {
    if (listener.value.is != node::kind::map) continue;
    if (auto* there = listener.value.find("origins"))
      *there = list;
    else
      listener.value.members.push_back({"origins", at, list});
  }
}

} // namespace

void apply_environment(const environment_map& environment, node& root, std::vector<fault>& faults) {
  apply_bind(environment, root, faults);
  apply_origins(environment, root);
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(prefix) || std::find(not_ours.begin(), not_ours.end(), name) != not_ours.end()) continue;
    const auto section = section_of(name);
    if (section.empty()) continue;
    const place at{"environment: " + name, 0, 0};
    if (name.find("__") == std::string::npos)
      faults.push_back({at, section,
                        "names no key: two underscores stand between the names, as in " +
                          environment_name(joined(
                            section, children_of(section).empty() ? "NAME.KEY" : children_of(section).front()))});
    else
      overlay{root, faults}.put(path_of(name, root), value, at);
  }
}

void apply_sets(const std::vector<std::pair<std::string, std::string>>& sets, node& root, std::vector<fault>& faults) {
  for (const auto& [path, value] : sets) overlay{root, faults}.put(path, value, {"--set " + path, 0, 0});
}

std::string environment_name(const std::string& path) {
  std::string name{prefix};
  const auto parts = split_path(path);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) name += "__";
    if (parts[i] == "*")
      name += parts[0] == "listeners" ? "0" : "NAME";
    else
      name += parts[i] == "**" ? "SETTING" : shouted(parts[i]);
  }
  return name;
}

} // namespace tickplant::config
