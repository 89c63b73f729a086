// What goes wrong with a plugin before an instance runs: one message that names file, found and wanted.
#pragma once

#include <stdexcept>

namespace tickplant::plugin {

/// Thrown by loading and finding; never by an instance at work.
struct plugin_fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace tickplant::plugin
