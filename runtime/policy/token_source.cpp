#include "runtime/policy/token_source.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tickplant::policy {

namespace {

constexpr int32_t authentication_failed = 4001;
constexpr std::string_view plain_prefix = "bearer.", coded_prefix = "tickplant.token.";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}
bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Visible ASCII: what may stand in a header and in a token.
bool is_visible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986, section 2.1; a `+` stays one. Nothing if a `%` is not followed by two hex digits.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

int base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

/// RFC 4648, section 5, without padding; bits that stand for nothing have to be 0.
std::optional<std::string> base64url_decoded(std::string_view text) {
  std::string result;
  uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const int value = base64url_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    result += static_cast<char>((bits >> have) & 0xFF);
  }
  if (text.size() % 4 == 1 || (bits & ((1u << have) - 1)) != 0) return std::nullopt;
  return result;
}

/// Calls `visit` with each entry of comma-separated headers.
template <class Visit>
void each_entry(std::span<const std::string_view> headers, Visit&& visit) {
  for (std::string_view rest : headers) {
    while (true) {
      const auto comma = rest.find(',');
      if (const auto entry = trimmed(rest.substr(0, comma)); !entry.empty()) visit(entry);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

/// Begin and end of the query in a target, without `?` and fragment.
std::pair<size_t, size_t> query_of(std::string_view target) {
  const auto fragment = std::min(target.find('#'), target.size());
  const auto mark = target.substr(0, fragment).find('?');
  return mark == target.npos ? std::pair{fragment, fragment} : std::pair{mark + 1, fragment};
}

struct parameter {
  std::string_view name, value;
  bool has_value = false;
};

/// Calls `visit` with each parameter of a query. Both separators of old and new forms end one.
template <class Visit>
void each_parameter(std::string_view query, Visit&& visit) {
  while (!query.empty()) {
    const auto end = std::min(query.find_first_of("&;"), query.size());
    const auto text = query.substr(0, end);
    const auto equals = text.find('=');
    visit(equals == text.npos ? parameter{text, {}, false}
                              : parameter{text.substr(0, equals), text.substr(equals + 1), true});
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

bool is_named(const parameter& given, std::initializer_list<std::string_view> names) {
  const auto name = percent_decoded(given.name).value_or(std::string{given.name});
  return std::any_of(names.begin(), names.end(), [&](std::string_view wanted) { return same_word(name, wanted); });
}

class search {
public:
  void header(std::string_view value) {
    value = trimmed(value);
    const auto blank = value.find_first_of(" \t");
    const auto scheme = value.substr(0, blank);
    if (!same_word(scheme, "Bearer") && !same_word(scheme, "ApiKey"))
      return refuse("Authorization: wanted the scheme Bearer or ApiKey");
    found(TP_CARRIER_HEADER, blank == value.npos ? std::string_view{} : trimmed(value.substr(blank)), scheme);
  }

  void protocol(std::string_view entry) {
    if (starts_with_word(entry, plain_prefix)) {
      found(TP_CARRIER_SUBPROTOCOL, entry.substr(plain_prefix.size()), {});
    } else if (starts_with_word(entry, coded_prefix)) {
      const auto coded = entry.substr(coded_prefix.size());
      if (coded.size() > TP_SECRET_MAX / 3 * 4 + 4) return too_long();
      auto decoded = base64url_decoded(coded);
      if (!decoded) return refuse("the token of the subprotocol is not base64url");
      found_bytes(TP_CARRIER_SUBPROTOCOL, *decoded);
    }
  }

  void query(std::string_view value) {
    if (value.size() > size_t{3} * TP_SECRET_MAX) return too_long();
    auto decoded = percent_decoded(value);
    if (!decoded) return refuse("the token of the query is not percent-coded rightly");
    found_bytes(TP_CARRIER_QUERY, *decoded);
  }

  void ignore_query() { result_.query_ignored = true; }

  token_search take() {
    if (result_.code != 0) {
      result_.carrier = TP_CARRIER_NONE;
      result_.secret.wipe();
      result_.scheme.clear();
    }
    return std::move(result_);
  }

private:
  void refuse(std::string_view reason) {
    if (result_.code == 0) result_.reason = reason;
    result_.code = authentication_failed;
  }
  void too_long() { refuse("credential is longer than " + std::to_string(TP_SECRET_MAX) + " bytes"); }

  void found_bytes(uint32_t carrier, std::string& decoded) {
    found(carrier, decoded, {});
    ::explicit_bzero(decoded.data(), decoded.size());
  }

  void found(uint32_t carrier, std::string_view secret, std::string_view scheme) {
    if (secret.size() > TP_SECRET_MAX) return too_long();
    if (!is_visible(secret)) return refuse("credential is empty, or holds spaces or control characters");
    if (result_.carrier == TP_CARRIER_NONE) {
      result_.carrier = carrier;
      result_.secret = secret_text{secret};
      result_.scheme = scheme;
    } else if (result_.secret.view() != secret) {
      refuse("ambiguous: the request carries different credentials");
    }
  }

  token_search result_;
};

} // namespace

token_search find_token(const upgrade_view& request) {
  search looking;
  for (const auto value : request.authorization) looking.header(value);
  each_entry(request.protocols, [&](std::string_view entry) { looking.protocol(entry); });
  const auto [begin, end] = query_of(request.target);
  each_parameter(request.target.substr(begin, end - begin), [&](const parameter& each) {
    if (!is_named(each, {"token"})) return;
    if (request.query_allowed)
      looking.query(each.value);
    else
      looking.ignore_query();
  });
  return looking.take();
}

bool is_token_protocol(std::string_view entry) {
  return starts_with_word(entry, plain_prefix) || starts_with_word(entry, coded_prefix);
}

std::vector<std::string_view> offered_protocols(std::span<const std::string_view> protocols) {
  std::vector<std::string_view> offered;
  each_entry(protocols, [&](std::string_view entry) {
    if (!is_token_protocol(entry)) offered.push_back(entry);
  });
  return offered;
}

std::string redact_target(std::string_view target) {
  const auto [begin, end] = query_of(target);
  std::string result{target.substr(0, begin)};
  size_t copied = begin;
  each_parameter(target.substr(begin, end - begin), [&](const parameter& each) {
    if (!each.has_value || !is_named(each, {"token", "access_token", "api_key"})) return;
    const auto value_at = static_cast<size_t>(each.value.data() - target.data());
    result.append(target.substr(copied, value_at - copied)).append("***");
    copied = value_at + each.value.size();
  });
  return result.append(target.substr(copied));
}

} // namespace tickplant::policy
