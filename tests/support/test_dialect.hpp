// Makes a dialect of a test's own class, without a shared library.
#pragma once

#include "runtime/plugin/dialect_host.hpp"

#include <tickplant/dialect.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace tickplant::tests {

template <class Dialect>
std::unique_ptr<plugin::dialect_host> make_test_dialect(const std::string& name) {
  plugin::plugin_info info;
  info.name = name;
  info.kind = TP_KIND_DIALECT;
  auto host = std::make_unique<plugin::dialect_host>(plugin::dialect_plugin{info, sdk::make_dialect_ops<Dialect>()},
                                                     plugin::settings_list{}, plugin::log_function{});
  if (!host->create()) throw std::logic_error("the dialect " + name + " refuses to start");
  return host;
}

} // namespace tickplant::tests
