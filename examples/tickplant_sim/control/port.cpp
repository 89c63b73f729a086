#include "tickplant_sim/control/port.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <utility>

namespace tickplant::sim::control {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t most_connections = 32;
constexpr std::uint32_t header_limit = 8 * 1024;
constexpr std::uint64_t body_limit = 1024;
constexpr std::chrono::seconds idle_limit{60};

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

/// Keeps itself alive while the connection lives.
class port::connection : public std::enable_shared_from_this<connection> {
public:
  connection(tcp::socket socket, api& requests) : stream_{std::move(socket)}, api_{requests} {}

  void read() {
    parser_.emplace();
    parser_->header_limit(header_limit);
    parser_->body_limit(body_limit);
    stream_.expires_after(idle_limit);
    http::async_read(stream_, incoming_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->drop();
      self->respond();
    });
  }
  void drop() { stream_.close(); }

private:
  void respond() {
    const auto& request = parser_->get();
    const auto from = api_.handle(view(request.method_string()), view(request.target()));
    response_ = {};
    response_.version(request.version());
    response_.result(from.status);
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request.keep_alive());
    response_.body() = from.body.dump() + "\n";
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error || !self->response_.keep_alive()) return self->drop();
      self->read();
    });
  }

  beast::tcp_stream stream_;
  api& api_;
  beast::flat_buffer incoming_;
  std::optional<http::request_parser<http::string_body>> parser_; // one per request, as Beast asks
  http::response<http::string_body> response_;
};

port::port(boost::asio::io_context& io, const tcp::endpoint& at, api& requests)
  : acceptor_{io, at}, endpoint_{acceptor_.local_endpoint()}, api_{requests} {}

port::~port() = default;

void port::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      std::erase_if(connections_, [](const auto& held) { return held.expired(); });
      if (connections_.size() < most_connections) {
        auto accepted = std::make_shared<connection>(std::move(socket), api_);
        connections_.push_back(accepted);
        accepted->read();
      }
    }
    accept();
  });
}

void port::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& held : connections_)
    if (const auto alive = held.lock()) alive->drop();
}

nlohmann::json port::ready_line() const {
  const auto host = endpoint_.address().to_string();
  return {{"service", "control"},
          {"http", "http://" + (endpoint_.address().is_v6() ? "[" + host + "]" : host) + ":" +
                     std::to_string(endpoint_.port())}};
}

} // namespace tickplant::sim::control
