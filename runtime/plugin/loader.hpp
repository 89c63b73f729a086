// Loads one plugin file and hands out a typed handle of it. Loaded code is never unloaded: handles are valid for the
// life of the process and cheap to copy. Startup and reload only; any thread, one at a time.
#pragma once

#include "runtime/plugin/fault.hpp"
#include "runtime/plugin/file_check.hpp"
#include "runtime/plugin/manifest.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tickplant::plugin {

/// What all kinds share.
struct plugin_info {
  std::string name, version, build_id;
  uint32_t kind = 0, abi_minor = 0;
  checked_file file;
};

/// A loaded plugin of the kind whose table of functions is Ops. The table is a copy in our own length: functions that
/// the plugin does not have are null.
template <class Ops, uint32_t Kind>
class typed_plugin {
public:
  using ops_type = Ops;
  static constexpr uint32_t kind = Kind;

  typed_plugin(plugin_info info, const Ops& ops) : body_(std::make_shared<const body>(body{std::move(info), ops})) {}

  const plugin_info& info() const { return body_->info; }
  const std::string& name() const { return body_->info.name; }
  const Ops& ops() const { return body_->ops; }

private:
  struct body {
    plugin_info info;
    Ops ops;
  };
  std::shared_ptr<const body> body_;
};

using venue_plugin = typed_plugin<tp_venue_ops, TP_KIND_VENUE>;
using dialect_plugin = typed_plugin<tp_dialect_ops, TP_KIND_DIALECT>;
using auth_plugin = typed_plugin<tp_auth_ops, TP_KIND_AUTH>;
using compression_plugin = typed_plugin<tp_compression_ops, TP_KIND_COMPRESSION>;

/// A manifest that passed all checks, still without its kind's type.
struct loaded_plugin {
  plugin_info info;
  const tp_plugin* manifest;

  template <class Plugin>
  Plugin as() const {
    return {info, widened(static_cast<const typename Plugin::ops_type*>(manifest->ops))};
  }
};

/// Throws plugin_fault with every fault of the file or its manifest in one message. `wanted_name` empty: any.
loaded_plugin load(const checked_file& file, uint32_t kind, std::string_view wanted_name = {});

} // namespace tickplant::plugin
