#include "tickplant_sim/binance/http_connection.hpp"

#include "tickplant_sim/wall_clock.hpp"

#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <utility>

namespace tickplant::sim::binance {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::chrono::seconds idle_limit{60};
constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t body_limit = 1024;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

http_connection::http_connection(boost::asio::ip::tcp::socket socket, server& owner)
  : stream_{std::move(socket)}, owner_{owner} {
  error_code ignored;
  stream_.socket().set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
}

void http_connection::drop() {
  stream_.close();
}

void http_connection::read() {
  parser_.emplace();
  parser_->header_limit(header_limit);
  parser_->body_limit(body_limit);
  stream_.expires_after(idle_limit);
  http::async_read(stream_, incoming_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
    if (!error) return self->on_request();
    self->drop();
  });
}

void http_connection::on_request() {
  const auto& request = parser_->get();
  if (beast::websocket::is_upgrade(request)) return owner_.upgrade(std::move(stream_), request);
  stream_.expires_never(); // the answer may wait for a place in a recording
  const auto self = shared_from_this();
  owner_.rest_.handle(view(request.method_string()), view(request.target()), unix_ms(),
                      [self, keep = request.keep_alive(), version = request.version()](rest_answer from) {
                        self->answer(std::move(from), keep, version);
                      });
}

void http_connection::answer(rest_answer from, bool keep_alive, unsigned version) {
  response_ = {};
  response_.version(version);
  response_.result(from.status);
  response_.set(http::field::content_type, "application/json;charset=UTF-8");
  response_.set("X-MBX-USED-WEIGHT-1M", std::to_string(from.used_weight));
  if (from.retry_after_s) response_.set(http::field::retry_after, std::to_string(*from.retry_after_s));
  response_.keep_alive(keep_alive);
  response_.body() = std::move(from.body);
  response_.prepare_payload();
  stream_.expires_after(idle_limit);
  http::async_write(stream_, response_, [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
    if (!error && keep_alive) return self->read();
    self->drop();
  });
}

} // namespace tickplant::sim::binance
