// HTTP as the host sees it: requests that were checked, responses to be written, and the answer to a WebSocket upgrade.
// Views of a request hold during the callback only; what a later answer needs of it is the host's to copy.
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
  std::string_view method; ///< one of the listener's `methods`
  std::string_view target; ///< as sent, at most 8 KiB
  std::string_view path;   ///< target up to '?', still percent-encoded; starts with '/'
  std::string_view query;  ///< behind '?', may be empty
  std::vector<http_field> fields;
  std::string_view body; ///< whole, at most the listener's `body_limit` bytes
  peer_address peer;
  uint32_t listener = 0; ///< the tag given to client_set::adopt
  bool is_tls = false;

  /// The first field of that name, letters of either case; empty if there is none.
  std::string_view field(std::string_view name) const;
  /// The value of `name` in the query, still percent-encoded; empty if absent.
  std::string_view query_value(std::string_view name) const;
};

/// Percent-decoding; `plus_is_space` for query values. False (out untouched) for broken or zero bytes (%zz, %00).
bool percent_decode(std::string_view in, std::string& out, bool plus_is_space);

using field_list = std::vector<std::pair<std::string, std::string>>;

/// HEAD is answered with the headers of GET; Content-Length, Connection and Date are written by the server. With an
/// `etag` a matching If-None-Match turns 200 into 304.
struct http_response {
  uint16_t status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::shared_ptr<const std::string> body; ///< may be null; shared, never copied
  std::string etag;                        ///< with its quotes, as `"abc"`; empty = none
  field_list fields;
  bool close = false;    ///< end the connection behind this response
  bool is_later = false; ///< no response yet: client_set::answer_http brings it

  static http_response text(uint16_t status, std::string body);
  static http_response json(std::string body);
  static http_response later();
};

struct upgrade_request : http_request {
  std::string_view origin;                    ///< empty if the client sent none
  std::vector<std::string_view> subprotocols; ///< in the client's order of preference
  std::string extensions;                     ///< all Sec-WebSocket-Extensions fields, joined by ", "; not parsed
};

struct upgrade_answer {
  bool accepted = false;
  bool is_later = false;   ///< undecided: client_set::answer_upgrade brings the answer
  std::string subprotocol; ///< one of those offered, or empty
  std::string extensions;  ///< Sec-WebSocket-Extensions of the 101; empty = none
  /// RSV1 is allowed: compressed messages are handed over as they came, inbound_message::is_compressed.
  bool may_compress = false;
  uint16_t status = 403; ///< of a refusal, 400 to 599
  std::string text;      ///< body of a refusal: why, and what to do
  field_list fields;     ///< of a refusal: WWW-Authenticate, Retry-After

  static upgrade_answer accept(std::string subprotocol = {}, std::string extensions = {}, bool may_compress = false);
  static upgrade_answer refuse(uint16_t status, std::string text, field_list fields = {});
  static upgrade_answer later();
};

} // namespace tickplant::net
