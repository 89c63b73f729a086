// A TCP connection with or without TLS as one Asio stream, so that WebSocket and HTTP are compiled once for both.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>

#include <optional>
#include <utility>

namespace tickplant::net::venue {

class transport {
public:
  using socket_type = boost::asio::ip::tcp::socket;
  using executor_type = socket_type::executor_type;
  using tls_stream = boost::asio::ssl::stream<socket_type&>;

  explicit transport(boost::asio::io_context& context) : socket_(context) {}
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  socket_type& socket() { return socket_; }
  /// Before the connection; nothing is encrypted until the handshake on what comes back.
  tls_stream& use_tls(boost::asio::ssl::context& context) { return tls_.emplace(socket_, context); }
  tls_stream* tls() { return tls_ ? &*tls_ : nullptr; }

  /// Whether the kernel, or the TLS engine, holds bytes that could be read at once.
  bool has_readable() {
    boost::system::error_code fault;
    if (tls_ && ::SSL_pending(tls_->native_handle()) > 0) return true;
    return socket_.available(fault) > 0;
  }
  /// Pending operations end with operation_aborted. No close_notify: who closes a line does not wait for the other
  /// side.
  void close() noexcept {
    boost::system::error_code ignored;
    socket_.shutdown(socket_type::shutdown_both, ignored);
    socket_.close(ignored);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
      [this](auto handler, const Buffers& to) {
        if (tls_)
          tls_->async_read_some(to, std::move(handler));
        else
          socket_.async_read_some(to, std::move(handler));
      },
      token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
      [this](auto handler, const Buffers& from) {
        if (tls_)
          tls_->async_write_some(from, std::move(handler));
        else
          socket_.async_write_some(from, std::move(handler));
      },
      token, buffers);
  }

  // What Beast asks of a stream under a WebSocket.
  friend void beast_close_socket(transport& t) { t.close(); }
  friend void teardown(boost::beast::role_type, transport& t, boost::system::error_code& fault) {
    fault = {};
    t.close();
  }
  template <class Handler>
  friend void async_teardown(boost::beast::role_type, transport& t, Handler&& handler) {
    t.close();
    boost::asio::post(t.get_executor(),
                      [h = std::forward<Handler>(handler)]() mutable { h(boost::system::error_code{}); });
  }

private:
  socket_type socket_;
  std::optional<tls_stream> tls_;
};

} // namespace tickplant::net::venue
