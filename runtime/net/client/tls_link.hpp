// The TLS of one client over its own non-blocking socket, which it does not own. Reads and writes like a socket, with
// one difference: a record that the kernel did not take is encrypted already, so the same bytes must be offered again
// (`owed`). Loop's thread only.
#pragma once

#include "runtime/net/client/tls_server.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <sys/types.h>

struct ssl_st;

namespace tickplant::net {

class tls_link {
public:
  /// Plain bytes of one record at most (RFC 8446, section 5.1).
  static constexpr size_t record_size = 16 * 1024;

  explicit tls_link(std::shared_ptr<const tls_server> server) : server_(std::move(server)) {}
  ~tls_link();
  tls_link(const tls_link&) = delete;
  tls_link& operator=(const tls_link&) = delete;

  /// Begins the handshake; memory is taken from here on only. False: no memory.
  bool start(int descriptor);
  bool is_started() const { return ssl_ != nullptr; }
  enum class step : uint8_t { done, again, failed };
  /// Goes on with the handshake as far as the socket allows.
  step shake();
  bool is_open() const { return open_; }

  /// As recv: bytes, 0 at the end, -1 with errno (EAGAIN: nothing now). Whole records are read while `record_size`
  /// bytes of room are left, so that none is left half read inside, where epoll would not see it.
  ssize_t read(std::span<uint8_t> room);
  /// Whether `read` came upon the end, or a fault, behind bytes that it answered: it wants to be called again.
  bool has_ended() const { return ended_; }

  /// Bytes taken of the first record's worth, 0 if the socket takes none, -1 if the link is lost. After 0 with `owed`
  /// bytes the next call must begin with the same bytes.
  ssize_t write(std::span<const uint8_t> bytes);
  size_t owed() const { return owed_; }

  /// Directions that the protocol itself waits for.
  bool wants_write() const { return wants_write_; }
  bool wants_read() const { return wants_read_; }

  /// Tells the peer that nothing follows (close_notify), once, if the link is sound and owes nothing.
  void say_goodbye();

private:
  ssize_t read_record(std::span<uint8_t> room);

  std::shared_ptr<const tls_server> server_;
  ssl_st* ssl_ = nullptr;
  uint32_t owed_ = 0;
  bool open_ = false, ended_ = false, broken_ = false, parted_ = false;
  bool wants_write_ = false; // of the handshake, or of a read
  bool wants_read_ = false;  // of a write
};

} // namespace tickplant::net
