// Certificates made on the spot: an authority, and what it signs.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace tickplant::net {

class test_authority {
public:
  test_authority();
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  /// Its certificate as a PEM file.
  const std::string& file() const { return file_; }
  /// A server whose certificate is good for `names`, such as "DNS:localhost,IP:127.0.0.1".
  boost::asio::ssl::context server_for(const std::string& names) const;

private:
  EVP_PKEY* key_;
  X509* certificate_;
  std::string file_;
};

} // namespace tickplant::net
