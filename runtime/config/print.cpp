#include "runtime/config/print.hpp"

#include "runtime/config/declaration.hpp"
#include "runtime/config/overlay.hpp"
#include "runtime/config/value.hpp"

#include <algorithm>

namespace tickplant::config {

namespace {

bool is_compound(value_type type) {
  return type == value_type::texts || type == value_type::paths || type == value_type::mapping;
}

std::string yaml_of(const key& k, const std::string& value) {
  return is_compound(k.bound.type) ? value : quoted(value);
}

std::string default_of(const key& k) {
  if (k.is_required) return yaml_of(k, k.example);
  if (k.path == "listeners.*.name") return "listener-0";
  return yaml_of(k, k.bound.fallback);
}

// What it means, what is allowed, what it counts, and when a change comes into force.
std::string comment_of(const key& k) {
  std::string text = k.about + " Allowed: " + k.bound.wanted;
  while (text.ends_with(',')) text.pop_back();
  if (!k.unit.empty()) text += "; unit: " + k.unit;
  return text + ". [" + to_text(k.effect) + (k.is_required ? ", must be given]" : "]");
}

// Writes keys as nested YAML, one after another, with the names above them when those change.
class yaml_writer {
public:
  void add(const key& k) {
    const auto parts = split_path(k.path);
    if (parts.front() != section_) {
      section_ = parts.front();
      open_.clear();
      if (!text_.empty()) text_ += '\n';
    }
    const bool is_named = std::find(parts.begin(), parts.end(), "*") != parts.end();
    prefix_ = is_named && section_ != "listeners" ? "# " : "";
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      if (i < open_.size() && open_[i] == parts[i]) continue;
      open_.resize(i);
      open_.push_back(parts[i]);
      line(i, parts[i] != "*" ? parts[i] + ":" : section_ == "listeners" ? "-" : "NAME:");
    }
    open_.resize(parts.size() - 1);
    line(parts.size() - 1, "# " + comment_of(k));
    if (parts.back() != "**") line(parts.size() - 1, parts.back() + ": " + default_of(k));
  }
  std::string take() { return std::move(text_); }

private:
  void line(size_t depth, const std::string& what) {
    text_.append(prefix_).append(2 * depth, ' ').append(what).append(1, '\n');
  }

  std::string text_, section_, prefix_;
  std::vector<std::string> open_;
};

const char* explained(reload_class effect) {
  switch (effect) {
    case reload_class::live: return "live: in force at once for everybody";
    case reload_class::new_connections: return "new connections: for clients that come afterwards";
    case reload_class::component: return "component: this venue or listener alone is started again";
    case reload_class::process: return "process: a reload that changes it is refused; restart tickplantd";
  }
  return "";
}

std::string explain_key(const key& k, const std::string& path) {
  const auto row = [](const char* name, const std::string& value) {
    return value.empty() ? std::string{}
                         : std::string{"  "} + name + std::string(13 - std::string{name}.size(), ' ') + value + '\n';
  };
  auto wanted = k.bound.wanted;
  while (wanted.ends_with(',')) wanted.pop_back();
  const bool is_pattern = path.find('*') != std::string::npos;
  auto fallback = k.bound.fallback.empty() ? "none" : k.bound.fallback;
  if (k.is_required) fallback = "none, must be given";
  return k.path + "\n  " + k.about + '\n' + row("type", to_text(k.bound.type)) + row("unit", k.unit) +
         row("default", fallback) + row("allowed", wanted) + row("reload", explained(k.effect)) +
         row("secret", k.is_secret() ? "yes: shown as ***; also by " + k.path + "_file or ${env:NAME}" : "no") +
         row("example", k.bound.type == value_type::settings ? "" : split_path(k.path).back() + ": " + k.example) +
         row("environment", environment_name(is_pattern ? k.path : path)) +
         row("flag", "--set '" + (is_pattern ? k.path : path) + "=VALUE'");
}

void print_node(const node& from, const std::string& path, size_t depth, std::string& to);

void print_value(const std::string& name, const node& value, const std::string& path, size_t depth, std::string& to) {
  to.append(2 * depth, ' ').append(name);
  if (!value.members.empty()) {
    to += '\n';
    return print_node(value, path, depth + 1, to);
  }
  if (value.is == node::kind::scalar)
    to += ' ' + quoted(is_secret_path(path) ? redacted(value.text) : value.text);
  else if (value.is_given())
    to += value.is == node::kind::list ? " []" : " {}";
  to += "  # " + value.at.text() + '\n';
}

void print_node(const node& from, const std::string& path, size_t depth, std::string& to) {
  size_t number = 0;
  for (const auto& m : from.members) {
    const bool is_map = from.is == node::kind::map;
    print_value(is_map ? quoted(m.name) + ":" : "-", m.value, joined(path, is_map ? m.name : std::to_string(number++)),
                depth, to);
  }
}

} // namespace

std::string print_defaults() {
  yaml_writer writer;
  for (const auto& k : declaration()) writer.add(k);
  return "# Every key of tickplantd with its default. In brackets: when a change comes into force.\n\n" + writer.take();
}

std::optional<std::string> explain(const std::string& path) {
  if (path.empty()) return std::nullopt;
  if (const auto* k = find_key(path)) return explain_key(*k, path);
  const auto pattern = pattern_of(path);
  if (!is_section(pattern)) return std::nullopt;
  std::string text = pattern + "\n";
  for (const auto& k : declaration())
    if (k.path.starts_with(pattern + '.')) text += "  " + k.path + ": " + k.about + '\n';
  return text;
}

std::string print_config(const node& tree) {
  std::string text;
  print_node(tree, "", 0, text);
  return text;
}

} // namespace tickplant::config
