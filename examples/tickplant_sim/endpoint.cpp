#include "tickplant_sim/endpoint.hpp"

#include <charconv>
#include <stdexcept>
#include <string>

namespace tickplant::sim {

host_and_port parse_endpoint(std::string_view text, std::string_view scheme) {
  const auto wrong = [whole = std::string{text}](std::string_view why) {
    return std::invalid_argument("'" + whole + "': " + std::string{why} + "; write an address and a port, such as " +
                                 "127.0.0.1:26400");
  };
  if (const auto mark = text.find("://"); mark != std::string_view::npos) {
    if (text.substr(0, mark) != scheme) throw wrong("only " + std::string{scheme} + ":// is possible here");
    text.remove_prefix(mark + 3);
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) throw wrong("no port");
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  host_and_port out;
  boost::system::error_code error;
  out.host = boost::asio::ip::make_address(std::string{host}, error);
  if (error) throw wrong("'" + std::string{host} + "' is not a numeric address");
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size())
    throw wrong("'" + std::string{port} + "' is not a port");
  return out;
}

} // namespace tickplant::sim
