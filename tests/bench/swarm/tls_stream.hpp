// A client's side of TLS over a socket that does not block. Certificates are not checked: a load comes to a server that
// it knows.
#pragma once

#include <memory>

#include <openssl/ssl.h>
#include <sys/types.h>

namespace tickplant::load {

struct tls_deleter {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
  void operator()(SSL* stream) const { ::SSL_free(stream); }
};
using tls_context = std::unique_ptr<SSL_CTX, tls_deleter>;

/// Throws std::runtime_error.
tls_context make_tls_context();

class tls_stream {
public:
  enum class step { done, wants_read, wants_write, failed };

  /// The descriptor stays the caller's.
  tls_stream(SSL_CTX& context, int descriptor);
  step shake();
  /// As recv and send: -1 with errno EAGAIN when there is nothing to be had now.
  ssize_t read(void* to, size_t size);
  ssize_t write(const void* from, size_t size);
  /// Bytes are here that epoll does not know of.
  bool has_more() const { return ::SSL_pending(stream_.get()) > 0; }

private:
  ssize_t result(int got);
  std::unique_ptr<SSL, tls_deleter> stream_;
};

} // namespace tickplant::load
