#include "runtime/net/venue/settings.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace tickplant::net::venue {

namespace {

constexpr uint32_t header_limit = 64;
constexpr size_t header_bytes_limit = 8192;
constexpr size_t sources_limit = 64;
constexpr uint64_t default_timeout_ns = 10'000'000'000;
constexpr uint32_t default_body = 16u << 20, largest_body = 256u << 20;

std::string_view view(const tp_str& s) {
  return {s.data, s.size};
}

bool fits(uint16_t kind, scheme s) {
  switch (kind) {
    case TP_LINE_UDP_GROUP:
    case TP_LINE_UDP_PEER: return s == scheme::udp;
    case TP_LINE_TCP: return s == scheme::tcp || s == scheme::tls;
    case TP_LINE_WEBSOCKET: return s == scheme::ws || s == scheme::wss;
    default: return s == scheme::file;
  }
}

// RFC 9110, section 5.1: names are tokens. Values may not end the line: that would smuggle in headers of their own.
bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

int32_t copy_headers(const tp_pair* headers, uint32_t count, header_list& out, std::string& fault) {
  if (count > header_limit) {
    fault = "more than " + std::to_string(header_limit) + " headers";
    return TP_E_LIMIT;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const auto name = view(headers[i].key), value = view(headers[i].value);
    if (!is_token(name) || !is_value(value) || name.size() + value.size() > header_bytes_limit) {
      fault = "header " + std::to_string(i) + " has a name or value that HTTP does not allow";
      return TP_E_ARGUMENT;
    }
    out.emplace_back(name, value);
  }
  return TP_OK;
}

bool copy_sources(std::string_view list, std::vector<std::string>& out, std::string& fault) {
  while (!list.empty()) {
    auto one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    boost::system::error_code bad;
    const std::string text{one};
    boost::asio::ip::make_address(text, bad);
    if (bad || out.size() == sources_limit) {
      fault = bad ? "only_sources: '" + shown(text) + "' is not a numeric address"
                  : "only_sources: more than " + std::to_string(sources_limit) + " senders";
      return false;
    }
    out.push_back(text);
  }
  return true;
}

int32_t check_limits(const tp_line_spec& spec, std::string& fault) {
  if (spec.struct_size < sizeof(tp_line_spec)) {
    fault = "struct_size is smaller than tp_line_spec";
    return TP_E_ARGUMENT;
  }
  if (spec.line >= line_number_limit) {
    fault = "the number is not below " + std::to_string(line_number_limit);
    return TP_E_ARGUMENT;
  }
  if (spec.kind < TP_LINE_UDP_GROUP || spec.kind > TP_LINE_FILE) {
    fault = "kind " + std::to_string(spec.kind) + " is unknown";
    return TP_E_UNSUPPORTED;
  }
  if (spec.max_unit == 0 || spec.max_unit > max_unit_limit) {
    fault = "max_unit is " + std::to_string(spec.max_unit) + ", allowed are 1 to " + std::to_string(max_unit_limit);
    return spec.max_unit == 0 ? TP_E_ARGUMENT : TP_E_LIMIT;
  }
  if (spec.kind == TP_LINE_FILE && spec.cut > TP_CUT_TEXT_LINES) {
    fault = "files are not cut in way " + std::to_string(spec.cut) + " here";
    return spec.cut == TP_CUT_PCAP ? TP_E_UNSUPPORTED : TP_E_ARGUMENT;
  }
  return TP_OK;
}

} // namespace

int32_t check(const tp_line_spec& spec, line_settings& out, std::string& fault) {
  if (const auto code = check_limits(spec, fault); code != TP_OK) return code;
  const auto text = view(spec.address);
  auto where = parse_address(text, fault);
  if (!where) {
    fault = "address '" + shown(text) + "': " + fault;
    return TP_E_ARGUMENT;
  }
  if (!fits(spec.kind, where->kind)) {
    fault = "address '" + shown(text) + "': the scheme does not fit a line of kind " + std::to_string(spec.kind);
    return TP_E_ARGUMENT;
  }
  if (!copy_sources(view(spec.only_sources), out.only_sources, fault)) return TP_E_ARGUMENT;
  if (const auto code = copy_headers(spec.headers, spec.header_count, out.headers, fault); code != TP_OK) return code;
  out.number = spec.line;
  out.max_unit = spec.max_unit;
  out.kind = spec.kind;
  out.role = spec.role;
  out.cut = spec.cut;
  out.name = view(spec.name);
  out.shown_address = shown(text);
  out.from_interface = view(spec.from_interface);
  out.where = std::move(*where);
  return TP_OK;
}

int32_t check(const tp_http_request& request, http_settings& out, std::string& fault) {
  if (request.struct_size < sizeof(tp_http_request)) {
    fault = "struct_size is smaller than tp_http_request";
    return TP_E_ARGUMENT;
  }
  auto where = parse_address(view(request.url), fault);
  if (!where || (where->kind != scheme::http && where->kind != scheme::https)) {
    fault = "address '" + shown(view(request.url)) + "': " + (where ? "the scheme is not http or https" : fault);
    return TP_E_ARGUMENT;
  }
  if (const auto code = copy_headers(request.headers, request.header_count, out.headers, fault); code != TP_OK)
    return code;
  out.id = request.id;
  out.max_body = request.max_body ? std::min(request.max_body, largest_body) : default_body;
  out.timeout_ns = request.timeout_ns ? request.timeout_ns : default_timeout_ns;
  out.where = std::move(*where);
  return TP_OK;
}

} // namespace tickplant::net::venue
