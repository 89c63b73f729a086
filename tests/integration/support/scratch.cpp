#include "scratch.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tickplant::testing {

namespace {

constexpr int most_tries = 100;

/// A socket bound to a port of 127.0.0.1 (0: any), or -1.
int bound_socket(int type, uint16_t port) {
  const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "socket");
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

uint16_t port_of(int descriptor) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::system_error(errno, std::generic_category(), "getsockname");
  return ntohs(at.sin_port);
}

} // namespace

udp_port::udp_port() {
  for (int i = 0; i < most_tries; ++i) {
    const int probe = bound_socket(SOCK_DGRAM, 0);
    if (probe < 0) continue;
    number_ = port_of(probe);
    sign_ = bound_socket(SOCK_STREAM, number_);
    ::close(probe);
    if (sign_ >= 0) return;
  }
  throw std::runtime_error("no free UDP port");
}

udp_port::~udp_port() {
  ::close(sign_);
}

taken_tcp_port::taken_tcp_port() : descriptor_(bound_socket(SOCK_STREAM, 0)) {
  if (descriptor_ < 0 || ::listen(descriptor_, 1) != 0) throw std::runtime_error("no free TCP port");
  number_ = port_of(descriptor_);
}

taken_tcp_port::~taken_tcp_port() {
  ::close(descriptor_);
}

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "tickplant-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string scratch_folder::write(const std::string& name, const std::string& text) const {
  const auto path = path_ / name;
  std::ofstream file{path, std::ios::binary};
  if (!(file << text) || !file.flush()) throw std::runtime_error("cannot write " + path.string());
  return path.string();
}

} // namespace tickplant::testing
