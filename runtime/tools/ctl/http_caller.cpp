#include "runtime/tools/ctl/http_caller.hpp"

#include "runtime/net/client/http_call.hpp"

#include <utility>

namespace tickplant::ctl {

caller make_caller(const std::string& base, std::string token, std::chrono::milliseconds timeout) {
  constexpr std::string_view scheme = "http://";
  auto root = base;
  if (root.ends_with('/')) root.pop_back();
  const auto place = std::string_view{root}.substr(root.starts_with(scheme) ? scheme.size() : root.size());
  const bool is_cut = place.starts_with('[') && place.find(']') == std::string_view::npos;
  if (place.empty() || is_cut || place.find_first_of("/?#@ ") != std::string_view::npos)
    throw std::invalid_argument("the address " + base + " is not http://HOST:PORT");
  return [root, token = std::move(token), timeout](std::string_view method, const std::string& target) {
    net::field_list fields;
    if (!token.empty()) fields.emplace_back("Authorization", "Bearer " + token);
    try {
      auto reply = net::call(method, root + target, {}, fields, timeout);
      return http_reply{reply.status, std::move(reply.body)};
    } catch (const std::exception& fault) {
      throw unreachable(std::string{fault.what()} + "; is tickplantd running, with `admin.bind` there?");
    }
  };
}

} // namespace tickplant::ctl
