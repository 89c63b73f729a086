#include "runtime/net/client/tls_link.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/socket.h>

namespace tickplant::net {

namespace {

/// Records read at once; many tiny ones wait for the next turn, whose event comes for what is left in the kernel.
constexpr int records_per_read = 64;

int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

bool is_temporary(int cause) {
  return cause == EAGAIN || cause == EINTR || cause == ENOBUFS;
}

int socket_write(BIO* bio, const char* bytes, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t taken = ::send(descriptor_of(bio), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  *written = taken > 0 ? static_cast<size_t>(taken) : 0;
  if (taken > 0) return 1;
  if (taken < 0 && is_temporary(errno)) BIO_set_retry_write(bio);
  return 0;
}

int socket_read(BIO* bio, char* room, size_t size, size_t* read) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(descriptor_of(bio), room, size, MSG_DONTWAIT);
  *read = got > 0 ? static_cast<size_t>(got) : 0;
  if (got > 0) return 1;
  if (got < 0 && is_temporary(errno)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return 0;
}

long socket_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

/// OpenSSL's own socket BIO writes by write(2), whose SIGPIPE would end a process that does not ignore it.
BIO_METHOD* quiet_socket() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "quiet socket");
    if (!out) return out;
    BIO_meth_set_write_ex(out, socket_write);
    BIO_meth_set_read_ex(out, socket_read);
    BIO_meth_set_ctrl(out, socket_control);
    return out;
  }();
  return method;
}

} // namespace

tls_link::~tls_link() {
  SSL_free(ssl_);
}

bool tls_link::start(int descriptor) {
  ERR_clear_error();
  ssl_ = SSL_new(server_->context());
  BIO_METHOD* const method = quiet_socket();
  BIO* const bio = ssl_ && method ? BIO_new(method) : nullptr;
  if (!bio) return false;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio); // owns it
  SSL_set_accept_state(ssl_);
  return true;
}

tls_link::step tls_link::shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  wants_write_ = false;
  if (result == 1) {
    open_ = true;
    server_.reset(); // the connection holds the context itself
    return step::done;
  }
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return step::again;
    case SSL_ERROR_WANT_WRITE: wants_write_ = true; return step::again;
    default: break;
  }
  broken_ = true;
  ERR_clear_error();
  return step::failed;
}

/// As recv, of one record.
ssize_t tls_link::read_record(std::span<uint8_t> room) {
  ERR_clear_error();
  wants_write_ = false;
  size_t got = 0;
  const int result = SSL_read_ex(ssl_, room.data(), room.size(), &got);
  if (result == 1) return static_cast<ssize_t>(got);
  const int fault = SSL_get_error(ssl_, result);
  ERR_clear_error();
  if (fault == SSL_ERROR_ZERO_RETURN) return 0;
  wants_write_ = fault == SSL_ERROR_WANT_WRITE;
  const bool again = wants_write_ || fault == SSL_ERROR_WANT_READ;
  broken_ = broken_ || !again;
  errno = again ? EAGAIN : ECONNRESET;
  return -1;
}

ssize_t tls_link::read(std::span<uint8_t> room) {
  ssize_t total = 0;
  for (int count = 0; count != records_per_read && room.size() >= record_size; ++count) {
    const ssize_t got = read_record(room);
    if (got <= 0) {
      const bool nothing_now = got < 0 && errno == EAGAIN;
      if (total == 0) return got;
      ended_ = !nothing_now;
      break;
    }
    total += got;
    room = room.subspan(static_cast<size_t>(got));
  }
  return total;
}

ssize_t tls_link::write(std::span<const uint8_t> bytes) {
  if (broken_ || parted_) return -1;
  const auto offered = bytes.first(std::min(bytes.size(), std::max(record_size, size_t{owed_})));
  ERR_clear_error();
  wants_read_ = false;
  size_t taken = 0;
  const int result = SSL_write_ex(ssl_, offered.data(), offered.size(), &taken);
  if (result == 1) {
    owed_ = 0;
    return static_cast<ssize_t>(taken);
  }
  const int fault = SSL_get_error(ssl_, result);
  ERR_clear_error();
  wants_read_ = fault == SSL_ERROR_WANT_READ;
  if (fault == SSL_ERROR_WANT_WRITE || wants_read_) {
    if (owed_ == 0) owed_ = static_cast<uint32_t>(offered.size());
    return 0;
  }
  broken_ = true;
  return -1;
}

void tls_link::say_goodbye() {
  if (!open_ || broken_ || parted_ || owed_ != 0) return;
  parted_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_); // its own half alone: the peer's answer is not waited for
  ERR_clear_error();
}

} // namespace tickplant::net
