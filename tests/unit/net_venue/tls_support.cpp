#include "tls_support.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace tickplant::net {

namespace {

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) throw std::runtime_error("extension refused: " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* make_certificate(const char* common_name, long serial, EVP_PKEY* key) {
  auto* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return certificate;
}

} // namespace

test_authority::test_authority() : key_(EVP_EC_gen("P-256")) {
  static int count = 0;
  ++count;
  certificate_ = make_certificate(("test authority " + std::to_string(count)).c_str(), 1, key_);
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate_, key_, EVP_sha256());
  file_ = testing::TempDir() + "tickplant_ca_" + std::to_string(::getpid()) + "_" + std::to_string(count) + ".pem";
  auto* out = std::fopen(file_.c_str(), "wb");
  if (!out) throw std::runtime_error("cannot write " + file_);
  PEM_write_X509(out, certificate_);
  std::fclose(out);
}

test_authority::~test_authority() {
  std::remove(file_.c_str());
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

boost::asio::ssl::context test_authority::server_for(const std::string& names) const {
  auto* key = EVP_EC_gen("P-256");
  auto* certificate = make_certificate("test server", 2, key);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  add_extension(certificate, certificate_, NID_subject_alt_name, names);
  X509_sign(certificate, key_, EVP_sha256());
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
  SSL_CTX_use_certificate(context.native_handle(), certificate);
  SSL_CTX_use_PrivateKey(context.native_handle(), key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return context;
}

} // namespace tickplant::net
