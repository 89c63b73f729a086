// A WebSocket server for one client, by Beast, on the test's loop: accepting and reading run there, writing is done at
// once.
#pragma once

#include "support.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tickplant::net {

/// What a test asks of a server, with or without TLS.
class websocket_server {
public:
  virtual ~websocket_server() = default;
  virtual void write(const std::string& text, bool binary = false) = 0;
  /// For what may not fit into the socket's buffers at once; one at a time.
  virtual void write_large(const std::string& text) = 0;
  virtual void write_part(const std::string& text, bool is_last) = 0;
  virtual void ping(const std::string& payload) = 0;
  virtual void close(uint16_t code, const std::string& reason) = 0;
  /// Cuts the connection without a word.
  virtual void cut() = 0;

  bool is_open = false, is_closed = false;
  bool is_deaf = false; ///< set before the upgrade: reads nothing, so answers no ping
  std::string handshake_fault;
  std::vector<std::string> received; ///< "text:..." or "binary:..."
  std::vector<std::string> pongs;
  boost::beast::http::request<boost::beast::http::string_body> upgrade;
};

std::unique_ptr<websocket_server> serve_websocket(boost::asio::ip::tcp::acceptor& acceptor);
std::unique_ptr<websocket_server> serve_websocket(boost::asio::ip::tcp::acceptor& acceptor,
                                                  boost::asio::ssl::context& tls);

} // namespace tickplant::net
