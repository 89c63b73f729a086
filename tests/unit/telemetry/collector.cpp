#include "collector.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tickplant::telemetry::testing {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

const tcp::endpoint any_port{asio::ip::address_v4::loopback(), 0};

} // namespace

struct collector::parts {
  struct connection : std::enable_shared_from_this<connection> {
    connection(parts& in, tcp::socket from) : owner(in), socket(std::move(from)) {}

    void read() {
      parser.emplace();
      parser->body_limit(64u << 20);
      http::async_read(socket, buffer, *parser, [self = shared_from_this()](error_code error, size_t) {
        if (!error) self->answer();
      });
    }

    void answer() {
      const auto& request = parser->get();
      owner.keep({std::string{request.method_string()}, std::string{request.target()},
                  std::string{request[http::field::content_type]}, request.body()});
      switch (owner.how) {
        case manner::hangs: owner.hanging.push_back(shared_from_this()); return;
        case manner::hangs_up: return;
        case manner::garbage:
          text = "\x16\x03\x01 this is no HTTP at all\n\n";
          asio::async_write(socket, asio::buffer(text), [self = shared_from_this()](error_code, size_t) {});
          return;
        case manner::good: response.result(http::status::ok); break;
        case manner::fails: response.result(http::status::internal_server_error); break;
        case manner::unavailable: response.result(http::status::service_unavailable); break;
      }
      response.set(http::field::content_type, "application/x-protobuf");
      response.keep_alive(request.keep_alive());
      response.prepare_payload();
      http::async_write(socket, response, [self = shared_from_this()](error_code error, size_t) {
        if (!error && self->response.keep_alive()) self->read();
      });
    }

    parts& owner;
    tcp::socket socket;
    beast::flat_buffer buffer;
    std::optional<http::request_parser<http::string_body>> parser;
    http::response<http::string_body> response;
    std::string text;
  };

  explicit parts(manner of) : how(of), acceptor(io, any_port) {
    accept();
    thread = std::thread{[this] { io.run(); }};
  }
  ~parts() {
    io.stop();
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<connection>(*this, std::move(socket))->read();
      accept();
    });
  }
  void keep(collected request) {
    std::lock_guard guard{lock};
    requests.push_back(std::move(request));
    arrived.notify_all();
  }

  const manner how;
  std::mutex lock;
  std::condition_variable arrived;
  std::vector<collected> requests;
  asio::io_context io{1};
  std::vector<std::shared_ptr<connection>> hanging;
  tcp::acceptor acceptor;
  std::thread thread;
};

collector::collector(manner how) : parts_(std::make_unique<parts>(how)) {}
collector::~collector() = default;

uint16_t collector::port() const {
  return parts_->acceptor.local_endpoint().port();
}

std::vector<collected> collector::requests() const {
  std::lock_guard guard{parts_->lock};
  return parts_->requests;
}

bool collector::wait_for_requests(size_t count) const {
  std::unique_lock guard{parts_->lock};
  return parts_->arrived.wait_for(guard, std::chrono::seconds{30}, [&] { return parts_->requests.size() >= count; });
}

// Bound and not listening: nobody else gets the port, and connections to it are refused.
struct closed_port::parts {
  asio::io_context io;
  tcp::acceptor holder{io};
};

closed_port::closed_port() : parts_(std::make_unique<parts>()) {
  parts_->holder.open(tcp::v4());
  parts_->holder.bind(any_port);
}
closed_port::~closed_port() = default;

std::string closed_port::url() const {
  return "http://127.0.0.1:" + std::to_string(parts_->holder.local_endpoint().port());
}

} // namespace tickplant::telemetry::testing
