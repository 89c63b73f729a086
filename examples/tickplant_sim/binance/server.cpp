#include "tickplant_sim/binance/http_connection.hpp"
#include "tickplant_sim/binance/target.hpp"
#include "tickplant_sim/fault_summary.hpp"

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

constexpr std::chrono::minutes connects_window{5};
constexpr std::chrono::milliseconds restart_notice{3'000};

/// An upgrade that is not granted: answered over HTTP and closed, best effort.
void refuse(boost::beast::tcp_stream stream, unsigned version, http::status status, const char* body) {
  struct refusal {
    boost::beast::tcp_stream stream;
    http::response<http::string_body> response;
  };
  auto held = std::make_shared<refusal>(refusal{std::move(stream), {}});
  held->response.version(version);
  held->response.result(status);
  held->response.body() = body;
  held->response.keep_alive(false);
  held->response.prepare_payload();
  http::async_write(held->stream, held->response, [held](boost::system::error_code, std::size_t) {});
}

} // namespace

server::server(boost::asio::io_context& io, stream_hub& hub, feed& source, const server_options& options,
               const run_state& state)
  : acceptor_{io, options.listen}, endpoint_{acceptor_.local_endpoint()}, hub_{hub}, feed_{source}, options_{options},
    state_{state}, restart_timer_{io}, faults_{options.connection_faults, seed_of(options.seed, "binance.connections"),
                                               state},
    rest_faults_{options.rest_faults, seed_of(options.seed, "binance.rest"), state},
    random_{seed_of(options.seed, "binance.refusals")}, rest_{source, options.weight_limit, options.which} {}

server::~server() = default;

void server::start() {
  accept();
  if (options_.restart_every.count() > 0) wait_for_restart();
}

void server::wait_for_restart() {
  restart_timer_.expires_after(options_.restart_every);
  restart_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    if (state_.faults_active()) {
      ++restarts_;
      for (const auto& held : sessions_)
        if (const auto session = held.lock()) session->end_after(restart_notice);
    }
    wait_for_restart();
  });
}

/// At most so many upgrades in five minutes.
bool server::may_connect() {
  const auto now = std::chrono::steady_clock::now();
  while (!upgrades_.empty() && upgrades_.front() + connects_window <= now) upgrades_.pop_front();
  if (upgrades_.size() >= options_.connects_limit) {
    ++over_connects_;
    return false;
  }
  upgrades_.push_back(now);
  return true;
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
  if (!wanted || wanted->initial.streams.size() > options_.session.most_streams)
    return refuse(std::move(stream), request.version(), http::status::not_found,
                  R"({"code":-1000,"msg":"No such stream address."})");
  if (!may_connect())
    return refuse(std::move(stream), request.version(), http::status::too_many_requests,
                  R"({"code":-1003,"msg":"Too many connection attempts."})");
  auto session = std::make_shared<websocket_session>(std::move(stream), hub_, options_.session, counts_, faults_);
  sessions_.push_back(session);
  session->start(request, std::move(wanted->initial), wanted->microseconds);
}

void server::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  restart_timer_.cancel();
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
          {"rest",
           {{"requests", rest_.requests()}, {"refused", rest_.refused()}, {"faults", to_json(rest_faults_.counts())}}},
          {"faults",
           {{"malformed", faults_.counts().malformed},
            {"unknown", faults_.counts().unknown},
            {"cut", faults_.counts().cut},
            {"stalled", faults_.counts().stalled},
            {"restarts", restarts_}}},
          {"connections",
           {{"opened", counts_.opened},
            {"control_messages", counts_.control_messages},
            {"over_rate", counts_.over_rate},
            {"slow", counts_.slow},
            {"cut", counts_.cut},
            {"expired", counts_.expired},
            {"missed_pongs", counts_.missed_pongs},
            {"silent", counts_.silent},
            {"over_connects", over_connects_},
            {"turned_away", turned_away_}}}};
}

} // namespace tickplant::sim::binance
