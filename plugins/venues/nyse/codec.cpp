#include "codec.hpp"

#include "messages.hpp"

#include <algorithm>

namespace tickplant::nyse {

namespace {

constexpr uint64_t second = 1'000'000'000;

request_bytes begin_request(uint32_t sequence, uint64_t now_ns, uint32_t type, uint16_t size) {
  request_bytes bytes(packet_head + size, 0);
  sdk::put_le16(&bytes[0], static_cast<uint16_t>(bytes.size()));
  bytes[2] = static_cast<uint8_t>(delivery::original);
  bytes[3] = 1;
  sdk::put_le32(&bytes[4], sequence);
  sdk::put_le32(&bytes[8], static_cast<uint32_t>(now_ns / second));
  sdk::put_le32(&bytes[12], static_cast<uint32_t>(now_ns % second));
  sdk::put_le16(&bytes[packet_head], size);
  sdk::put_le16(&bytes[packet_head + 2], static_cast<uint16_t>(type));
  return bytes;
}

/// Padded with NULL: junk behind the first NULL is rejected by the server.
void put_source(request_bytes& bytes, size_t at, const std::string& source_id) {
  std::copy_n(source_id.data(), std::min<size_t>(source_id.size(), 10), bytes.begin() + static_cast<long>(at));
}

bool has(const uint8_t* message, uint32_t type, uint32_t size) {
  return type_of(message) == type && size_of(message) >= size;
}

} // namespace

request_bytes retransmission_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t from, uint32_t to) {
  auto bytes = begin_request(sequence, now_ns, type::retransmission_request, 24);
  sdk::put_le32(&bytes[packet_head + 4], from);
  sdk::put_le32(&bytes[packet_head + 8], to);
  put_source(bytes, packet_head + 12, who.source_id);
  bytes[packet_head + 22] = who.product;
  bytes[packet_head + 23] = who.channel;
  return bytes;
}

request_bytes refresh_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t symbol_index) {
  auto bytes = begin_request(sequence, now_ns, type::refresh_request, 20);
  sdk::put_le32(&bytes[packet_head + 4], symbol_index);
  put_source(bytes, packet_head + 8, who.source_id);
  bytes[packet_head + 18] = who.product;
  bytes[packet_head + 19] = who.channel;
  return bytes;
}

request_bytes mapping_request(uint32_t sequence, uint64_t now_ns, const asker& who, uint32_t symbol_index) {
  auto bytes = begin_request(sequence, now_ns, type::mapping_request, 21); // its last byte: answered by multicast
  sdk::put_le32(&bytes[packet_head + 4], symbol_index);
  put_source(bytes, packet_head + 8, who.source_id);
  bytes[packet_head + 18] = who.product;
  bytes[packet_head + 19] = who.channel;
  return bytes;
}

request_bytes heartbeat_response(uint32_t sequence, uint64_t now_ns, const std::string& source_id) {
  auto bytes = begin_request(sequence, now_ns, type::heartbeat_response, 14);
  put_source(bytes, packet_head + 4, source_id);
  return bytes;
}

std::optional<request_response> read_response(const uint8_t* m) {
  if (!has(m, type::request_response, 29)) return std::nullopt;
  return request_response{sdk::le32(m + 4),        sdk::le32(m + 8), sdk::le32(m + 12), m[26], m[27],
                          static_cast<char>(m[28])};
}

std::string_view meaning_of_status(char status) {
  switch (status) {
    case '0': return "accepted";
    case '1': return "the source id is not known; check source_id";
    case '2': return "the range is not available";
    case '3': return "the range is too long";
    case '4': return "too many retransmission requests today";
    case '5': return "too many refresh requests today";
    case '6': return "the numbers are too old for a retransmission";
    case '7': return "the channel is not known; check channel";
    case '8': return "the product is not known; check product";
    case '9': return "the request has a bad type or size";
    default: return "a status that the specification does not have";
  }
}

std::optional<unavailable_range> read_unavailable(const uint8_t* m) {
  if (!has(m, type::unavailable, 14)) return std::nullopt;
  return unavailable_range{sdk::le32(m + 4), sdk::le32(m + 8), m[12], m[13]};
}

std::optional<sequence_reset> read_reset(const uint8_t* m) {
  if (!has(m, type::sequence_reset, 14)) return std::nullopt;
  return sequence_reset{sdk::le32(m + 4) * second + sdk::le32(m + 8), m[12], m[13]};
}

std::optional<refresh_head> read_refresh_head(const uint8_t* m) {
  if (!has(m, type::refresh_head, 8)) return std::nullopt;
  refresh_head head{sdk::le16(m + 4), sdk::le16(m + 6), std::nullopt, 0};
  if (size_of(m) >= 16) {
    head.last_sequence = sdk::le32(m + 8);
    head.last_symbol_sequence = sdk::le32(m + 12);
  }
  return head;
}

} // namespace tickplant::nyse
