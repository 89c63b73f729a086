// Responses and refusals as bytes.
#pragma once

#include "runtime/net/client/http_message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::net {

std::string_view reason_phrase(uint16_t status);

/// Whether an If-None-Match field names `etag` (weak comparison, RFC 9110, section 13.1.2).
bool etag_matches(std::string_view if_none_match, std::string_view etag);

/// Why a response of the host cannot be written: a line break in a field, a status that is none. Empty if it can.
std::string_view problem_of(const http_response& response);

/// Writes the head of a response into `out` (cleared first). `status` may differ from the response's (304).
void print_head(std::string& out, const http_response& response, uint16_t status, bool hang_up, uint64_t wall_ns);

/// Why the answer to an upgrade cannot be written: a line break, a subprotocol that was not offered. Empty if it can.
std::string_view problem_of(const upgrade_answer& answer, const std::vector<std::string>& offered);

/// Writes the 101.
void print_switch(std::string& out, std::string_view accept, std::string_view subprotocol, std::string_view extensions);

/// Whether a response of that status has a body at all (RFC 9110, section 6.4.1).
constexpr bool has_body(uint16_t status) {
  return status >= 200 && status != 204 && status != 304;
}

} // namespace tickplant::net
