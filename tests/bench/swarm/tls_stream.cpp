#include "tls_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <stdexcept>

#include <openssl/err.h>

namespace tickplant::load {

tls_context make_tls_context() {
  tls_context made{::SSL_CTX_new(::TLS_client_method())};
  if (!made) throw std::runtime_error("OpenSSL does not start");
  ::SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
  ::SSL_CTX_set_mode(made.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  return made;
}

tls_stream::tls_stream(SSL_CTX& context, int descriptor) : stream_(::SSL_new(&context)) {
  if (!stream_ || ::SSL_set_fd(stream_.get(), descriptor) != 1) throw std::bad_alloc{};
  ::SSL_set_connect_state(stream_.get());
}

tls_stream::step tls_stream::shake() {
  ::ERR_clear_error();
  const int got = ::SSL_do_handshake(stream_.get());
  if (got == 1) return step::done;
  switch (::SSL_get_error(stream_.get(), got)) {
    case SSL_ERROR_WANT_READ: return step::wants_read;
    case SSL_ERROR_WANT_WRITE: return step::wants_write;
    default: return step::failed;
  }
}

ssize_t tls_stream::read(void* to, size_t size) {
  ::ERR_clear_error();
  return result(::SSL_read(stream_.get(), to, static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

ssize_t tls_stream::write(const void* from, size_t size) {
  ::ERR_clear_error();
  return result(::SSL_write(stream_.get(), from, static_cast<int>(std::min<size_t>(size, INT_MAX))));
}

ssize_t tls_stream::result(int got) {
  if (got > 0) return got;
  switch (::SSL_get_error(stream_.get(), got)) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_SYSCALL: return errno == 0 ? 0 : -1;
    default: errno = EPROTO; return -1;
  }
}

} // namespace tickplant::load
