// SoupBinTCP 3.00, 4.00 and 4.10, the client's half: cutting the server's bytes into logical packets, and the client's
// own packets (section 4 of the specification notes). Pure.
#pragma once

#include <tickplant/bytes.hpp>

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::nasdaq {

enum class soup_version : uint8_t { v3_00, v4_00, v4_10 };

inline constexpr size_t soup_head_size = 3;           // length and type
inline constexpr size_t longest_soup_packet = 65'537; // length field included

struct soup_packet {
  char type = 0;
  const uint8_t* data = nullptr; // payload; borrowed
  uint32_t size = 0;
};

enum class soup_cut : uint8_t { packet, incomplete, broken };

/// Takes the first packet off `bytes`. Broken: a length of zero, behind which nothing can be cut.
inline soup_cut cut_soup(std::span<const uint8_t>& bytes, soup_packet& into) {
  if (bytes.size() < 2) return soup_cut::incomplete;
  const size_t length = sdk::be16(bytes.data());
  if (length == 0) return soup_cut::broken;
  if (bytes.size() < 2 + length) return soup_cut::incomplete;
  into = {static_cast<char>(bytes[2]), bytes.data() + soup_head_size, static_cast<uint32_t>(length - 1)};
  bytes = bytes.subspan(2 + length);
  return soup_cut::packet;
}

/// A number in ASCII digits with blanks on either side; nothing for anything else.
std::optional<uint64_t> read_soup_number(const uint8_t* at, size_t size);

struct soup_accepted {
  std::string_view session; // without blanks; borrowed
  uint64_t sequence = 0;    // of the first sequenced message that follows
};
/// Login Accepted; nothing if it is cut short or its number makes no sense.
std::optional<soup_accepted> read_soup_accepted(const soup_packet& packet);

struct soup_login {
  std::string_view username, password, session; // session empty: the current one
  uint64_t sequence = 0;                        // next one wanted; 0: from the most recent on
};
/// `heartbeat_ms`: for 4.10 alone.
std::vector<uint8_t> soup_login_request(const soup_login& login, soup_version version, uint32_t heartbeat_ms);

inline constexpr std::array<uint8_t, soup_head_size> soup_client_heartbeat{0, 1, 'R'}, soup_logout{0, 1, 'O'};

} // namespace tickplant::nasdaq
