#include "websocket_support.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/read.hpp>

namespace tickplant::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<tcp::socket>;

template <class Stream>
struct session : std::enable_shared_from_this<session<Stream>> {
  template <class... Ts>
  explicit session(websocket_server& server, Ts&&... xs) : owner(&server), stream(std::forward<Ts>(xs)...) {}

  void upgrade() {
    beast::http::async_read(
      stream.next_layer(), buffer, request, [me = this->shared_from_this()](error_code ec, size_t) {
        if (!me->owner || ec) return;
        me->owner->upgrade = me->request;
        me->stream.control_callback([w = me.get()](websocket::frame_type kind, beast::string_view payload) {
          if (w->owner && kind == websocket::frame_type::pong) w->owner->pongs.emplace_back(payload);
        });
        me->stream.async_accept(me->request, [me](error_code accept_fault) {
          if (!me->owner || accept_fault) return;
          me->owner->is_open = true;
          me->buffer.clear();
          if (!me->owner->is_deaf) me->read();
        });
      });
  }
  void read() {
    stream.async_read(buffer, [me = this->shared_from_this()](error_code ec, size_t) {
      if (!me->owner) return;
      if (ec) {
        me->owner->is_closed = true;
        return;
      }
      me->owner->received.push_back((me->stream.got_text() ? "text:" : "binary:") +
                                    beast::buffers_to_string(me->buffer.data()));
      me->buffer.clear();
      me->read();
    });
  }

  websocket_server* owner;
  websocket::stream<Stream> stream;
  beast::flat_buffer buffer;
  beast::http::request<beast::http::string_body> request;
};

template <class Stream>
class server final : public websocket_server {
public:
  template <class... Ts>
  explicit server(Ts&&... xs) : session_(std::make_shared<session<Stream>>(*this, std::forward<Ts>(xs)...)) {}
  ~server() override {
    session_->owner = nullptr;
    cut();
  }
  session<Stream>& inside() { return *session_; }

  void write(const std::string& text, bool binary) override {
    session_->stream.binary(binary);
    session_->stream.write(asio::buffer(text));
  }
  void write_large(const std::string& text) override {
    session_->stream.binary(false);
    session_->stream.async_write(asio::buffer(text), [me = session_](error_code, size_t) {});
  }
  void write_part(const std::string& text, bool is_last) override {
    session_->stream.text(true);
    session_->stream.write_some(is_last, asio::buffer(text));
  }
  void ping(const std::string& payload) override {
    session_->stream.ping(websocket::ping_data{payload.data(), payload.size()});
  }
  void close(uint16_t code, const std::string& reason) override {
    session_->stream.async_close(websocket::close_reason{static_cast<websocket::close_code>(code), reason},
                                 [me = session_](error_code) {});
  }
  void cut() override {
    error_code ignored;
    beast::get_lowest_layer(session_->stream).close(ignored);
  }

private:
  std::shared_ptr<session<Stream>> session_;
};

} // namespace

std::unique_ptr<websocket_server> serve_websocket(tcp::acceptor& acceptor) {
  auto out = std::make_unique<server<tcp::socket>>(acceptor.get_executor());
  auto* s = &out->inside();
  acceptor.async_accept(s->stream.next_layer(), [me = s->shared_from_this()](error_code ec) {
    if (!ec && me->owner) me->upgrade();
  });
  return out;
}

std::unique_ptr<websocket_server> serve_websocket(tcp::acceptor& acceptor, asio::ssl::context& tls) {
  auto out = std::make_unique<server<tls_stream>>(acceptor.get_executor(), tls);
  auto* s = &out->inside();
  acceptor.async_accept(s->stream.next_layer().next_layer(), [me = s->shared_from_this()](error_code ec) {
    if (ec || !me->owner) return;
    me->stream.next_layer().async_handshake(asio::ssl::stream_base::server, [me](error_code fault) {
      if (!me->owner) return;
      if (fault)
        me->owner->handshake_fault = fault.message();
      else
        me->upgrade();
    });
  });
  return out;
}

} // namespace tickplant::net
