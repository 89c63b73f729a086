// One HTTP request to the admin API, blocking, with a deadline for all of it.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tickplant::ctl {

struct http_reply {
  int status = 0;
  std::string body;
};

/// Nobody answered, or not in HTTP; names the address and the cause.
struct unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Sends a request for `target` and gives the whole reply. Throws unreachable.
using caller = std::function<http_reply(std::string_view method, const std::string& target)>;

/// `base` is http://HOST[:PORT]; a token goes along as bearer. Throws std::invalid_argument for another kind of
/// address. Replies are taken up to 64 MiB.
caller make_caller(const std::string& base, std::string token, std::chrono::milliseconds timeout);

} // namespace tickplant::ctl
