// The allow-list of browser origins (RFC 6454; the WebSocket handshake's Origin header, RFC 6455, section 10.2). It
// keeps foreign web pages from using a visitor's browser; it is no login, as other programs write what they like. Pure;
// a list is compiled once, then read by any thread.
//
// Entries: `https://app.example.com` (exact), `https://*.example.com` (one or more labels before it, never the bare
// domain), `http://localhost:*` (any port), `*` (every web origin), `null` (sandboxed pages, files), `require` (an
// upgrade without Origin is refused). Scheme and host are compared without case; a port that is the scheme's default is
// as none. No entry at all: everything is allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::policy {

/// An origin in its parts, in lower case.
struct web_origin {
  std::string scheme, host; // host: a name, an IPv4 address, or an IPv6 address in brackets and canonical form
  uint16_t port = 0;        // never the scheme's default; that is 0
  friend bool operator==(const web_origin&, const web_origin&) = default;
};

/// Nothing if the text is not exactly scheme://host[:port]: user info, paths, lists and garbage are no origin.
std::optional<web_origin> parse_origin(std::string_view text);

enum class origin_decision : uint8_t {
  allowed,
  allowed_absent, // no Origin header: not a browser
  not_listed,
  malformed,
  absent // and the list says `require`
};

constexpr bool is_allowed(origin_decision decision) {
  return decision == origin_decision::allowed || decision == origin_decision::allowed_absent;
}
/// For the log and the audit line: "not on the list".
std::string_view text_of(origin_decision decision);

struct origin_fault {
  size_t entry; // index in the list
  std::string problem;
};

class origin_list {
public:
  /// Allows everything.
  origin_list() = default;
  /// Entries with faults are left out and told; then the list is not to be used.
  static origin_list compile(std::span<const std::string> entries, std::vector<origin_fault>& faults);

  /// `origin`: the value of the header, nothing if the request has none. No allocation for texts of usual length.
  origin_decision decide(std::optional<std::string_view> origin) const;

  bool allows_everything() const { return rules_.empty() && !takes_any_ && !takes_null_ && !required_; }

private:
  struct rule {
    web_origin origin; // host: of a wildcard, what follows the `*`, dot included
    bool any_subdomain = false, any_port = false;
    bool matches(const web_origin& other) const;
  };
  static std::string parse_rule(std::string_view entry, rule& to);

  std::vector<rule> rules_;
  bool takes_any_ = false, takes_null_ = false, required_ = false;
};

} // namespace tickplant::policy
