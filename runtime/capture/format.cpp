#include "runtime/capture/format.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace tickplant::capture {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

template <class Number>
void put(uint8_t* at, Number value) {
  std::memcpy(at, &value, sizeof value);
}

template <class Number>
Number get(const uint8_t* at) {
  Number value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

constexpr size_t check_offset = 12;

std::string name_at(const uint8_t* at) {
  const auto* text = reinterpret_cast<const char*>(at);
  return {text, ::strnlen(text, name_bytes)};
}

uint32_t crc(uint32_t before, std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(::crc32_z(before, bytes.data(), bytes.size()));
}

} // namespace

std::vector<uint8_t> encode(const preamble& first) {
  std::vector<uint8_t> bytes(preamble_bytes);
  std::memcpy(bytes.data(), magic.data(), magic.size());
  put(bytes.data() + 8, version);
  put(bytes.data() + 12, first.part);
  put(bytes.data() + 16, first.session);
  put(bytes.data() + 24, first.created_ns);
  std::memcpy(bytes.data() + 32, first.venue.data(), std::min(first.venue.size(), name_bytes));
  std::memcpy(bytes.data() + 48, first.plugin.data(), std::min(first.plugin.size(), name_bytes));
  return bytes;
}

preamble decode_preamble(std::span<const uint8_t> bytes, std::string& problem) {
  preamble first;
  if (bytes.size() < preamble_bytes || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
    problem = "this is no capture file of Tickplant";
    return first;
  }
  if (const auto found = get<uint32_t>(bytes.data() + 8); found != version) {
    problem = "version " + std::to_string(found) + " of the format; version " + std::to_string(version) + " is known";
    return first;
  }
  first.part = get<uint32_t>(bytes.data() + 12);
  first.session = get<uint64_t>(bytes.data() + 16);
  first.created_ns = get<uint64_t>(bytes.data() + 24);
  first.venue = name_at(bytes.data() + 32);
  first.plugin = name_at(bytes.data() + 48);
  return first;
}

void append(std::vector<uint8_t>& to, const record& what, std::span<const uint8_t> second) {
  const size_t at = to.size(), size = what.payload.size() + second.size();
  to.resize(at + head_bytes + size);
  uint8_t* head = to.data() + at;
  put(head, static_cast<uint32_t>(size));
  put(head + 4, static_cast<uint16_t>(what.kind));
  put(head + 6, what.flags);
  put(head + 8, what.line);
  put(head + 16, what.sequence);
  put(head + 24, what.recv_ns);
  uint8_t* payload = head + head_bytes;
  if (!what.payload.empty()) std::memcpy(payload, what.payload.data(), what.payload.size());
  if (!second.empty()) std::memcpy(payload + what.payload.size(), second.data(), second.size());
  put(head + check_offset, check_of(std::span<const uint8_t, head_bytes>{head, head_bytes}, {payload, size}));
}

record_head decode_head(std::span<const uint8_t, head_bytes> bytes) {
  record_head head;
  head.size = get<uint32_t>(bytes.data());
  head.what.kind = static_cast<record_kind>(get<uint16_t>(bytes.data() + 4));
  head.what.flags = get<uint16_t>(bytes.data() + 6);
  head.what.line = get<uint32_t>(bytes.data() + 8);
  head.check = get<uint32_t>(bytes.data() + check_offset);
  head.what.sequence = get<uint64_t>(bytes.data() + 16);
  head.what.recv_ns = get<uint64_t>(bytes.data() + 24);
  return head;
}

uint32_t check_of(std::span<const uint8_t, head_bytes> head, std::span<const uint8_t> payload) {
  uint32_t check = crc(0, head.first<check_offset>());
  check = crc(check, head.subspan<check_offset + 4>());
  return payload.empty() ? check : crc(check, payload);
}

std::vector<uint8_t> encode(const opened_line& line) {
  std::vector<uint8_t> bytes(8 + line.name.size() + line.address.size());
  put(bytes.data(), line.kind);
  put(bytes.data() + 2, line.role);
  put(bytes.data() + 4, static_cast<uint32_t>(line.name.size()));
  const auto name = std::copy(line.name.begin(), line.name.end(), bytes.begin() + 8);
  std::copy(line.address.begin(), line.address.end(), name);
  return bytes;
}

bool decode(std::span<const uint8_t> payload, opened_line& into) {
  if (payload.size() < 8) return false;
  const size_t name = get<uint32_t>(payload.data() + 4);
  if (name > payload.size() - 8) return false;
  into.kind = get<uint16_t>(payload.data());
  into.role = get<uint16_t>(payload.data() + 2);
  const auto* text = reinterpret_cast<const char*>(payload.data()) + 8;
  into.name.assign(text, name);
  into.address.assign(text + name, payload.size() - 8 - name);
  return true;
}

bool decode(std::span<const uint8_t> payload, http_answer& into) {
  if (payload.size() < 8) return false;
  const size_t url = get<uint32_t>(payload.data() + 4);
  if (url > payload.size() - 8) return false;
  into.status = get<int32_t>(payload.data());
  const auto* text = reinterpret_cast<const char*>(payload.data()) + 8;
  into.url = {text, url};
  into.body = {text + url, payload.size() - 8 - url};
  return true;
}

} // namespace tickplant::capture
