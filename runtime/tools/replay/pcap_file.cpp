#include "runtime/tools/replay/pcap_file.hpp"

#include <algorithm>
#include <cstring>

namespace tickplant::replay {

namespace {

constexpr uint8_t udp_protocol = 17, tcp_protocol = 6;
constexpr size_t file_header = 24, packet_header = 16;
constexpr uint32_t largest_packet = 262'144; // the largest snapshot length that capture programs take
constexpr uint32_t ethernet = 1;

uint16_t be16(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}
uint32_t be32(const uint8_t* at) {
  return static_cast<uint32_t>(be16(at)) << 16 | be16(at + 2);
}

} // namespace

datagram_view read_ethernet(std::span<const uint8_t> frame) {
  using verdict = datagram_view::verdict;
  constexpr size_t tag = 4, ip_least = 20, udp_header = 8, tcp_least = 20;
  datagram_view view;
  size_t at = 12; // behind both addresses
  for (int tags = 0; at + 2 <= frame.size() && tags < 4; ++tags) {
    const uint16_t type = be16(&frame[at]);
    if (type != 0x8100 && type != 0x88A8 && type != 0x9100) break;
    at += tag;
  }
  if (at + 2 > frame.size() || be16(&frame[at]) != 0x0800) return view;
  const auto ip = frame.subspan(at + 2);
  if (ip.size() < ip_least || ip[0] >> 4 != 4) return view;
  const size_t ip_header = (ip[0] & 15u) * 4u, ip_length = be16(&ip[2]);
  if (ip_header < ip_least || ip_length < ip_header) return view;
  view.is_segment = ip[9] == tcp_protocol;
  if (!view.is_segment && ip[9] != udp_protocol) return view;
  if (be16(&ip[6]) & 0x3FFF) { // more fragments, or not the first one
    view.what = verdict::fragment;
    return view;
  }
  if (ip.size() < ip_header + (view.is_segment ? tcp_least : udp_header)) return view;
  const auto inner = ip.subspan(ip_header);
  size_t length = ip_length - ip_header, header = udp_header;
  if (view.is_segment) {
    header = (inner[12] >> 4) * size_t{4};
    if (header < tcp_least || header > length || header > inner.size()) return view;
    constexpr uint8_t fin = 1, syn = 2, rst = 4;
    view.tcp = {be32(&inner[4]), (inner[13] & syn) != 0, (inner[13] & (fin | rst)) != 0};
  } else {
    const size_t udp_length = be16(&inner[4]);
    if (udp_length < udp_header || udp_length > length) return view;
    length = udp_length;
  }
  view.from = {be32(&ip[12]), be16(&inner[0])};
  view.to = {be32(&ip[16]), be16(&inner[2])};
  view.what = inner.size() < length ? verdict::cut_short : verdict::whole;
  view.payload = inner.subspan(header, std::min(inner.size(), length) - header);
  return view;
}

pcap_file::pcap_file(const std::vector<std::string>& paths, bool whole, std::vector<endpoint> servers)
  : servers_(std::move(servers)), files_(paths, whole) {
  advance();
}

uint32_t pcap_file::number(const uint8_t* at) const {
  const uint32_t big = be32(at);
  return swapped_ ? big >> 24 | (big >> 8 & 0xFF00) | (big << 8 & 0xFF0000) | big << 24 : big;
}

bool pcap_file::advance() {
  window_ = files_.advance();
  if (!window_) return false;
  window_->fill(file_header);
  const auto bytes = window_->bytes();
  const auto refuse = [&](uint64_t offset, const std::string& why) { throw input_fault{window_->path(), offset, why}; };
  if (bytes.size() >= 4 && be32(bytes.data()) == 0x0A0D0D0A)
    refuse(0, "is a pcapng file, wanted classic pcap; convert it with: editcap -F nsecpcap IN OUT");
  if (bytes.size() < file_header) refuse(0, "is shorter than the header of a pcap file");
  switch (be32(bytes.data())) {
    case 0xA1B2C3D4: swapped_ = false, nanoseconds_ = false; break;
    case 0xD4C3B2A1: swapped_ = true, nanoseconds_ = false; break;
    case 0xA1B23C4D: swapped_ = false, nanoseconds_ = true; break;
    case 0x4D3CB2A1: swapped_ = true, nanoseconds_ = true; break;
    default: refuse(0, "is no pcap file: it does not begin with its magic number");
  }
  const uint32_t link = number(bytes.data() + 20) & 0x0FFFFFFF;
  if (link != ethernet) refuse(20, "has link type " + std::to_string(link) + ", wanted 1 (Ethernet)");
  window_->skip(file_header);
  return true;
}

pcap_file::step pcap_file::read(record& into, bool may_fill) {
  if (may_fill && window_->bytes().size() < packet_header + largest_packet)
    window_->fill(packet_header + largest_packet);
  const auto bytes = window_->bytes();
  if (bytes.size() < packet_header) {
    if (!may_fill) return step::need_more;
    if (bytes.empty()) return step::end;
    throw input_fault{window_->path(), window_->offset(), "the file ends inside a packet's header"};
  }
  const uint32_t size = number(bytes.data() + 8);
  if (size > largest_packet)
    throw input_fault{window_->path(), window_->offset() + 8,
                      "a packet of " + std::to_string(size) + " bytes, at most 262144 make sense"};
  if (bytes.size() < packet_header + size) {
    if (!may_fill) return step::need_more;
    throw input_fault{window_->path(), window_->offset(), "the file ends inside a packet"};
  }
  const uint64_t fraction = number(bytes.data() + 4);
  const uint64_t ns =
    number(bytes.data()) * 1'000'000'000ull + std::min<uint64_t>(fraction * (nanoseconds_ ? 1u : 1000u), 999'999'999);
  const auto view = read_ethernet(bytes.subspan(packet_header, size));
  window_->skip(packet_header + size);
  ++counts_.packets;
  using verdict = datagram_view::verdict;
  const bool is_wanted = !view.is_segment || std::ranges::find(servers_, view.from) != servers_.end();
  if (view.what == verdict::fragment || view.what == verdict::other || !is_wanted) {
    ++(view.what == verdict::fragment ? counts_.fragments : counts_.other);
    return step::skipped;
  }
  ++(view.is_segment ? counts_.segments : counts_.datagrams);
  if (view.what == verdict::cut_short) ++counts_.cut_short;
  into = {.data = view.payload.data(),
          .size = static_cast<uint32_t>(view.payload.size()),
          .kind = view.is_segment ? record_kind::segment : record_kind::datagram,
          .is_truncated = view.what == verdict::cut_short,
          .ns = ns,
          .from = view.from,
          .to = view.to,
          .label = {},
          .tcp = view.tcp};
  return step::record;
}

std::span<const record> pcap_file::next(size_t most) {
  batch_.clear();
  files_.drop_done();
  while (batch_.size() < most && window_) {
    record next;
    const step done = read(next, batch_.empty());
    if (done == step::record)
      batch_.push_back(next);
    else if (done == step::need_more)
      break;
    else if (done == step::end && !advance())
      break;
  }
  return batch_;
}

} // namespace tickplant::replay
