// Loads one plugin file and asks it about settings, as a host does. For plugins that are built outside the tree: the
// SDK's template and the examples.
#include "runtime/plugin/auth_host.hpp"
#include "runtime/plugin/registry.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <iostream>
#include <string_view>

namespace {

using namespace tickplant::plugin;

void check_template(const char* path) {
  registry plugins{{}};
  const auto plugin = plugins.venue(path);
  if (plugin.name() != "template") throw plugin_fault{"its name is '" + plugin.name() + "', wanted 'template'"};
  const auto right = venue_host::validate(plugin, {{"lines.a", "udp://127.0.0.1:1"}});
  if (!right.empty()) throw plugin_fault{"it complains about good settings: " + to_text(right)};
  if (venue_host::validate(plugin, {{"line.a", "udp://127.0.0.1:1"}}).size() != 2)
    throw plugin_fault{"it does not complain about an unknown and a missing key"};
}

int32_t code_for(auth_host& host, std::string_view secret) {
  int32_t code = -1;
  tp_credential given{};
  given.struct_size = sizeof given;
  given.secret = {secret.data(), secret.size()};
  host.check(1, given, [&](tickplant::policy::auth_outcome outcome) { code = outcome.code; });
  return code;
}

void check_shared_secret(const char* path) {
  registry plugins{{}};
  const auto plugin = plugins.auth(path);
  if (auth_host::validate(plugin, {{{"secret", "short"}, {"subjet", "x"}}, {}, {}}).size() != 1)
    throw plugin_fault{"it does not complain about an unknown key"};
  if (auth_host::validate(plugin, {{{"secret", "short"}}, {}, {}}).size() != 1)
    throw plugin_fault{"it does not complain about a short secret"};
  auth_host host{plugin, {{{"secret", "sixteen bytes at least"}}, {}, {}}};
  if (!host.create()) throw plugin_fault{host.why_broken()};
  if (code_for(host, "sixteen bytes at least") != 0) throw plugin_fault{"it refuses the secret"};
  for (const char* wrong : {"", "sixteen bytes at leasT", "sixteen bytes at least "})
    if (code_for(host, wrong) != 4001) throw plugin_fault{"it takes a wrong secret"};
}

} // namespace

int main(int count, char** words) {
  if (count != 2) return 2;
  try {
    const bool is_auth = std::string_view{words[1]}.ends_with("shared_secret.so");
    (is_auth ? check_shared_secret : check_template)(words[1]);
  } catch (const plugin_fault& fault) {
    std::cerr << fault.what() << '\n';
    return 1;
  }
  return 0;
}
