#include "runtime/telemetry/trace_context.hpp"

#include <cstddef>
#include <span>

namespace tickplant::telemetry {

namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr size_t trace_at = 3, span_at = 36, flags_at = 53, whole = 55;

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool read_hex(std::string_view text, std::span<uint8_t> out) noexcept {
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

void append_hex(std::string& to, std::span<const uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const uint8_t byte : bytes) {
    to += digits[byte >> 4];
    to += digits[byte & 15];
  }
}

} // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < whole) return std::nullopt;
  if (text[trace_at - 1] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-') return std::nullopt;
  trace_context found;
  uint8_t version = 0, flags = 0;
  if (!read_hex(text, {&version, 1}) || !read_hex(text.substr(trace_at), found.trace_id) ||
      !read_hex(text.substr(span_at), found.span_id) || !read_hex(text.substr(flags_at), {&flags, 1}))
    return std::nullopt;
  if (version == 0xff) return std::nullopt;
  // Later versions may only add fields behind another dash.
  if (text.size() > whole && (version == 0 || text[whole] != '-')) return std::nullopt;
  found.flags = flags & trace_context::sampled;
  if (!found.is_valid()) return std::nullopt;
  return found;
}

std::string to_traceparent(const trace_context& context) {
  std::string text;
  text.reserve(whole);
  text = "00-";
  append_hex(text, context.trace_id);
  text += '-';
  append_hex(text, context.span_id);
  text += context.is_sampled() ? "-01" : "-00";
  return text;
}

std::string trace_id_text(const trace_id& id) {
  std::string text;
  append_hex(text, id);
  return text;
}

std::string span_id_text(const span_id& id) {
  std::string text;
  append_hex(text, id);
  return text;
}

} // namespace tickplant::telemetry
