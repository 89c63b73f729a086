#include "runtime/net/client/tls_server.hpp"

#include "runtime/net/event_loop.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <string_view>

namespace tickplant::net {

namespace {

constexpr const char* protocols = "http/1.1";

/// OpenSSL's first reason, which is the most telling one; its queue is empty behind.
std::string reason() {
  const unsigned long code = ERR_get_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return text ? text : "no reason given";
}

[[noreturn]] void fail(const std::string& file, const std::string& why) {
  throw std::runtime_error("TLS: " + file + ": " + why);
}

/// What OpenSSL says of a file that cannot be read is of little help.
void check_readable(const std::string& file, const char* what) {
  if (file.empty()) throw std::runtime_error(std::string{"TLS: no "} + what + " file is named");
  std::FILE* in = std::fopen(file.c_str(), "rb");
  if (!in) fail(file, std::string{what} + " cannot be opened: " + std::strerror(errno));
  errno = 0;
  const bool is_empty = std::fgetc(in) == EOF;
  const int cause = errno;
  std::fclose(in);
  if (cause != 0) fail(file, std::string{what} + " cannot be read: " + std::strerror(cause));
  if (is_empty) fail(file, std::string{what} + " file is empty");
}

/// A password cannot be asked for here; that one was wanted is the answer.
int refuse_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// RFC 7301: of the peer's protocols ours, or an alert.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                    void*) {
  const std::string_view ours{protocols};
  for (unsigned at = 0; at < in_size; at += 1u + in[at]) {
    const unsigned size = in[at];
    if (size != ours.size() || at + 1 + size > in_size || std::memcmp(in + at + 1, ours.data(), size) != 0) continue;
    *out = in + at + 1;
    *out_size = static_cast<unsigned char>(size);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void use_key(SSL_CTX* context, const std::string& file, const std::string& certificate_file) {
  bool password_asked = false;
  SSL_CTX_set_default_passwd_cb(context, refuse_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, &password_asked);
  ERR_clear_error();
  const bool right = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  SSL_CTX_set_default_passwd_cb(context, nullptr);
  if (right && SSL_CTX_check_private_key(context) == 1) return;
  if (password_asked) {
    ERR_clear_error();
    fail(file, "key is protected by a password; store it without one (openssl pkey -in FILE -out NEW), readable by "
               "the server alone");
  }
  const int code = ERR_GET_REASON(ERR_peek_last_error());
  const bool other = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509 &&
                     (code == X509_R_KEY_VALUES_MISMATCH || code == X509_R_KEY_TYPE_MISMATCH);
  if (other) {
    ERR_clear_error();
    fail(file, "key does not belong to the certificate " + certificate_file);
  }
  fail(file, "no private key in PEM form can be read from it: " + reason());
}

} // namespace

tls_server::tls_server() : context_(SSL_CTX_new(TLS_server_method())) {
  if (!context_) throw std::runtime_error("TLS: no context: " + reason());
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  if (SSL_CTX_get_security_level(context_) < 2) SSL_CTX_set_security_level(context_, 2);
  // TLS 1.2 with forward secrecy and authenticated encryption alone; what TLS 1.3 has is all right.
  if (SSL_CTX_set_cipher_list(context_, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    throw std::runtime_error("TLS: ciphers are not available: " + reason());
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                  SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context_,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets, which the clients keep: nothing is stored here.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
}

tls_server::~tls_server() {
  SSL_CTX_free(context_);
}

std::shared_ptr<const tls_server> tls_server::load(const std::string& certificate_file, const std::string& key_file) {
  check_readable(certificate_file, "certificate");
  check_readable(key_file, "key");
  const std::shared_ptr<tls_server> out{new tls_server};
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(out->context_, certificate_file.c_str()) != 1)
    fail(certificate_file, "no certificate in PEM form can be used from it: " + reason());
  use_key(out->context_, key_file, certificate_file);
  out->judge(certificate_file);
  return out;
}

void tls_server::judge(const std::string& certificate_file) {
  X509* certificate = SSL_CTX_get0_certificate(context_);
  char text[256] = "";
  X509_NAME* const name = X509_get_subject_name(certificate);
  if (BIO* out = BIO_new(BIO_s_mem())) {
    X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    const int size = BIO_read(out, text, sizeof text - 1);
    if (size > 0) subject_.assign(text, static_cast<size_t>(size));
    BIO_free(out);
  }
  const auto seconds_of = [](const ASN1_TIME* time) {
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<int64_t>(timegm(&parts)) : int64_t{0};
  };
  const auto day_of = [](int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&time, &parts);
    char day[32];
    return std::string{day, std::strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S UTC", &parts)};
  };
  const auto now = static_cast<int64_t>(wall_now_ns() / 1'000'000'000);
  const int64_t begins = seconds_of(X509_get0_notBefore(certificate));
  expires_s_ = seconds_of(X509_get0_notAfter(certificate));
  if (expires_s_ <= now)
    warning_ = certificate_file + ": certificate has expired on " + day_of(expires_s_) + "; clients will refuse it";
  else if (begins > now)
    warning_ = certificate_file + ": certificate is not valid before " + day_of(begins) + "; clients will refuse it";
  ERR_clear_error();
}

} // namespace tickplant::net
