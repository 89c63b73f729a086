#include "runtime/policy/origin.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace tickplant::policy {

namespace {

constexpr size_t longest_origin = 512, longest_host = 253, longest_label = 63;

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// RFC 3986, section 3.1.
bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

/// Labels of letters, digits, '-' and '_'. Names in other alphabets come as punycode.
bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > longest_host) return false;
  while (true) {
    const auto dot = text.find('.');
    const auto label = text.substr(0, dot);
    if (label.empty() || label.size() > longest_label) return false;
    for (const char c : label)
      if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_') return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// "[::1]" in the one form that all its spellings share (RFC 5952); nothing if it is no IPv6 address.
std::optional<std::string> canonical_ipv6(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return std::nullopt;
  const std::string inner{text.substr(1, text.size() - 2)};
  in6_addr address;
  char printed[INET6_ADDRSTRLEN];
  if (inner.size() != std::string_view{inner.c_str()}.size() || ::inet_pton(AF_INET6, inner.c_str(), &address) != 1 ||
      !::inet_ntop(AF_INET6, &address, printed, sizeof printed))
    return std::nullopt;
  return std::string{"["} + printed + ']';
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || text.front() == '0' || fault != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return port;
}

uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

struct parts {
  std::string_view scheme, host, port; // port: without its colon
  bool has_port = false;
};

/// Cuts at "://" and at the colon of the port, and checks the scheme alone.
std::optional<parts> cut(std::string_view text) {
  const auto mark = text.find("://");
  if (text.size() > longest_origin || mark == text.npos || !is_scheme(text.substr(0, mark))) return std::nullopt;
  parts result;
  result.scheme = text.substr(0, mark);
  result.host = text.substr(mark + 3);
  const auto bracket = result.host.starts_with('[') ? result.host.find(']') : std::string_view::npos;
  if (result.host.starts_with('[') && bracket == result.host.npos) return std::nullopt;
  const auto colon = result.host.find(':', bracket == result.host.npos ? 0 : bracket);
  if (colon != result.host.npos) {
    result.has_port = true;
    result.port = result.host.substr(colon + 1);
    result.host = result.host.substr(0, colon);
  }
  return result;
}

bool set_host(std::string_view text, web_origin& to) {
  if (auto address = canonical_ipv6(text))
    to.host = std::move(*address);
  else if (is_host_name(text))
    to.host = lower(text);
  else
    return false;
  return true;
}

bool set_port(const parts& from, web_origin& to) {
  if (!from.has_port) return true;
  const auto port = parse_port(from.port);
  if (!port) return false;
  to.port = *port == default_port(to.scheme) ? uint16_t{0} : *port;
  return true;
}

} // namespace

std::optional<web_origin> parse_origin(std::string_view text) {
  const auto found = cut(text);
  if (!found) return std::nullopt;
  web_origin result;
  result.scheme = lower(found->scheme);
  if (!set_host(found->host, result) || !set_port(*found, result)) return std::nullopt;
  return result;
}

std::string_view text_of(origin_decision decision) {
  switch (decision) {
    case origin_decision::allowed: return "allowed";
    case origin_decision::allowed_absent: return "allowed: no Origin header";
    case origin_decision::not_listed: return "not on the list";
    case origin_decision::malformed: return "not an origin";
    case origin_decision::absent: return "no Origin header, and the list requires one";
  }
  return "";
}

bool origin_list::rule::matches(const web_origin& other) const {
  if (other.scheme != origin.scheme || (!any_port && other.port != origin.port)) return false;
  if (!any_subdomain) return other.host == origin.host;
  // The dot belongs to the suffix: evilexample.com does not end in ".example.com".
  return other.host.size() > origin.host.size() && other.host.ends_with(origin.host);
}

/// Fills `to`; answers what is wrong, or nothing.
std::string origin_list::parse_rule(std::string_view entry, rule& to) {
  const auto found = cut(entry);
  if (!found) return "is no origin: wanted scheme://host[:port], *, null or require";
  auto host = found->host;
  to.any_subdomain = host.starts_with("*.");
  if (to.any_subdomain) host.remove_prefix(2);
  if (host.find('*') != host.npos) return "may have a * only as the first label of the host (https://*.example.com)";
  to.origin.scheme = lower(found->scheme);
  if (!set_host(host, to.origin) || (to.any_subdomain && to.origin.host.starts_with('[')))
    return "has no valid host; paths and user names do not belong to an origin";
  if (to.any_subdomain) to.origin.host.insert(0, 1, '.');
  to.any_port = found->has_port && found->port == "*";
  if (!to.any_port && !set_port(*found, to.origin)) return "has no valid port: wanted 1 to 65535, or *";
  return {};
}

origin_list origin_list::compile(std::span<const std::string> entries, std::vector<origin_fault>& faults) {
  origin_list result;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string_view entry = entries[i];
    if (entry == "*")
      result.takes_any_ = true;
    else if (entry == "null")
      result.takes_null_ = true;
    else if (entry == "require")
      result.required_ = true;
    else {
      rule each;
      auto problem = parse_rule(entry, each);
      if (problem.empty())
        result.rules_.push_back(std::move(each));
      else
        faults.push_back({i, '\'' + entries[i] + "' " + problem});
    }
  }
  // `require` alone asks for an origin, whichever.
  if (result.required_ && result.rules_.empty() && !result.takes_null_) result.takes_any_ = true;
  return result;
}

origin_decision origin_list::decide(std::optional<std::string_view> origin) const {
  if (!origin) return required_ ? origin_decision::absent : origin_decision::allowed_absent;
  if (allows_everything()) return origin_decision::allowed;
  if (*origin == "null") return takes_null_ ? origin_decision::allowed : origin_decision::not_listed;
  const auto parsed = parse_origin(*origin);
  if (!parsed) return origin_decision::malformed;
  const bool listed =
    takes_any_ || std::any_of(rules_.begin(), rules_.end(), [&](const rule& each) { return each.matches(*parsed); });
  return listed ? origin_decision::allowed : origin_decision::not_listed;
}

} // namespace tickplant::policy
