// C++20 conveniences over plugin.h, compiled into the plugin: text and settings views, and the guard that keeps
// exceptions on the plugin's side of the edge. No state, no allocation of its own except where a type says so.
#pragma once

#include <tickplant/plugin.h>

#include <charconv>
#include <concepts>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tickplant::sdk {

constexpr tp_str to_tp(std::string_view text) {
  return {text.data(), text.size()};
}
constexpr std::string_view view(tp_str text) {
  return {text.data, text.size};
}

/// Log levels of the host, in C++ dress.
enum class log_level : int32_t {
  debug = TP_LOG_DEBUG,
  info = TP_LOG_INFO,
  warning = TP_LOG_WARNING,
  error = TP_LOG_ERROR
};

/// The instance's settings: a borrowed view of flattened key and value pairs, valid for the call that hands it over.
class settings {
public:
  explicit settings(const tp_config* config) : pairs_(config ? config->pairs : nullptr, config ? config->count : 0) {}

  std::optional<std::string_view> find(std::string_view key) const {
    for (const auto& pair : pairs_)
      if (view(pair.key) == key) return view(pair.value);
    return std::nullopt;
  }

  /// Values of `key.0`, `key.1` and so on, or the lone value of `key`.
  std::vector<std::string_view> list(std::string_view key) const {
    std::vector<std::string_view> values;
    if (auto lone = find(key)) values.push_back(*lone);
    for (size_t i = 0;; ++i) {
      auto value = find(std::string{key} + '.' + std::to_string(i));
      if (!value) return values;
      values.push_back(*value);
    }
  }

  std::span<const tp_pair> pairs() const { return pairs_; }

private:
  std::span<const tp_pair> pairs_;
};

/// Reads a whole number; nothing if the text is anything else or does not fit.
template <std::integral Number>
std::optional<Number> to_number(std::string_view text) {
  Number value{};
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads a duration with its unit (`250ms`, `20us`, `5s`, `2m`, `24h`); nothing if unit or number are wrong.
/// Nanoseconds.
inline std::optional<uint64_t> to_duration_ns(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  auto number = to_number<uint64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  constexpr std::pair<std::string_view, uint64_t> units[] = {
    {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000}};
  for (const auto& [unit, scale] : units)
    if (text.substr(digits) == unit && *number <= UINT64_MAX / scale) return *number * scale;
  return std::nullopt;
}

namespace detail {

/// Runs a call of the plugin's own code; what it throws becomes TP_E_INTERNAL and, where a logger is at hand, a log
/// line.
template <class Call, class Log>
auto guarded(Call&& call, Log&& log) noexcept -> decltype(call()) {
  using result = decltype(call());
  try {
    return call();
  } catch (const std::exception& fault) {
    log(std::string_view{fault.what()});
  } catch (...) {
    log(std::string_view{"exception of unknown type"});
  }
  if constexpr (!std::is_void_v<result>) return static_cast<result>(TP_E_INTERNAL);
}

constexpr uint32_t count_of(std::span<const tp_str> names) {
  return static_cast<uint32_t>(names.size());
}

/// What the opaque `self` points at: the plugin's object and the host that its faults are logged to.
template <class Impl, class Host>
struct instance {
  template <class HostTable>
  instance(const tp_config* config, const HostTable* table, tp_ctx* ctx)
    : host(table, ctx), body(settings{config}, host) {}
  Host host;
  Impl body;
};

/// Runs `call` on the instance behind `self`; what it throws is logged and becomes TP_E_INTERNAL.
template <class Impl, class Host, class Call>
auto on_instance(void* self, Call&& call) noexcept {
  auto* made = static_cast<instance<Impl, Host>*>(self);
  return guarded([&] { return call(made->body, made->host); },
                 [&](std::string_view what) { made->host.log(log_level::error, what); });
}

/// Sets validate, create and destroy, which are the same for all kinds, in a table of functions.
template <class Impl, class Host, class HostTable, class Ops>
void set_life(Ops& ops) {
  ops.validate = [](const tp_config* config, const HostTable* table, tp_ctx* ctx) -> int32_t {
    const Host host{table, ctx};
    return guarded(
      [&]() -> int32_t {
        Impl::validate(settings{config}, host);
        return TP_OK;
      },
      [&](std::string_view what) { host.complain("", what); });
  };
  ops.create = [](const tp_config* config, const HostTable* table, tp_ctx* ctx, void** self) -> int32_t {
    const Host host{table, ctx};
    return guarded(
      [&]() -> int32_t {
        *self = new instance<Impl, Host>(config, table, ctx);
        return TP_OK;
      },
      [&](std::string_view what) { host.log(log_level::error, what); });
  };
  ops.destroy = [](void* self) { delete static_cast<instance<Impl, Host>*>(self); };
}

} // namespace detail

} // namespace tickplant::sdk

/// The plugin's one exported symbol, for the macros of the kinds. TP_BUILD_ID comes from tp_add_plugin().
#define TP_PLUGIN_OF_KIND(NAME, VERSION, KIND, TRAVELS, MAKE_OPS)                                                      \
  extern "C" TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t) {                               \
    static const auto ops = MAKE_OPS();                                                                                \
    static const tp_plugin plugin{sizeof(tp_plugin),                                                                   \
                                  TP_ABI_MAJOR,                                                                        \
                                  TP_ABI_MINOR,                                                                        \
                                  KIND,                                                                                \
                                  sizeof(TRAVELS),                                                                     \
                                  0,                                                                                   \
                                  ::tickplant::sdk::to_tp(NAME),                                                       \
                                  ::tickplant::sdk::to_tp(VERSION),                                                    \
                                  ::tickplant::sdk::to_tp(TP_BUILD_ID),                                                \
                                  &ops};                                                                               \
    return host_major == TP_ABI_MAJOR ? &plugin : nullptr;                                                             \
  }
