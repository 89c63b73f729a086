#include "mold.hpp"

#include <algorithm>

namespace tickplant::nasdaq {

std::array<char, 10> mold_session::text() const {
  std::array<char, 10> bytes{};
  std::memcpy(bytes.data(), &head, 8);
  std::memcpy(bytes.data() + 8, &tail, 2);
  return bytes;
}

std::string mold_session::name() const {
  const auto bytes = text();
  std::string_view trimmed{bytes.data(), bytes.size()};
  while (!trimmed.empty() && trimmed.front() == ' ') trimmed.remove_prefix(1);
  while (!trimmed.empty() && trimmed.back() == ' ') trimmed.remove_suffix(1);
  return std::string{trimmed};
}

mold_session mold_session::of(std::string_view name) {
  std::array<char, 10> bytes;
  bytes.fill(' ');
  std::memcpy(bytes.data(), name.data(), std::min(name.size(), bytes.size()));
  mold_session session;
  std::memcpy(&session.head, bytes.data(), 8);
  std::memcpy(&session.tail, bytes.data() + 8, 2);
  return session;
}

bool mold_session::is_printable() const {
  for (const char byte : text())
    if (byte < ' ' || byte > '~') return false;
  return true;
}

std::array<uint8_t, mold_header_size> mold_request(const mold_session& session, uint64_t sequence, uint16_t count) {
  std::array<uint8_t, mold_header_size> bytes{};
  std::memcpy(bytes.data(), &session.head, 8);
  std::memcpy(bytes.data() + 8, &session.tail, 2);
  sdk::put_be64(bytes.data() + 10, sequence);
  sdk::put_be16(bytes.data() + 18, count);
  return bytes;
}

} // namespace tickplant::nasdaq
