// The handshake: what a plugin's manifest and table of functions must look like before anything of it is called. Pure;
// the rules are those of plugins/sdk/ABI.md.
#pragma once

#include <tickplant/auth.h>
#include <tickplant/compression.h>
#include <tickplant/dialect.h>
#include <tickplant/plugin.h>
#include <tickplant/venue.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::plugin {

std::string_view kind_name(uint32_t kind);

/// A name that may stand in configuration and paths: 1 to 64 of a-z, 0-9, '_' and '-'.
bool is_plugin_name(std::string_view name);

/// Everything that is wrong with a manifest, each as "what: found, wanted"; empty if it can be used as a plugin of
/// `wanted_kind`. Where the major version differs nothing else is looked at, as the layout is not known.
std::vector<std::string> faults_of(const tp_plugin* manifest, uint32_t wanted_kind);

/// A copy of a table or struct that may be shorter than ours: what lies beyond its struct_size is zero.
template <class Table>
Table widened(const Table* theirs) {
  Table ours{};
  const size_t size = theirs->struct_size < sizeof(Table) ? theirs->struct_size : sizeof(Table);
  std::memcpy(&ours, theirs, size);
  return ours;
}

} // namespace tickplant::plugin
