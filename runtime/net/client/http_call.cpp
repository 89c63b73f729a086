#include "runtime/net/client/http_call.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace tickplant::net {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr uint64_t body_limit = 64u << 20;
constexpr uint32_t head_limit = 64 * 1024;

struct parsed_url {
  std::string host, port = "80", target = "/", authority;
};

parsed_url parse(std::string_view url) {
  const auto wrong = [url](const char* why) {
    return std::runtime_error("'" + std::string{url} + "' cannot be called: " + why);
  };
  if (!url.starts_with("http://")) throw wrong("it must begin with http://");
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c == 0x7F; }))
    throw wrong("it has blanks or control characters");
  std::string_view rest = url.substr(7);
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  parsed_url out;
  out.authority = rest.substr(0, end);
  if (end != rest.size()) out.target = (rest[end] == '?' ? "/" : "") + std::string{rest.substr(end)};
  std::string_view host = out.authority;
  if (host.find('@') != host.npos) throw wrong("user names are not taken");
  const auto bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == host.npos) throw wrong("the bracket of the address is not closed");
  if (const auto colon = host.find(':', bracket); colon != host.npos) {
    out.port = host.substr(colon + 1);
    host = host.substr(0, colon);
    const bool digits =
      !out.port.empty() && out.port.size() <= 5 && out.port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoul(out.port) == 0 || std::stoul(out.port) > 65'535)
      throw wrong("the port is not 1 to 65535");
  }
  out.host = bracket == 0 ? host : host.substr(1, bracket - 1);
  if (out.host.empty()) throw wrong("it has no host");
  return out;
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != text.npos;
}

/// One call, step by step; `step` names the one under way, for whoever waits in vain.
struct conversation {
  explicit conversation(const parsed_url& to) : url(to) {
    parser.body_limit(body_limit);
    parser.header_limit(head_limit);
  }

  void begin() {
    step = "looking up " + url.host;
    resolver.async_resolve(url.host, url.port, [this](error_code fault, tcp::resolver::results_type found) {
      if (fault) return finish(fault);
      step = "connecting";
      boost::asio::async_connect(socket, found, [this](error_code refused, const tcp::endpoint&) {
        if (refused) return finish(refused);
        send();
      });
    });
  }

  void send() {
    step = "sending";
    http::async_write(socket, request, [this](error_code, size_t) {
      // Even a request that was not taken whole may be answered: "too large" comes while it is still being sent.
      step = "waiting for the answer";
      http::async_read(socket, buffer, parser, [this](error_code fault, size_t) { finish(fault); });
    });
  }

  void finish(error_code fault) {
    is_done = true;
    result = fault;
  }

  const parsed_url& url;
  boost::asio::io_context context{1};
  tcp::resolver resolver{context};
  tcp::socket socket{context};
  http::request<http::string_body> request;
  http::response_parser<http::string_body> parser;
  boost::beast::flat_buffer buffer;
  std::string step;
  bool is_done = false;
  error_code result;
};

} // namespace

std::string_view http_reply::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (boost::beast::iequals({key.data(), key.size()}, {name.data(), name.size()})) return value;
  return {};
}

http_reply call(std::string_view method, std::string_view url, std::string_view body, const field_list& fields,
                std::chrono::milliseconds timeout) {
  const auto target = parse(url);
  const auto fail = [&](const std::string& why) {
    return std::runtime_error("http://" + target.authority + ": " + why);
  };
  conversation talk{target};
  auto& request = talk.request;
  const bool is_token = !method.empty() && std::all_of(method.begin(), method.end(),
                                                       [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
  if (!is_token) throw fail("'" + std::string{method} + "' is no method of HTTP");
  request.method_string({method.data(), method.size()});
  request.target(target.target);
  request.version(11);
  for (const auto& [name, value] : fields) {
    if (name.empty() || breaks_line(name) || breaks_line(value) || name.find_first_of(" :\t") != name.npos)
      throw fail("field '" + name + "' cannot be sent: its name or value breaks the line");
    request.insert(name, value);
  }
  request.set(http::field::host, target.authority);
  request.set(http::field::connection, "close");
  request.body() = body;
  if (!body.empty() || method == "POST" || method == "PUT") request.content_length(body.size());
  talk.parser.skip(method == "HEAD");

  talk.begin();
  talk.context.run_for(timeout);
  if (!talk.is_done) throw fail("no answer within " + std::to_string(timeout.count()) + " ms (" + talk.step + ")");
  if (talk.result) throw fail(talk.step + ": " + talk.result.message());
  http_reply out;
  auto& response = talk.parser.get();
  out.status = static_cast<uint16_t>(response.result_int());
  for (const auto& field : response) out.fields.emplace_back(field.name_string(), field.value());
  out.body = std::move(response.body());
  return out;
}

} // namespace tickplant::net
