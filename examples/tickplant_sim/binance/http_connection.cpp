#include "tickplant_sim/binance/http_connection.hpp"

#include "tickplant_sim/wall_clock.hpp"

#include <boost/asio/write.hpp>
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
  : stream_{std::move(socket)}, owner_{owner}, delay_{stream_.get_executor()} {
  error_code ignored;
  stream_.socket().set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
}

void http_connection::drop() {
  delay_.cancel();
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
  const bool keep = request.keep_alive();
  const unsigned version = request.version();
  const auto wait = owner_.rest_faults_.delay();
  if (wait.count() == 0) return serve(keep, version);
  delay_.expires_after(wait);
  delay_.async_wait([self = shared_from_this(), keep, version](error_code error) {
    if (!error) self->serve(keep, version);
  });
}

void http_connection::serve(bool keep_alive, unsigned version) {
  if (owner_.rest_faults_.refuses()) return misbehave(keep_alive, version);
  const auto& request = parser_->get();
  owner_.rest_.handle(view(request.method_string()), view(request.target()), unix_ms(),
                      [self = shared_from_this(), keep_alive, version](rest_answer from) {
                        self->answer(std::move(from), keep_alive, version);
                      });
}

/// The ways in which the venue refuses: too many requests, a ban, overload, a connection closed, a body cut short.
void http_connection::misbehave(bool keep_alive, unsigned version) {
  constexpr std::uint32_t ways = 5;
  switch (owner_.random_.below(ways)) {
    case 0: return answer({429, R"({"code":-1003,"msg":"Too many requests."})", 6'000, 1}, keep_alive, version);
    case 1:
      return answer({418, R"({"code":-1003,"msg":"Way too many requests; IP banned."})", 6'000,
                     static_cast<std::uint32_t>(owner_.options_.ban.count())},
                    keep_alive, version);
    case 2:
      return answer({503, R"({"code":-1008,"msg":"Request throttled by system-level protection."})", 1}, keep_alive,
                    version);
    case 3: return answer({200, R"({"lastUpdateId":12345,"bids":[["1.0)", 1}, keep_alive, version);
    default: return drop();
  }
}

/// The beginning of the answer, then the end of the connection.
void http_connection::send_half() {
  std::string text =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(response_.body().size()) +
    "\r\n\r\n";
  text.append(response_.body(), 0, response_.body().size() / 2);
  const auto held = std::make_shared<const std::string>(std::move(text));
  boost::asio::async_write(stream_, boost::asio::buffer(*held),
                           [self = shared_from_this(), held](error_code, std::size_t) { self->drop(); });
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
  if (owner_.rest_faults_.cut(response_.body().size())) return send_half();
  http::async_write(stream_, response_, [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
    if (!error && keep_alive) return self->read();
    self->drop();
  });
}

} // namespace tickplant::sim::binance
