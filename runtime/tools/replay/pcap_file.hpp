// Reads UDP datagrams from classic pcap files (micro- and nanoseconds, both byte orders): Ethernet with or without VLAN
// tags, IPv4. One file follows the other. Everything else is skipped and counted.
#pragma once

#include "runtime/tools/replay/input_window.hpp"
#include "runtime/tools/replay/record.hpp"

#include <string>
#include <vector>

namespace tickplant::replay {

struct pcap_counts {
  uint64_t packets = 0, datagrams = 0;
  uint64_t fragments = 0; // of IP: not put together
  uint64_t other = 0;     // not IPv4, not UDP, or with headers that make no sense
  uint64_t cut_short = 0; // the capture kept only the head of the packet; handed on, marked as truncated
};

class pcap_file final : public record_source {
public:
  pcap_file(const std::vector<std::string>& paths, bool whole);

  std::span<const record> next(size_t most) override;
  const pcap_counts& counts() const { return counts_; }

private:
  bool advance();
  enum class step : uint8_t { record, skipped, need_more, end };
  step read(record& into, bool may_fill);
  uint32_t number(const uint8_t* at) const;

  input_sequence files_;
  input_window* window_ = nullptr;
  bool swapped_ = false, nanoseconds_ = false; // of the current file
  pcap_counts counts_;
  std::vector<record> batch_;
};

/// The UDP datagram in an Ethernet frame.
struct datagram_view {
  enum class verdict : uint8_t { datagram, cut_short, fragment, other } what = verdict::other;
  endpoint from, to;
  std::span<const uint8_t> payload; // ends with the UDP length, without padding of the link
};
datagram_view read_ethernet(std::span<const uint8_t> frame);

} // namespace tickplant::replay
