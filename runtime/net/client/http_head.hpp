// A request head, parsed and judged: everything that HTTP/1.1 and RFC 6455, section 4.2.1 demand before a host sees it.
#pragma once

#include "runtime/net/client/http_message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::net {

struct http_head {
  http_head();
  ~http_head();

  /// What a listener takes.
  struct rules {
    std::vector<std::string> methods{"GET", "HEAD"};
    uint32_t body_limit = 0; ///< bytes; 0 = no bodies
  };
  /// The response to a head that cannot be served. Status 0: it can.
  struct refusal {
    uint16_t status = 0;
    std::string why;
  };
  /// Parses one whole head, with its empty line. Views in `request` hold as long as this object.
  refusal parse(std::string_view head, const rules& allowed);
  refusal parse(std::string_view head) { return parse(head, {}); }

  upgrade_request request;
  bool wants_upgrade = false; ///< a WebSocket request, all of whose fields are right
  bool keep_alive = false, is_head = false;
  bool expects_continue = false; ///< the client waits for a 100 before it sends its body
  size_t body_size = 0;          ///< bytes that follow the head
  std::string_view key;          ///< Sec-WebSocket-Key

private:
  refusal judge_body(const rules& allowed);
  refusal judge_upgrade();
  struct parsed;
  std::unique_ptr<parsed> parsed_;
};

/// Sec-WebSocket-Accept for a key (RFC 6455, section 4.2.2).
std::string accept_key(std::string_view key);

/// "GET, HEAD"
std::string allow_field(const std::vector<std::string>& methods);

/// Whether a list field such as Connection has the token, in either case. Several fields of one name count as one list.
bool has_token(const http_request& request, std::string_view field, std::string_view token);

} // namespace tickplant::net
