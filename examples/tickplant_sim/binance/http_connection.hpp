// One TCP connection while it speaks HTTP: REST requests one after another, or the upgrade to a stream connection.
#pragma once

#include "tickplant_sim/binance/server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

namespace tickplant::sim::binance {

/// Keeps itself alive while the connection lives. Headers above 16 KiB, bodies above 1 KiB and 60 idle seconds end it.
class http_connection : public std::enable_shared_from_this<http_connection> {
public:
  /// `owner` must outlive the loop's work.
  http_connection(boost::asio::ip::tcp::socket socket, server& owner);

  void start() { read(); }
  void drop();

private:
  using error_code = boost::system::error_code;
  using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using response = boost::beast::http::response<boost::beast::http::string_body>;

  void read();
  void on_request();
  void serve(bool keep_alive, unsigned version);
  void misbehave(bool keep_alive, unsigned version);
  void send_half();
  void answer(rest_answer from, bool keep_alive, unsigned version);

  boost::beast::tcp_stream stream_;
  server& owner_;
  boost::beast::flat_buffer incoming_;
  std::optional<request_parser> parser_; // one per request, as Beast asks
  response response_;
  boost::asio::steady_timer delay_;
};

} // namespace tickplant::sim::binance
