// Finds the credential in an upgrade request, and hides tokens in request targets. Carriers:
//   Authorization: Bearer <token> | ApiKey <key>                      (RFC 6750, section 2.1; scheme without case)
//   Sec-WebSocket-Protocol: bearer.<token> | tickplant.token.<base64url of the token>   (browsers can set no header)
//   ?token=<token, percent-coded>                                     (where the listener allows it)
// An entry of Sec-WebSocket-Protocol that carries a token is never chosen or echoed. Pure; any thread.
#pragma once

#include "runtime/policy/principal.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::policy {

/// The parts of an upgrade request that may carry a credential; borrowed for the call.
struct upgrade_view {
  std::span<const std::string_view> authorization; // values of all Authorization headers
  std::span<const std::string_view> protocols;     // values of all Sec-WebSocket-Protocol headers
  std::string_view target;                         // request target: path and query
  bool query_allowed = false;
};

struct token_search {
  uint32_t carrier = TP_CARRIER_NONE; // the first of header, subprotocol, query that has one
  secret_text secret;                 // 1 to TP_SECRET_MAX bytes, unless the carrier is NONE
  std::string scheme;                 // of the header, as sent
  int32_t code = 0;                   // 4001: the request is to be refused, `reason` tells why
  std::string reason;                 // never shows the secret
  bool query_ignored = false;         // there is a token in the query, where none is allowed: worth a log line
};

/// Several carriers with one and the same secret count as one; with different secrets the request is ambiguous and
/// refused, and so is a credential that is malformed or too long.
token_search find_token(const upgrade_view& request);

/// Whether an entry of Sec-WebSocket-Protocol carries a token. Such entries are taken out before a subprotocol is
/// chosen.
bool is_token_protocol(std::string_view entry);
/// The entries of all headers that carry no token, in order; views into `protocols`.
std::vector<std::string_view> offered_protocols(std::span<const std::string_view> protocols);

/// The target for logs and audit: values of token, access_token and api_key in the query become "***". Names are
/// compared without case and after percent-decoding.
std::string redact_target(std::string_view target);

} // namespace tickplant::policy
