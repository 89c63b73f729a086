// HTTP as the host sees it: requests that were checked, responses to be written, and the answer to a WebSocket upgrade.
// Views of a request hold during the callback only.
#pragma once

#include "runtime/net/client/peer_address.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::net {

struct http_field {
  std::string_view name, value;
};

struct http_request {
  std::string_view method; ///< GET or HEAD
  std::string_view target; ///< as sent, at most 8 KiB
  std::string_view path;   ///< target up to '?', still percent-encoded; starts with '/'
  std::string_view query;  ///< behind '?', may be empty
  std::vector<http_field> fields;
  peer_address peer;
  uint32_t listener = 0; ///< the tag given to client_set::adopt

  /// The first field of that name, letters of either case; empty if there is none.
  std::string_view field(std::string_view name) const;
  /// The value of `name` in the query, still percent-encoded; empty if absent.
  std::string_view query_value(std::string_view name) const;
};

/// Percent-decoding; `plus_is_space` for query values. False (out untouched) for broken or zero bytes (%zz, %00).
bool percent_decode(std::string_view in, std::string& out, bool plus_is_space);

/// HEAD is answered with the headers of GET; Content-Length, Connection and Date are written by the server. With an
/// `etag` a matching If-None-Match turns 200 into 304.
struct http_response {
  uint16_t status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body; ///< may be null; shared, never copied
  std::string etag;                        ///< with its quotes, as `"abc"`; empty = none
  std::vector<std::pair<std::string, std::string>> fields;
  bool close = false; ///< end the connection behind this response

  static http_response text(uint16_t status, std::string body);
  static http_response json(std::string body);
};

struct upgrade_request : http_request {
  std::string_view origin;                    ///< empty if the client sent none
  std::vector<std::string_view> subprotocols; ///< in the client's order of preference
};

struct upgrade_answer {
  bool accepted = false;
  std::string subprotocol; ///< one of those offered, or empty
  uint16_t status = 403;   ///< of a refusal
  std::string text;        ///< body of a refusal: why, and what to do

  static upgrade_answer accept(std::string subprotocol = {}) { return {true, std::move(subprotocol), 101, {}}; }
  static upgrade_answer refuse(uint16_t status, std::string text) { return {false, {}, status, std::move(text)}; }
};

} // namespace tickplant::net
