// Reads UDP datagrams from classic pcap files (micro- and nanoseconds, both byte orders): Ethernet with or without VLAN
// tags, IPv4. One file follows the other. TCP segments of named servers are read too. Everything else is skipped and
// counted.
#pragma once

#include "runtime/tools/replay/input_window.hpp"
#include "runtime/tools/replay/record.hpp"

#include <string>
#include <vector>

namespace tickplant::replay {

struct pcap_counts {
  uint64_t packets = 0, datagrams = 0;
  uint64_t segments = 0;  // of TCP, from servers that were named
  uint64_t fragments = 0; // of IP: not put together
  uint64_t other = 0;     // not IPv4, not UDP, or with headers that make no sense
  uint64_t cut_short = 0; // the capture kept only the head of the packet; handed on, marked as truncated
};

class pcap_file final : public record_source {
public:
  /// `servers`: whose TCP segments are wanted.
  pcap_file(const std::vector<std::string>& paths, bool whole, std::vector<endpoint> servers = {});

  std::span<const record> next(size_t most) override;
  const pcap_counts& counts() const { return counts_; }

private:
  bool advance();
  enum class step : uint8_t { record, skipped, need_more, end };
  step read(record& into, bool may_fill);
  uint32_t number(const uint8_t* at) const;

  std::vector<endpoint> servers_;
  input_sequence files_;
  input_window* window_ = nullptr;
  bool swapped_ = false, nanoseconds_ = false; // of the current file
  pcap_counts counts_;
  std::vector<record> batch_;
};

/// The UDP datagram or TCP segment in an Ethernet frame.
struct datagram_view {
  enum class verdict : uint8_t { whole, cut_short, fragment, other } what = verdict::other;
  bool is_segment = false;
  endpoint from, to;
  std::span<const uint8_t> payload; // ends with the length of UDP or IP, without padding of the link
  decltype(record::tcp) tcp;
};
datagram_view read_ethernet(std::span<const uint8_t> frame);

} // namespace tickplant::replay
