#include "tcp_segments.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

// The C library's tcp_info ends before this count (tcp(7)), and its header cannot stand beside the kernel's.
#include <linux/tcp.h>

namespace tickplant::load {

uint64_t data_segments_of(int descriptor) {
  tcp_info told{};
  socklen_t size = sizeof told;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &told, &size) != 0) return 0;
  return size > offsetof(tcp_info, tcpi_data_segs_in) ? told.tcpi_data_segs_in : 0;
}

} // namespace tickplant::load
