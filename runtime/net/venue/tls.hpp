// The client side of TLS: which authorities are trusted, and checking that the certificate is the host's.
#pragma once

#include "runtime/net/venue/transport.hpp"

#include <boost/asio/ssl/context.hpp>

#include <optional>
#include <string>

namespace tickplant::net::venue {

class tls_client {
public:
  explicit tls_client(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  /// Makes `t` a TLS stream that accepts `host` only. Answers what is wrong, empty = nothing.
  std::string prepare(transport& t, const std::string& host);
  /// Why a handshake failed, with the reason of the certificate check.
  static std::string explain(transport& t, const boost::system::error_code& fault);

private:
  std::string ca_file_;
  std::optional<boost::asio::ssl::context> context_; // made at the first use: most venues have no TLS
};

} // namespace tickplant::net::venue
