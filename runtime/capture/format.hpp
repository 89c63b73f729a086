// A capture file: what the world brought to one venue plugin instance, and what the plugin asked of it, in order. A
// preamble of 64 bytes, then records of a head of 32 bytes and a payload. All numbers little-endian; times ns since
// 1970 UTC. Written out in docs/operations.md, section "Recording a venue".
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::capture {

/// What a file has at a place that it should not have: "FILE: byte OFFSET: what is wrong".
struct capture_fault : std::runtime_error {
  capture_fault(const std::string& file, uint64_t at, const std::string& what_is_wrong)
    : std::runtime_error(file + ": byte " + std::to_string(at) + ": " + what_is_wrong), offset(at),
      problem(what_is_wrong) {}
  uint64_t offset;
  std::string problem;
};

inline constexpr std::string_view magic{"TPCAP\r\n\x1a", 8};
inline constexpr uint32_t version = 1;
inline constexpr size_t preamble_bytes = 64, head_bytes = 32, name_bytes = 16;
/// Largest payload; the server's lines allow no larger unit.
inline constexpr uint32_t most_payload = (64u << 20) + 4096;

enum class record_kind : uint16_t {
  line_opened = 1, // payload: opened_line
  line_state,      // flags: TP_LINE_*; payload: why
  unit,            // flags: TP_UNIT_*, continues_delivery; payload: the datagram, message or file record
  stream,          // payload: bytes of a TCP line that were not there before
  sent,            // flags: TP_UNIT_*; payload: what the plugin sent
  http_request,    // line: the plugin's number of the request; payload: URL
  http_answer,     // line: the same number; payload: status (i32), URL's length (u32), URL, body
  dropped,         // payload: number of records (u64) that found the disk too slow
  closed,          // the instance ended in order
  setting          // at the beginning: key, a zero byte, value; secrets are left out
};

/// In a unit's flags: it came in one call together with the unit before it.
inline constexpr uint16_t continues_delivery = 0x8000;

struct preamble {
  uint32_t part = 0;    // of the session, from 0
  uint64_t session = 0; // all parts of one instance's life have the same
  uint64_t created_ns = 0;
  std::string venue, plugin; // the first 16 bytes of their names
};

struct record {
  record_kind kind = record_kind::unit;
  uint16_t flags = 0;
  uint32_t line = 0;
  uint64_t sequence = 0; // of the session, +1 a record
  uint64_t recv_ns = 0;
  std::span<const uint8_t> payload; // the reader's: TP_PADDING readable bytes lie behind it
  std::string_view text() const { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
};

struct opened_line {
  uint16_t kind = 0, role = 0; // TP_LINE_*, TP_ROLE_*
  std::string name, address;   // without the query of a URL, which may hold secrets
};

struct http_answer {
  int32_t status = 0;
  std::string_view url, body; // borrowed from the record
};

std::vector<uint8_t> encode(const preamble& first);
/// Nothing is wrong with `bytes` (64 of them) if `problem` stays empty.
preamble decode_preamble(std::span<const uint8_t> bytes, std::string& problem);

/// Appends head and payload to `to`; the payload may come in two pieces.
void append(std::vector<uint8_t>& to, const record& what, std::span<const uint8_t> second = {});

struct record_head {
  record what;
  uint32_t size = 0, check = 0;
};
record_head decode_head(std::span<const uint8_t, head_bytes> bytes);
/// What `check` of a record has to be: CRC-32 of its head without the check, and its payload.
uint32_t check_of(std::span<const uint8_t, head_bytes> head, std::span<const uint8_t> payload);

using settings = std::vector<std::pair<std::string, std::string>>;

std::vector<uint8_t> encode(const opened_line& line);
/// Nothing where the payload is too short for what it says.
bool decode(std::span<const uint8_t> payload, opened_line& into);
bool decode(std::span<const uint8_t> payload, http_answer& into);

} // namespace tickplant::capture
