#include "runtime/net/client/http_message.hpp"

#include <algorithm>

namespace tickplant::net {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

std::string_view http_request::field(std::string_view name) const {
  for (const auto& one : fields)
    if (same_name(one.name, name)) return one.value;
  return {};
}

std::string_view http_request::query_value(std::string_view name) const {
  for (std::string_view rest = query; !rest.empty();) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  }
  return {};
}

bool percent_decode(std::string_view in, std::string& out, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(in.size());
  for (size_t i = 0; i != in.size(); ++i) {
    if (in[i] == '%') {
      if (in.size() - i < 3) return false;
      const int high = hex_digit(in[i + 1]), low = hex_digit(in[i + 2]);
      if (high < 0 || low < 0 || high + low == 0) return false;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (in[i] == '\0') {
      return false;
    } else {
      decoded += plus_is_space && in[i] == '+' ? ' ' : in[i];
    }
  }
  out = std::move(decoded);
  return true;
}

http_response http_response::text(uint16_t status, std::string body) {
  http_response out;
  out.status = status;
  out.body = std::make_shared<const std::string>(std::move(body));
  return out;
}

http_response http_response::json(std::string body) {
  http_response out = text(200, std::move(body));
  out.content_type = "application/json";
  return out;
}

http_response http_response::later() {
  http_response out;
  out.is_later = true;
  return out;
}

upgrade_answer upgrade_answer::accept(std::string subprotocol, std::string extensions, bool may_compress) {
  upgrade_answer out;
  out.accepted = true;
  out.subprotocol = std::move(subprotocol);
  out.extensions = std::move(extensions);
  out.may_compress = may_compress;
  return out;
}

upgrade_answer upgrade_answer::refuse(uint16_t status, std::string text, field_list fields) {
  upgrade_answer out;
  out.status = status;
  out.text = std::move(text);
  out.fields = std::move(fields);
  return out;
}

upgrade_answer upgrade_answer::later() {
  upgrade_answer out;
  out.is_later = true;
  return out;
}

} // namespace tickplant::net
