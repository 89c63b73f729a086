// One HTTP request that blocks until it is answered: for tools and tests, which have nothing else to do. Plain HTTP/1.1
// over a connection of its own; every function may be called from any thread but a loop's.
#pragma once

#include "runtime/net/client/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::net {

struct http_reply {
  uint16_t status = 0; ///< every status is a reply; what it means is the caller's to judge
  field_list fields;
  std::string body; ///< at most 64 MiB

  /// The first field of that name, letters of either case; empty if there is none.
  std::string_view field(std::string_view name) const;
};

/// `url` is "http://host[:port][/path]"; `timeout` is for all of it together. Host, Connection and Content-Length are
/// written here. Throws std::runtime_error that names the address and the cause: not reachable, no answer in time, an
/// answer that is not HTTP, a URL or field that is none.
http_reply call(std::string_view method, std::string_view url, std::string_view body = {},
                const field_list& fields = {}, std::chrono::milliseconds timeout = std::chrono::seconds{10});

} // namespace tickplant::net
