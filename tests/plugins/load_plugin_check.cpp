// Loads one plugin file and asks it about settings, as a host does. For the build of the SDK's template outside the
// tree.
#include "runtime/plugin/registry.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <iostream>

int main(int count, char** words) {
  using namespace tickplant::plugin;
  if (count != 2) return 2;
  try {
    registry plugins{{}};
    const auto plugin = plugins.venue(words[1]);
    if (plugin.name() != "template") throw plugin_fault{"its name is '" + plugin.name() + "', wanted 'template'"};
    const auto right = venue_host::validate(plugin, {{"lines.a", "udp://127.0.0.1:1"}});
    if (!right.empty()) throw plugin_fault{"it complains about good settings: " + to_text(right)};
    if (venue_host::validate(plugin, {{"line.a", "udp://127.0.0.1:1"}}).size() != 2)
      throw plugin_fault{"it does not complain about an unknown and a missing key"};
  } catch (const plugin_fault& fault) {
    std::cerr << fault.what() << '\n';
    return 1;
  }
  return 0;
}
