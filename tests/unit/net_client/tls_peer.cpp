#include "tests/unit/net_client/tls_peer.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <unistd.h>

namespace tickplant::net::testing {

namespace {

std::FILE* create(const std::string& path) {
  std::FILE* out = std::fopen(path.c_str(), "wb");
  EXPECT_NE(out, nullptr) << path;
  return out;
}

} // namespace

identity::identity(const std::string& common_name, long valid_from_s, long valid_to_s, const std::string& password) {
  static int count = 0;
  const auto base =
    ::testing::TempDir() + "tickplant_tls_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  certificate_file = base + ".crt";
  key_file = base + ".key";
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), count);
  X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_to_s);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* out = create(certificate_file);
  PEM_write_X509(out, certificate);
  std::fclose(out);
  out = create(key_file);
  const auto* secret = reinterpret_cast<const unsigned char*>(password.data());
  PEM_write_PrivateKey(out, key, password.empty() ? nullptr : EVP_aes_128_cbc(), password.empty() ? nullptr : secret,
                       static_cast<int>(password.size()), nullptr, nullptr);
  std::fclose(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

identity::~identity() {
  std::remove(certificate_file.c_str());
  std::remove(key_file.c_str());
}

tls_peer::tls_peer(test_client& over, const wishes& wanted) : raw(over), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_, wanted.least);
  SSL_CTX_set_max_proto_version(context_, wanted.most);
  SSL_CTX_set_security_level(context_, 0); // so that old versions can be offered at all
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<tls_peer*>(SSL_get_app_data(ssl));
    SSL_SESSION_free(self->ticket);
    self->ticket = session;
    return 1; // ours from here on
  });
  if (!wanted.protocols.empty())
    SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(wanted.protocols.data()),
                            static_cast<unsigned>(wanted.protocols.size()));
  ssl_ = SSL_new(context_);
  SSL_set_app_data(ssl_, this);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  if (wanted.session) SSL_set_session(ssl_, wanted.session);
}

tls_peer::~tls_peer() {
  SSL_SESSION_free(ticket);
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void tls_peer::flush() {
  char block[16'384];
  for (int size; (size = BIO_read(SSL_get_wbio(ssl_), block, sizeof block)) > 0;)
    unsent.append(block, static_cast<size_t>(size));
  while (!unsent.empty()) {
    const size_t size = drips ? 1 : unsent.size();
    const ssize_t sent = ::send(raw.descriptor, unsent.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    unsent.erase(0, static_cast<size_t>(sent));
    if (drips) return;
  }
}

void tls_peer::step() {
  if (!raw.received.empty()) BIO_write(SSL_get_rbio(ssl_), raw.received.data(), static_cast<int>(raw.received.size()));
  raw.received.clear();
  char block[16'384];
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(ssl_, block, sizeof block); // goes on with the handshake too
    if (got > 0) {
      plain.received.append(block, static_cast<size_t>(got));
      continue;
    }
    const int why = SSL_get_error(ssl_, got);
    if (why == SSL_ERROR_ZERO_RETURN) plain.ended = true;
    if (why == SSL_ERROR_SSL) plain.reset = true;
    break;
  }
  flush();
}

void tls_peer::send(std::string_view bytes) {
  size_t sent = 0;
  EXPECT_EQ(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent), 1);
  flush();
}

void tls_peer::say_goodbye() {
  SSL_shutdown(ssl_);
  flush();
}

std::string tls_peer::subject() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  char text[256] = "";
  if (certificate) X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text, sizeof text);
  X509_free(certificate);
  return text;
}

} // namespace tickplant::net::testing
