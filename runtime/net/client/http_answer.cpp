#include "runtime/net/client/http_answer.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace tickplant::net {

namespace {

/// Date in the form of RFC 9110, section 5.6.7, without the locale that strftime would use.
void print_date(std::string& out, uint64_t wall_ns) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  const auto number = [&out](int value, int digits) {
    const auto text = std::to_string(value);
    out.append(static_cast<size_t>(digits) > text.size() ? static_cast<size_t>(digits) - text.size() : 0, '0') += text;
  };
  out += days[static_cast<size_t>(utc.tm_wday)];
  out += ", ";
  number(utc.tm_mday, 2);
  out += ' ';
  out += months[static_cast<size_t>(utc.tm_mon)];
  out += ' ';
  number(utc.tm_year + 1900, 4);
  out += ' ';
  number(utc.tm_hour, 2);
  out += ':';
  number(utc.tm_min, 2);
  out += ':';
  number(utc.tm_sec, 2);
  out += " GMT";
}

void print_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != text.npos;
}

bool break_lines(const field_list& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const auto& field) {
    const auto& [name, value] = field;
    return name.empty() || breaks_line(name) || breaks_line(value) || name.find_first_of(" :\t") != name.npos;
  });
}

} // namespace

std::string_view reason_phrase(uint16_t status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return status < 400 ? "OK" : "Error";
  }
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  const auto strong = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
  etag = strong(etag);
  if (etag.empty()) return false;
  for (std::string_view rest = if_none_match; !rest.empty();) {
    const auto start = rest.find_first_not_of(" \t,");
    if (start == rest.npos) return false;
    rest.remove_prefix(start);
    if (rest.front() == '*') return true;
    // A tag is quoted and may hold commas.
    const auto open = rest.find('"');
    const auto end = open == rest.npos ? rest.npos : rest.find('"', open + 1);
    if (end == rest.npos) return false;
    if (strong(rest.substr(0, end + 1)) == etag) return true;
    rest.remove_prefix(end + 1);
  }
  return false;
}

std::string_view problem_of(const http_response& response) {
  if (response.status < 200 || response.status > 599) return "status is not between 200 and 599";
  if (breaks_line(response.content_type) || breaks_line(response.etag)) return "content type or etag breaks the line";
  if (break_lines(response.fields)) return "a field's name or value breaks the line";
  return {};
}

std::string_view problem_of(const upgrade_answer& answer, const std::vector<std::string>& offered) {
  if (!answer.accepted) return break_lines(answer.fields) ? "a field's name or value breaks the line" : "";
  if (!answer.subprotocol.empty() && std::find(offered.begin(), offered.end(), answer.subprotocol) == offered.end())
    return "upgrade accepted with a subprotocol that was not offered";
  return breaks_line(answer.extensions) ? "the extensions break the line" : "";
}

void print_head(std::string& out, const http_response& response, uint16_t status, bool hang_up, uint64_t wall_ns) {
  out.clear();
  out += "HTTP/1.1 ";
  out += std::to_string(status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\nDate: ";
  print_date(out, wall_ns);
  out += "\r\n";
  if (has_body(status)) {
    if (!response.content_type.empty()) print_field(out, "Content-Type", response.content_type);
    print_field(out, "Content-Length", std::to_string(response.body ? response.body->size() : 0));
  }
  if (!response.etag.empty()) print_field(out, "ETag", response.etag);
  for (const auto& [name, value] : response.fields) print_field(out, name, value);
  out += hang_up ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
}

void print_switch(std::string& out, std::string_view accept, std::string_view subprotocol,
                  std::string_view extensions) {
  out.clear();
  out += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  print_field(out, "Sec-WebSocket-Accept", accept);
  if (!subprotocol.empty()) print_field(out, "Sec-WebSocket-Protocol", subprotocol);
  if (!extensions.empty()) print_field(out, "Sec-WebSocket-Extensions", extensions);
  out += "\r\n";
}

} // namespace tickplant::net
