#include "soup.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace tickplant::nasdaq {

namespace {

constexpr size_t username_size = 6, password_size = 10, session_size = 10, sequence_size = 20, heartbeat_size = 5;

std::string_view trimmed(const uint8_t* at, size_t size) {
  auto text = sdk::alpha(at, size);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

void put_left(std::vector<uint8_t>& to, std::string_view text, size_t size) {
  text = text.substr(0, size);
  to.insert(to.end(), text.begin(), text.end());
  to.insert(to.end(), size - text.size(), ' ');
}

void put_number(std::vector<uint8_t>& to, uint64_t number, size_t size) {
  const std::string digits = std::to_string(number);
  to.insert(to.end(), size - std::min(size, digits.size()), ' ');
  to.insert(to.end(), digits.begin(), digits.end());
}

} // namespace

std::optional<uint64_t> read_soup_number(const uint8_t* at, size_t size) {
  const auto digits = trimmed(at, size);
  uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<soup_accepted> read_soup_accepted(const soup_packet& packet) {
  if (packet.size < session_size + sequence_size) return std::nullopt;
  const auto sequence = read_soup_number(packet.data + session_size, sequence_size);
  if (!sequence || *sequence == 0 || *sequence > UINT64_MAX / 2) return std::nullopt;
  return soup_accepted{trimmed(packet.data, session_size), *sequence};
}

std::vector<uint8_t> soup_login_request(const soup_login& login, soup_version version, uint32_t heartbeat_ms) {
  std::vector<uint8_t> bytes{0, 0, 'L'};
  put_left(bytes, login.username, username_size);
  put_left(bytes, login.password, password_size);
  put_left(bytes, login.session, session_size);
  put_number(bytes, login.sequence, sequence_size);
  if (version == soup_version::v4_10) put_number(bytes, std::min(heartbeat_ms, 99'999u), heartbeat_size);
  sdk::put_be16(bytes.data(), static_cast<uint16_t>(bytes.size() - 2));
  return bytes;
}

} // namespace tickplant::nasdaq
