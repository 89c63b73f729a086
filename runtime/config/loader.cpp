#include "runtime/config/loader.hpp"

#include "runtime/config/section.hpp"

#include <tickplant/plugin.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace tickplant::config {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A configuration is a few kilobytes; more is not one.
constexpr size_t most_bytes = 1u << 20;

config_fault one_fault(const std::string& file, const YAML::Mark& mark, std::string problem) {
  fault one;
  one.where = mark.is_null() ? place{file, 0, 0} : place{file, mark.line + 1, mark.column + 1};
  one.problem = std::move(problem);
  std::vector<fault> list;
  list.push_back(std::move(one));
  return config_fault{std::move(list)};
}

std::string read_file(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw one_fault(file, YAML::Mark::null_mark(), "cannot be read: no such file, or no permission");
  if (text.str().size() > most_bytes)
    throw one_fault(file, YAML::Mark::null_mark(), "larger than 1 MiB: not a configuration");
  return text.str();
}

YAML::Node parse(const std::string& text, const std::string& file) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& broken) {
    throw one_fault(file, broken.mark, "not YAML: " + broken.msg);
  }
}

std::string absolute(const std::string& path, const std::string& file) {
  const fs::path given{path};
  if (path.empty() || given.is_absolute()) return path;
  return (fs::absolute(file).parent_path() / given).lexically_normal().string();
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_bind(section& from, listener_options& to) {
  std::string bind = "127.0.0.1:8081";
  from.text("bind", bind);
  const auto colon = bind.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : sdk::to_number<uint16_t>(bind.substr(colon + 1));
  if (!port || colon == 0)
    return from.complain("bind", "ADDRESS:PORT is wanted (127.0.0.1:8081, [::1]:8081; port 0 takes a free one)");
  to.port = *port;
  to.address = bind.substr(0, colon);
  if (to.address.front() == '[' && to.address.back() == ']') to.address = to.address.substr(1, to.address.size() - 2);
}

listener_options read_listener(fault_list& faults, size_t index, const YAML::Node& node, const std::string& file) {
  section from{faults, node, "listeners." + std::to_string(index)};
  listener_options to;
  to.where = from.where();
  to.name = "listener-" + std::to_string(index);
  from.text("name", to.name);
  read_bind(from, to);
  from.each("routes", [&](const std::string& path, const YAML::Node& dialect) {
    if (path.empty() || path.front() != '/' || !dialect.IsScalar() || !is_name(dialect.Scalar()))
      return faults.add(dialect, from.path_of("routes." + path),
                        "a path beginning with '/' and a dialect's name are wanted");
    to.routes[path] = dialect.Scalar();
  });
  if (to.routes.empty()) from.complain("routes", "at least one path with its dialect is wanted, as in {/ws: hft}");
  from.text("page", to.page);
  to.page = absolute(to.page, file);
  from.close();
  return to;
}

venue_options read_venue(fault_list& faults, const std::string& name, const YAML::Node& node) {
  section from{faults, node, "venues." + name};
  venue_options to;
  to.where = from.where();
  to.name = name;
  if (!is_name(name)) faults.add(node, "venues." + name, "a venue's name has 1 to 32 of a-z, 0-9, _ and -");
  from.text("plugin", to.plugin);
  if (to.plugin.empty()) from.complain("plugin", "the name of a venue plugin, or a path to one, is wanted");
  from.flag("required", to.required);
  from.texts("symbols", to.symbols);
  to.settings = from.rest();
  for (size_t i = 0; i < to.symbols.size(); ++i)
    to.settings.push_back({"symbols." + std::to_string(i), to.symbols[i], to.where});
  return to;
}

void read_limits(section from, limit_options& to) {
  from.number("max_symbols", to.max_symbols, 1, 100'000);
  from.number("max_depth", to.max_depth, 0, 1'000);
  from.number("message_bytes", to.message_bytes, 128, 16u << 20);
  from.number("clients", to.clients, 1, 1'000'000);
  from.duration("handshake", to.handshake, 100ms, 60s);
  from.duration("ping_interval", to.ping_interval, 1s, 600s);
  from.duration("pong_wait", to.pong_wait, 1s, 600s);
  from.duration("stall", to.stall, 1s, 600s);
  from.close();
}

void read_supervision(section from, supervision_options& to) {
  from.number("restarts", to.restarts, 0, 10'000);
  from.duration("period", to.period, 1s, 1h);
  from.duration("backoff_first", to.backoff_first, 0ms, 60s);
  from.duration("backoff_max", to.backoff_max, 1ms, 1h);
  from.close();
}

server_options read_server(fault_list& faults, const YAML::Node& node, const std::string& file) {
  server_options to;
  section from{faults, node, ""};
  auto node_section = from.child("node");
  node_section.text("name", to.node_name);
  node_section.close();
  auto plugins = from.child("plugins");
  plugins.texts("path", to.plugin_folders);
  plugins.close();
  for (auto& folder : to.plugin_folders) folder = absolute(folder, file);
  auto loops = from.child("loops");
  loops.number("network", to.network_loops, 0, 64);
  loops.number("feed", to.feed_loops, 1, 64);
  loops.close();
  auto log = from.child("log");
  log.text("level", to.log.level);
  const std::vector<std::string> levels{"debug", "info", "warning", "error", "off"};
  if (std::find(levels.begin(), levels.end(), to.log.level) == levels.end())
    log.complain("level", "debug, info, warning, error or off is wanted, not '" + to.log.level + "'");
  log.close();
  from.each("venues", [&](const std::string& name, const YAML::Node& venue) {
    to.venues.push_back(read_venue(faults, name, venue));
  });
  from.list("listeners", [&](size_t index, const YAML::Node& listener) {
    to.listeners.push_back(read_listener(faults, index, listener, file));
  });
  if (to.listeners.empty()) from.complain("listeners", "at least one listener is wanted");
  read_limits(from.child("limits"), to.limits);
  read_supervision(from.child("supervision"), to.supervision);
  from.close();
  return to;
}

} // namespace

std::string to_text(const std::vector<fault>& faults) {
  std::string text;
  for (const auto& f : faults) {
    if (!text.empty()) text += '\n';
    text += f.where.text() + ": ";
    if (!f.path.empty()) text += f.path + ": ";
    text += f.problem;
  }
  return text;
}

config_fault::config_fault(std::vector<fault> list) : std::runtime_error(to_text(list)), faults(std::move(list)) {}

server_options parse_server(const std::string& text, const std::string& file) {
  const auto node = parse(text, file);
  fault_list faults{file, {}};
  auto options = read_server(faults, node, file);
  if (!faults.faults.empty()) throw config_fault{std::move(faults.faults)};
  return options;
}

server_options load_server(const std::string& file) {
  return parse_server(read_file(file), file);
}

std::string nearest(const std::string& wrong, const std::vector<std::string>& known) {
  // Levenshtein's distance, one row at a time; more than a third of the letters wrong is no hint.
  std::string best;
  size_t best_distance = std::max<size_t>(1, wrong.size() / 3) + 1;
  for (const auto& name : known) {
    std::vector<size_t> row(name.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 0; i < wrong.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i + 1;
      for (size_t j = 0; j < name.size(); ++j) {
        const size_t above = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, above + 1, diagonal + (wrong[i] == name[j] ? 0 : 1)});
        diagonal = above;
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = name;
    }
  }
  return best;
}

} // namespace tickplant::config
