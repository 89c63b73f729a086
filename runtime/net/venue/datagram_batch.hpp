// Up to 64 datagrams by one recvmmsg, into memory that is made once: with kernel time stamps, the socket's count of
// drops and, where asked for, the senders.
#pragma once

#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <sys/socket.h>

namespace tickplant::net::venue {

struct datagram {
  const uint8_t* data = nullptr; ///< TP_PADDING readable bytes lie behind it
  uint32_t size = 0;
  uint64_t received_ns = 0; ///< by the kernel, 0 = no stamp
  std::optional<uint32_t> drops;
  bool is_truncated = false;
  boost::asio::ip::udp::endpoint sender; ///< only with senders
};

class datagram_batch {
public:
  static constexpr size_t capacity = 64;

  datagram_batch(uint32_t max_unit, bool with_senders);

  bool has_senders() const { return with_senders_; }
  /// How many came, or -1 with errno. Overwrites the batch before it; never blocks.
  int receive(int descriptor);
  /// `i` below what `receive` answered.
  datagram at(size_t i) const;

private:
  static constexpr size_t control_size = 128;
  uint8_t* slot(size_t i) const { return memory_.get() + i * stride_; }

  size_t stride_, max_unit_, used_ = capacity;
  bool with_senders_;
  std::unique_ptr<uint8_t[]> memory_;
  std::vector<mmsghdr> headers_;
  std::vector<iovec> parts_;
  std::vector<sockaddr_storage> senders_;
  std::unique_ptr<uint8_t[]> controls_;
};

} // namespace tickplant::net::venue
