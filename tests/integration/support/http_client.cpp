#include "http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace tickplant::testing {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using error_code = boost::system::error_code;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

void take_rest(http::response<http::string_body>& response, http_answer& answer) {
  for (const auto& field : response)
    answer.fields[lower(std::string{field.name_string()})] = std::string{field.value()};
  answer.body = std::move(response.body());
}

http_answer call(http::verb verb, uint16_t port, const std::string& target,
                 const std::map<std::string, std::string>& fields) {
  asio::io_context io{1};
  beast::tcp_stream stream{io};
  http::request<http::empty_body> request{verb, target, 11};
  request.set(http::field::host, "127.0.0.1:" + std::to_string(port));
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : fields) request.set(name, value);
  http::response<http::string_body> response;
  beast::flat_buffer buffer;
  http_answer answer;
  // Only the asynchronous calls of this stream know a time limit.
  stream.expires_after(std::chrono::seconds{10});
  stream.async_connect(asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), port}, [&](error_code connect_error) {
    if (connect_error) return;
    http::async_write(stream, request, [&](error_code write_error, size_t) {
      if (write_error) return;
      http::async_read(stream, buffer, response, [&](error_code read_error, size_t) {
        if (!read_error) answer.status = response.result_int();
      });
    });
  });
  io.run();
  take_rest(response, answer);
  return answer;
}

} // namespace

struct http_connection::implementation {
  asio::io_context io{1};
  beast::tcp_stream stream{io};
  beast::flat_buffer buffer;
};

http_connection::http_connection(uint16_t port) : implementation_(std::make_unique<implementation>()) {
  error_code error;
  implementation_->stream.socket().connect({asio::ip::address_v4::loopback(), port}, error);
  if (error) throw std::runtime_error("connect: " + error.message());
}

http_connection::~http_connection() = default;

http_answer http_connection::get(const std::string& target) {
  auto& [io, stream, buffer] = *implementation_;
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "127.0.0.1");
  http::response<http::string_body> response;
  http_answer answer;
  stream.expires_after(std::chrono::seconds{10});
  http::async_write(stream, request, [&](error_code write_error, size_t) {
    if (write_error) return;
    http::async_read(stream, buffer, response, [&](error_code read_error, size_t) {
      if (!read_error) answer.status = response.result_int();
    });
  });
  io.restart();
  io.run();
  take_rest(response, answer);
  return answer;
}

http_answer http_get(uint16_t port, const std::string& target, const std::map<std::string, std::string>& fields) {
  return call(http::verb::get, port, target, fields);
}

http_answer http_post(uint16_t port, const std::string& target) {
  return call(http::verb::post, port, target, {{"content-length", "0"}});
}

} // namespace tickplant::testing
