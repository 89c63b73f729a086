#include "runtime/net/venue/tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace tickplant::net::venue {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

std::string tls_client::prepare(transport& t, const std::string& host) {
  error_code fault;
  if (!context_) {
    ssl::context context{ssl::context::tls_client};
    context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, fault);
    if (ca_file_.empty())
      context.set_default_verify_paths(fault);
    else
      context.load_verify_file(ca_file_, fault);
    if (fault)
      return "certificates of the authorities cannot be read from " +
             (ca_file_.empty() ? std::string{"the system's store"} : ca_file_) + ": " + fault.message();
    context.set_verify_mode(ssl::verify_peer, fault);
    context_.emplace(std::move(context));
  }
  auto& stream = t.use_tls(*context_);
  stream.set_verify_callback(ssl::host_name_verification{host}, fault);
  if (fault) return "TLS: " + fault.message();
  // RFC 6066, section 3: literal addresses are not sent as a server name.
  boost::asio::ip::make_address(host, fault);
  if (fault && !SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()))
    return "TLS: the server name is refused";
  return {};
}

std::string tls_client::explain(transport& t, const error_code& fault) {
  std::string text = fault.message();
  if (!t.tls()) return text;
  const long result = ::SSL_get_verify_result(t.tls()->native_handle());
  if (result != X509_V_OK) text += std::string{": "} + ::X509_verify_cert_error_string(result);
  return text;
}

} // namespace tickplant::net::venue
