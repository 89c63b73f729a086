// A WebSocket of a client, over TCP or over TLS.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <optional>
#include <string>

namespace tickplant::testing {

/// One thread uses it at a time.
class client_stream {
public:
  using plain_stream = boost::beast::websocket::stream<boost::beast::tcp_stream>;
  using tls_stream = boost::beast::websocket::stream<boost::beast::ssl_stream<boost::beast::tcp_stream>>;

  client_stream(boost::asio::io_context& io, bool has_tls) {
    if (has_tls)
      tls_.emplace(io, trust_);
    else
      plain_.emplace(io);
  }

  /// Calls `use` with the WebSocket stream, whichever it is.
  template <class Use>
  void with(Use&& use) {
    if (tls_)
      use(*tls_);
    else
      use(*plain_);
  }

  boost::asio::ip::tcp::socket& socket() {
    return (tls_ ? boost::beast::get_lowest_layer(*tls_) : boost::beast::get_lowest_layer(*plain_)).socket();
  }

  /// Calls `done` with the outcome; at once without TLS.
  template <class Done>
  void shake_tls(Done&& done) {
    if (tls_)
      tls_->next_layer().async_handshake(boost::asio::ssl::stream_base::client, std::forward<Done>(done));
    else
      done(boost::system::error_code{});
  }

  /// The common name of the certificate that the server showed.
  std::string certificate_name() {
    if (!tls_) return {};
    X509* const shown = SSL_get1_peer_certificate(tls_->next_layer().native_handle());
    if (!shown) return {};
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    X509_free(shown);
    return name;
  }

private:
  boost::asio::ssl::context trust_{boost::asio::ssl::context::tls_client};
  std::optional<plain_stream> plain_;
  std::optional<tls_stream> tls_;
};

} // namespace tickplant::testing
