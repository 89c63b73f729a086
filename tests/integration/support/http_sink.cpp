#include "http_sink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <optional>
#include <thread>

namespace tickplant::testing {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr uint64_t largest_body = 64u << 20;

struct tally {
  std::atomic<uint64_t> requests{0}, bytes{0};
};

class caller : public std::enable_shared_from_this<caller> {
public:
  caller(tcp::socket socket, tally& to) : stream_(std::move(socket)), tally_(to) {}

  void read() {
    request_.emplace();
    request_->body_limit(largest_body);
    http::async_read(stream_, buffer_, *request_, [me = shared_from_this()](error_code error, size_t) {
      if (!error) me->answer();
    });
  }

private:
  void answer() {
    tally_.bytes += request_->get().body().size();
    response_ = {http::status::ok, request_->get().version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_->get().keep_alive());
    response_.body() = "{}";
    response_.prepare_payload();
    http::async_write(stream_, response_, [me = shared_from_this()](error_code error, size_t) {
      if (error) return;
      ++me->tally_.requests;
      if (me->response_.keep_alive()) me->read();
    });
  }

  beast::tcp_stream stream_;
  tally& tally_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> request_;
  http::response<http::string_body> response_;
};

} // namespace

struct http_sink::implementation {
  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<caller>(std::move(socket), counts)->read();
      accept();
    });
  }

  tally counts; // outlives the callers, which the loop holds
  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread;
};

http_sink::http_sink() : implementation_(std::make_unique<implementation>()) {
  implementation_->accept();
  implementation_->thread = std::thread{[me = implementation_.get()] { me->io.run(); }};
}

http_sink::~http_sink() {
  implementation_->io.stop();
  implementation_->thread.join();
}

uint16_t http_sink::port() const {
  return implementation_->acceptor.local_endpoint().port();
}
uint64_t http_sink::requests() const {
  return implementation_->counts.requests;
}
uint64_t http_sink::bytes() const {
  return implementation_->counts.bytes;
}

} // namespace tickplant::testing
