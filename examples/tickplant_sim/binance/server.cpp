#include "tickplant_sim/binance/http_connection.hpp"
#include "tickplant_sim/binance/target.hpp"

#include <boost/asio/error.hpp>
#include <utility>

namespace tickplant::sim::binance {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

std::string authority(const tcp::endpoint& at) {
  const auto host = at.address().to_string();
  return (at.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(at.port());
}

/// A WebSocket address nobody serves: answered over HTTP and closed, best effort.
void refuse(boost::beast::tcp_stream stream, unsigned version) {
  struct refusal {
    boost::beast::tcp_stream stream;
    http::response<http::string_body> response;
  };
  auto held = std::make_shared<refusal>(refusal{std::move(stream), {}});
  held->response.version(version);
  held->response.result(http::status::not_found);
  held->response.body() = "{\"code\":-1000,\"msg\":\"No such stream address.\"}";
  held->response.keep_alive(false);
  held->response.prepare_payload();
  http::async_write(held->stream, held->response, [held](boost::system::error_code, std::size_t) {});
}

} // namespace

server::server(boost::asio::io_context& io, stream_hub& hub, feed& source, const server_options& options)
  : acceptor_{io, options.listen}, endpoint_{acceptor_.local_endpoint()}, hub_{hub}, feed_{source}, options_{options},
    rest_{source, options.weight_limit} {}

server::~server() = default;

void server::start() {
  accept();
}

void server::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open() || error == boost::asio::error::operation_aborted) return;
    if (!error) {
      forget_closed();
      if (rest_connections_.size() + sessions_.size() >= options_.most_connections) {
        ++turned_away_; // closed by leaving
      } else {
        auto connection = std::make_shared<http_connection>(std::move(socket), *this);
        rest_connections_.push_back(connection);
        connection->start();
      }
    }
    accept();
  });
}

void server::forget_closed() {
  std::erase_if(rest_connections_, [](const auto& connection) { return connection.expired(); });
  std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
}

void server::upgrade(boost::beast::tcp_stream stream, const websocket_session::request& request) {
  const auto target = request.target();
  auto wanted = parse_stream_target({target.data(), target.size()});
  if (!wanted) return refuse(std::move(stream), request.version());
  auto session = std::make_shared<websocket_session>(std::move(stream), hub_, options_.session, counts_);
  sessions_.push_back(session);
  session->start(request, std::move(wanted->initial), wanted->microseconds);
}

void server::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& held : sessions_)
    if (const auto session = held.lock()) session->shut_down();
  for (const auto& held : rest_connections_)
    if (const auto connection = held.lock()) connection->drop();
}

nlohmann::json server::ready_line() const {
  return {{"service", "binance"},
          {"ws", "ws://" + authority(endpoint_) + "/stream"},
          {"rest", "http://" + authority(endpoint_)}};
}

nlohmann::json server::summary() const {
  return {{"events_by_stream", hub_.sent()},
          {"feed", feed_.summary()},
          {"rest", {{"requests", rest_.requests()}, {"refused", rest_.refused()}}},
          {"connections",
           {{"opened", counts_.opened},
            {"control_messages", counts_.control_messages},
            {"over_rate", counts_.over_rate},
            {"slow", counts_.slow},
            {"cut", counts_.cut},
            {"expired", counts_.expired},
            {"missed_pongs", counts_.missed_pongs},
            {"turned_away", turned_away_}}}};
}

} // namespace tickplant::sim::binance
