// A place in a trace: W3C Trace Context, level 1, the header `traceparent`. Plain values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tickplant::telemetry {

using trace_id = std::array<uint8_t, 16>;
using span_id = std::array<uint8_t, 8>;

struct trace_context {
  static constexpr uint8_t sampled = 1;

  telemetry::trace_id trace_id{};
  telemetry::span_id span_id{};
  uint8_t flags = 0; ///< `sampled` or 0

  /// Both ids are set (3.2.2.3, 3.2.2.4: all zero is none).
  bool is_valid() const noexcept { return trace_id != telemetry::trace_id{} && span_id != telemetry::span_id{}; }
  bool is_sampled() const noexcept { return (flags & sampled) != 0; }
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// The header's value, strictly as it is specified (3.2): lower case, no blanks around it. Versions above 00 are read
/// by the rule of 4.3, ff never. Flags that level 1 does not define are dropped. Nothing is allocated.
std::optional<trace_context> parse_traceparent(std::string_view text) noexcept;
/// As version 00.
std::string to_traceparent(const trace_context& context);

/// Lower-case hexadecimal digits.
std::string trace_id_text(const trace_id& id);
std::string span_id_text(const span_id& id);

} // namespace tickplant::telemetry
