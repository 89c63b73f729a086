// Certificates made on the spot, and the client's side of TLS over a test_client's raw bytes.
#pragma once

#include "runtime/net/client/tls_server.hpp"
#include "tests/unit/net_client/client_harness.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace tickplant::net::testing {

/// A self-signed certificate and its key in files, removed with it.
class identity {
public:
  explicit identity(const std::string& common_name, long valid_from_s = -3600, long valid_to_s = 3600,
                    const std::string& password = {});
  ~identity();
  identity(const identity&) = delete;
  identity& operator=(const identity&) = delete;
  std::string certificate_file, key_file;
  std::shared_ptr<const tls_server> load() const { return tls_server::load(certificate_file, key_file); }
};

/// Speaks TLS through a raw client: `step` after the raw bytes moved.
class tls_peer {
public:
  struct wishes {
    int least = TLS1_2_VERSION, most = TLS1_3_VERSION;
    std::string protocols = "\x08http/1.1"; // wire form of ALPN; empty: none
    SSL_SESSION* session = nullptr;
  };
  explicit tls_peer(test_client& over) : tls_peer(over, wishes{}) {}
  tls_peer(test_client& over, const wishes& wanted);
  ~tls_peer();
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  /// Moves what can move. Plain bytes of the server go to `plain.received`.
  void step();
  void send(std::string_view bytes);
  void say_goodbye();
  bool is_open() const { return SSL_is_init_finished(ssl_) == 1; }
  std::string subject() const;
  SSL* native() const { return ssl_; }

  test_client& raw;
  test_client plain;  // received, ended (close_notify), reset (fault)
  std::string unsent; // encrypted; goes out with `step`
  bool drips = false; // one byte a step
  SSL_SESSION* ticket = nullptr;

private:
  void flush();
  SSL_CTX* context_;
  SSL* ssl_;
};

} // namespace tickplant::net::testing
