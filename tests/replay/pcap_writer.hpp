// Frames of Ethernet with UDP or TCP in them, and classic pcap files of frames.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace tickplant::replay::testing {

inline std::string big(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

struct frame_options {
  size_t vlans = 0, ip_options = 0, padding = 0;
  uint16_t fragment = 0, type = 0x0800;
  uint8_t protocol = 17;
  int udp_length_off = 0;
};

inline std::string frame(const std::string& payload, frame_options o = {}) {
  std::string text(12, '\1');
  for (size_t i = 0; i < o.vlans; ++i) text += big(i == 0 && o.vlans > 1 ? 0x88A8 : 0x8100, 2) + big(7, 2);
  text += big(o.type, 2);
  const size_t header = 20 + o.ip_options;
  text += big(0x40 | header / 4, 1) + big(0, 1) + big(header + 8 + payload.size(), 2) + big(0, 2) + big(o.fragment, 2) +
          big(64, 1) + big(o.protocol, 1) + big(0, 2) + big(0xC0000209, 4) + big(0xEF010101, 4) +
          std::string(o.ip_options, '\1');
  text += big(18000, 2) + big(26400, 2) +
          big(static_cast<uint64_t>(static_cast<int>(8 + payload.size()) + o.udp_length_off), 2) + big(0, 2);
  return text + payload + std::string(o.padding, 'p');
}

struct segment_options {
  uint32_t sequence = 0;
  bool syn = false, fin = false;
  uint16_t client_port = 5'000;
};

/// From the same server, 192.0.2.9:18000, to 10.0.0.1.
inline std::string segment(const std::string& payload, segment_options o = {}) {
  const size_t options = 4;
  return std::string(12, '\1') + big(0x0800, 2) + big(0x45, 1) + big(0, 1) +
         big(20 + 20 + options + payload.size(), 2) + big(0, 2) + big(0x4000, 2) + big(64, 1) + big(6, 1) + big(0, 2) +
         big(0xC0000209, 4) + big(0x0A000001, 4) + big(18000, 2) + big(o.client_port, 2) + big(o.sequence, 4) +
         big(0, 4) + big((20 + options) / 4 << 4, 1) + big(0x10 | (o.syn ? 2 : 0) | (o.fin ? 1 : 0), 1) + big(0, 6) +
         std::string(options, '\1') + payload;
}

struct pcap_writer {
  bool little = false, nanoseconds = false;
  std::string number(uint32_t value) const {
    std::string text = big(value, 4);
    if (little) std::reverse(text.begin(), text.end());
    return text;
  }
  std::string header(uint32_t link = 1) const {
    return number(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4) + std::string(12, '\0') + number(65'535) + number(link);
  }
  std::string packet(const std::string& bytes, uint32_t seconds, uint32_t fraction, size_t kept = SIZE_MAX) const {
    const auto part = bytes.substr(0, std::min(kept, bytes.size()));
    return number(seconds) + number(fraction) + number(static_cast<uint32_t>(part.size())) +
           number(static_cast<uint32_t>(bytes.size())) + part;
  }
};

} // namespace tickplant::replay::testing
