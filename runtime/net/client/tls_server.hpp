// A certificate with its key, ready to serve TLS: 1.2 and 1.3, no renegotiation, no compression, ALPN http/1.1.
// Immutable; may be shared by the loops of all threads. Connections keep the one that they began with, so that a
// certificate is renewed by loading it anew and giving it to new connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace tickplant::net {

class tls_server {
public:
  /// Reads PEM files: the certificate with its chain behind it, and its key without a password. Throws
  /// std::runtime_error that names the file, the cause and what to do. Blocks for the reading of two small files.
  static std::shared_ptr<const tls_server> load(const std::string& certificate_file, const std::string& key_file);

  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  /// What is odd though it can be served: expired, or not valid yet, by the wall clock at loading. Empty: nothing.
  const std::string& warning() const { return warning_; }
  /// "CN = md.example.com"
  const std::string& subject() const { return subject_; }
  /// End of the certificate's validity, seconds since 1970 UTC.
  int64_t expires_s() const { return expires_s_; }
  /// For runtime/net only.
  ssl_ctx_st* context() const { return context_; }

private:
  tls_server();
  void judge(const std::string& certificate_file);

  ssl_ctx_st* context_;
  std::string warning_, subject_;
  int64_t expires_s_ = 0;
};

} // namespace tickplant::net
