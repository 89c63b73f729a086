#include "runtime/tools/replay/named_line.hpp"

#include <charconv>

namespace tickplant::replay {

std::optional<endpoint> parse_endpoint(std::string_view text) {
  endpoint at;
  const char* from = text.data();
  const char* const end = text.data() + text.size();
  for (int part = 0; part < 5; ++part) {
    uint32_t value = 0;
    const auto [stop, fault] = std::from_chars(from, end, value);
    const bool is_port = part == 4;
    if (fault != std::errc{} || value > (is_port ? 65'535u : 255u)) return std::nullopt;
    if (is_port)
      at.port = static_cast<uint16_t>(value);
    else
      at.address = at.address << 8 | value;
    if (is_port ? stop != end : stop == end || *stop != (part == 3 ? ':' : '.')) return std::nullopt;
    from = is_port ? stop : stop + 1;
  }
  return at.port == 0 ? std::nullopt : std::optional{at};
}

std::string to_text(endpoint at) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8)
    text.append(text.empty() ? "" : ".").append(std::to_string(at.address >> shift & 255));
  return text + ':' + std::to_string(at.port);
}

std::optional<named_line> parse_line(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
  named_line line{std::string{text.substr(0, equals)}, {}};
  auto address = text.substr(equals + 1);
  for (const std::string_view scheme : {"udp", "tcp"})
    if (address.starts_with(scheme) && address.substr(scheme.size()).starts_with("://")) {
      line.scheme = scheme;
      address.remove_prefix(scheme.size() + 3);
    }
  const auto at = parse_endpoint(address);
  if (!at) return std::nullopt;
  line.at = *at;
  return line;
}

std::optional<named_answer> parse_answer(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos || equals + 1 == text.size()) return std::nullopt;
  return named_answer{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

} // namespace tickplant::replay
