#include "runtime/net/venue/datagram_batch.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <cstring>
#include <ctime>

namespace tickplant::net::venue {

namespace {
constexpr size_t largest_datagram = 65535;
constexpr size_t line_of_cache = 64;
} // namespace

// Slots are not filled with zeros: pages that no datagram reaches are never touched.
datagram_batch::datagram_batch(uint32_t max_unit, bool with_senders)
  : max_unit_(std::min<size_t>(max_unit, largest_datagram)), with_senders_(with_senders), headers_(capacity),
    parts_(capacity), senders_(with_senders ? capacity : 0) {
  stride_ = (max_unit_ + TP_PADDING + line_of_cache - 1) / line_of_cache * line_of_cache;
  memory_ = std::make_unique_for_overwrite<uint8_t[]>(stride_ * capacity);
  controls_ = std::make_unique<uint8_t[]>(control_size * capacity);
  for (size_t i = 0; i < capacity; ++i) {
    parts_[i] = {slot(i), max_unit_};
    auto& head = headers_[i].msg_hdr;
    head.msg_iov = &parts_[i];
    head.msg_iovlen = 1;
    head.msg_control = controls_.get() + i * control_size;
    if (with_senders_) head.msg_name = &senders_[i];
  }
}

int datagram_batch::receive(int descriptor) {
  for (size_t i = 0; i < used_; ++i) {
    headers_[i].msg_hdr.msg_controllen = control_size;
    headers_[i].msg_hdr.msg_namelen = with_senders_ ? sizeof(sockaddr_storage) : 0;
  }
  const int count = ::recvmmsg(descriptor, headers_.data(), static_cast<unsigned>(capacity), MSG_DONTWAIT, nullptr);
  // A failed call may have written to one header more than it tells of.
  used_ = count > 0 ? std::min(static_cast<size_t>(count) + 1, capacity) : 1;
  return count;
}

datagram datagram_batch::at(size_t i) const {
  datagram out;
  const auto& message = headers_[i];
  out.data = slot(i);
  out.size = message.msg_len;
  out.is_truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0;
  auto* head = const_cast<msghdr*>(&message.msg_hdr); // the macros of the C library know no const
  for (auto* c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp;
      std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
      out.received_ns = static_cast<uint64_t>(stamp.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(stamp.tv_nsec);
    } else if (c->cmsg_type == SO_RXQ_OVFL) {
      uint32_t drops;
      std::memcpy(&drops, CMSG_DATA(c), sizeof drops);
      out.drops = drops;
    }
  }
  if (with_senders_) {
    const size_t size = std::min<size_t>(message.msg_hdr.msg_namelen, out.sender.capacity());
    std::memcpy(out.sender.data(), &senders_[i], size);
    out.sender.resize(size);
  }
  return out;
}

} // namespace tickplant::net::venue
