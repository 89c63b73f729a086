#include "runtime/net/client/http_head.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/none.hpp>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>

namespace tickplant::net {

namespace http = boost::beast::http;

namespace {

constexpr size_t most_fields = 100;
constexpr size_t longest_target = 8 * 1024;
constexpr size_t most_subprotocols = 16;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool same(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

size_t count_of(const http_request& request, std::string_view name) {
  return static_cast<size_t>(std::count_if(request.fields.begin(), request.fields.end(),
                                           [&](const http_field& one) { return same(one.name, name); }));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `each` for every element of every field of that name, until it answers false.
template <class F>
void for_each_element(const http_request& request, std::string_view name, F&& each) {
  for (const auto& field : request.fields) {
    if (!same(field.name, name)) continue;
    for (std::string_view rest = field.value;;) {
      const auto comma = rest.find(',');
      const auto element = trimmed(rest.substr(0, comma));
      if (!element.empty() && !each(element)) return;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  });
}

/// 16 bytes in base64 are 22 digits and two signs of equality; the last digit holds two bits only.
bool is_key(std::string_view key) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (key.size() != 24 || key.substr(22) != "==") return false;
  const auto is_digit = [&](char c) { return digits.find(c) != digits.npos; };
  return std::all_of(key.begin(), key.begin() + 22, is_digit) && digits.find(key[21]) % 16 == 0;
}

} // namespace

struct http_head::parsed {
  http::request_parser<http::empty_body> parser;
};

http_head::http_head() = default;
http_head::~http_head() = default;

http_head::refusal http_head::parse(std::string_view head, const rules& allowed) {
  for (size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1))
    if (at == 0 || head[at - 1] != '\r') return {400, "Request head cannot be read: lines must end with CR LF."};
  parsed_ = std::make_unique<parsed>();
  auto& parser = parsed_->parser;
  parser.skip(true);              // the head alone: bodies are taken, or refused, outside
  parser.header_limit(64 * 1024); // the bound that counts was kept before
  parser.body_limit(boost::none); // judge_body has its own, with a text
  boost::beast::error_code fault;
  parser.put(boost::asio::buffer(head.data(), head.size()), fault);
  if (fault || !parser.is_header_done()) {
    if (fault == http::error::bad_version) return {505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
    return {400, "Request head cannot be read: " + (fault ? fault.message() : std::string{"it is not complete"}) + "."};
  }
  const auto& message = parser.get();
  keep_alive = message.keep_alive();
  is_head = message.method() == http::verb::head;
  request.method = view(message.method_string());
  if (std::find(allowed.methods.begin(), allowed.methods.end(), request.method) == allowed.methods.end())
    return {405, "Method " + std::string{request.method.substr(0, 32)} + " is not allowed here, only " +
                   allow_field(allowed.methods) + "."};

  request.target = view(message.target());
  if (request.target.size() > longest_target) return {414, "Target is longer than 8192 bytes."};
  std::string_view target = request.target;
  // RFC 9112, section 3.2.2: the absolute form must be understood too.
  if (same(target.substr(0, 7), "http://") || same(target.substr(0, 8), "https://") ||
      same(target.substr(0, 5), "ws://") || same(target.substr(0, 6), "wss://")) {
    target.remove_prefix(target.find("//") + 2);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    if (target.empty() || target.front() != '/') return {400, "Target has no path."};
  }
  if (target.empty() || target.front() != '/') return {400, "Target must begin with a slash."};
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  request.query = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);

  for (const auto& field : message) {
    if (request.fields.size() == most_fields) return {431, "Request has more than 100 fields."};
    request.fields.push_back({view(field.name_string()), view(field.value())});
  }
  const size_t hosts = count_of(request, "Host");
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return {400, "Request needs exactly one Host field."};
  if (auto wrong = judge_body(allowed); wrong.status != 0) return wrong;
  bool asks = count_of(request, "Sec-WebSocket-Key") != 0;
  for_each_element(request, "Upgrade",
                   [&](std::string_view element) { return !(asks = asks || same(element, "websocket")); });
  return asks ? judge_upgrade() : refusal{};
}

/// Bodies have one length, said once: a length that is read in two ways is how requests are smuggled.
http_head::refusal http_head::judge_body(const rules& allowed) {
  const bool has_length = count_of(request, "Content-Length") != 0;
  if (count_of(request, "Transfer-Encoding") != 0) {
    if (has_length) return {400, "Request has both Content-Length and Transfer-Encoding."};
    return {411, "A body is taken with its Content-Length only, not chunked."};
  }
  if (count_of(request, "Content-Length") > 1) return {400, "Request needs exactly one Content-Length field."};
  const uint64_t size = parsed_->parser.content_length().value_or(0);
  if (size > allowed.body_limit) {
    if (allowed.body_limit == 0) return {413, "Requests with a body are not served here."};
    return {413, "The body is larger than " + std::to_string(allowed.body_limit) + " bytes."};
  }
  body_size = static_cast<size_t>(size);
  const auto expected = trimmed(request.field("Expect"));
  if (expected.empty()) return {};
  // RFC 9110, section 10.1.1: nothing else is defined, and HTTP/1.0 knows none.
  if (!same(expected, "100-continue")) return {417, "Of expectations only 100-continue can be met."};
  expects_continue = body_size != 0 && parsed_->parser.get().version() >= 11;
  return {};
}

http_head::refusal http_head::judge_upgrade() {
  if (body_size != 0) return {400, "A request for a WebSocket has no body."};
  if (is_head) return {405, "A WebSocket begins with GET."};
  if (parsed_->parser.get().version() < 11) return {400, "A WebSocket needs HTTP/1.1."};
  if (!has_token(request, "Upgrade", "websocket")) return {400, "Field Upgrade must name websocket."};
  if (!has_token(request, "Connection", "Upgrade"))
    return {400, "Field Connection must name Upgrade. Does a proxy between drop it?"};
  if (count_of(request, "Sec-WebSocket-Version") != 1 || trimmed(request.field("Sec-WebSocket-Version")) != "13")
    return {426, "Only version 13 of the WebSocket protocol is spoken here."};
  key = trimmed(request.field("Sec-WebSocket-Key"));
  if (count_of(request, "Sec-WebSocket-Key") != 1 || !is_key(key))
    return {400, "Field Sec-WebSocket-Key must be 16 bytes in base64, exactly once."};
  request.origin = trimmed(request.field("Origin"));
  std::string_view wrong;
  for_each_element(request, "Sec-WebSocket-Protocol", [&](std::string_view element) {
    if (!is_token(element) || request.subprotocols.size() == most_subprotocols) wrong = element;
    request.subprotocols.push_back(element);
    return wrong.empty();
  });
  if (!wrong.empty()) return {400, "Field Sec-WebSocket-Protocol must be a list of at most 16 tokens."};
  // RFC 6455, section 9.1: several fields are one list.
  for (const auto& field : request.fields) {
    if (!same(field.name, "Sec-WebSocket-Extensions")) continue;
    if (!request.extensions.empty()) request.extensions += ", ";
    request.extensions += trimmed(field.value);
  }
  wants_upgrade = true;
  return {};
}

std::string allow_field(const std::vector<std::string>& methods) {
  std::string out;
  for (const auto& method : methods) out += (out.empty() ? "" : ", ") + method;
  return out;
}

bool has_token(const http_request& request, std::string_view field, std::string_view token) {
  bool found = false;
  for_each_element(request, field, [&](std::string_view element) { return !(found = same(element, token)); });
  return found;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> out;
  const int size = EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(out.data()), static_cast<size_t>(size)};
}

} // namespace tickplant::net
