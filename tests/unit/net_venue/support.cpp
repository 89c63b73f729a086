#include "support.hpp"

#include <boost/asio/buffer.hpp>

#include <chrono>

namespace tickplant::net {

namespace asio = boost::asio;
using asio::ip::udp;

std::string seen_answer::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return "(none)";
}

void recording_sink::enter() {
  ++calls;
  EXPECT_FALSE(is_inside_request) << "the sink was called from inside a request";
}

namespace {
// Reading the padding is what plugins do; the address sanitizer watches that it is there.
void read_padding(const uint8_t* end) {
  volatile uint8_t sum = 0;
  for (size_t i = 0; i < TP_PADDING; ++i) sum = static_cast<uint8_t>(sum + end[i]);
}
} // namespace

void recording_sink::on_units(std::span<const tp_unit> all) {
  enter();
  bursts.push_back(all.size());
  for (const auto& u : all) {
    units.push_back({u.line, u.flags, u.recv_ns, {reinterpret_cast<const char*>(u.data), u.size}});
    read_padding(u.data + u.size);
  }
  if (when_units) when_units(all);
}

int64_t recording_sink::on_stream(const tp_unit& unit) {
  enter();
  stream_views.emplace_back(reinterpret_cast<const char*>(unit.data), unit.size);
  read_padding(unit.data + unit.size);
  return reader ? reader(unit) : static_cast<int64_t>(unit.size);
}

void recording_sink::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  enter();
  EXPECT_GT(now_ns, 0u);
  states.push_back({line, state, std::string{why}});
  if (when_line) when_line(seen_state{states.back()});
}

void recording_sink::on_http(const tp_http_answer& answer) {
  enter();
  seen_answer copy{answer.id, answer.status, {}, {answer.body.data, answer.body.size}};
  for (uint32_t i = 0; i < answer.header_count; ++i) {
    const auto& [key, value] = answer.headers[i];
    copy.headers.emplace_back(std::string{key.data, key.size}, std::string{value.data, value.size});
  }
  read_padding(reinterpret_cast<const uint8_t*>(answer.body.data) + answer.body.size);
  answers.push_back(std::move(copy));
}

void recording_sink::on_timer(uint32_t id, uint64_t) {
  enter();
  timers.push_back(id);
  if (when_timer) when_timer(id);
}

bool recording_sink::has_state(uint32_t line, uint32_t state) const {
  for (const auto& s : states)
    if (s.line == line && s.state == state) return true;
  return false;
}

std::string recording_sink::why(uint32_t line, uint32_t state) const {
  for (const auto& s : states)
    if (s.line == line && s.state == state) return s.why;
  return "(no such state)";
}

std::vector<std::string> recording_sink::texts(uint32_t line) const {
  std::vector<std::string> out;
  for (const auto& u : units)
    if (u.line == line) out.push_back(u.data);
  return out;
}

void lines_test::start(std::function<void(venue_lines_options&)> change) {
  venue_lines_options options;
  options.log = [this](int32_t, std::string_view text) { logs.emplace_back(text); };
  options.on_fault = [this](std::string_view what) { faults.emplace_back(what); };
  options.after_delivery = [this] { ++turns_seen; };
  if (change) change(options);
  lines.emplace(loop, sink, std::move(options));
}

bool lines_test::run_until(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    context().run_one_for(std::chrono::milliseconds{100});
  }
  return true;
}

void lines_test::settle() {
  for (int i = 0; i < 50; ++i) context().poll();
}

int32_t lines_test::open(uint32_t line, uint16_t kind, const std::string& address,
                         const std::function<void(tp_line_spec&)>& change) {
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line;
  spec.kind = kind;
  spec.role = TP_ROLE_LIVE;
  spec.max_unit = 2048;
  spec.name = to_tp_text("test");
  spec.address = to_tp_text(address);
  if (change) change(spec);
  const bool was_inside = std::exchange(sink.is_inside_request, true);
  const auto code = lines->line_open(spec);
  sink.is_inside_request = was_inside;
  return code;
}

int32_t lines_test::send(uint32_t line, std::string_view text, uint32_t flags) {
  return lines->send(line, flags, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

line_status lines_test::status(uint32_t line) const {
  for (auto& s : lines->status())
    if (s.line == line) return s;
  return {};
}

bool lines_test::has_log(const std::string& part) const {
  for (const auto& text : logs)
    if (text.find(part) != std::string::npos) return true;
  return false;
}

tp_str to_tp_text(std::string_view text) {
  return {text.data(), text.size()};
}

uint16_t free_udp_port() {
  asio::io_context context;
  const udp::socket probe{context, udp::endpoint{asio::ip::address_v4::loopback(), 0}};
  return probe.local_endpoint().port();
}

udp_sender::udp_sender(asio::io_context& context, const std::string& from)
  : socket(context, udp::endpoint{asio::ip::make_address(from), 0}) {}

void udp_sender::send(const std::string& text, uint16_t port, const std::string& to) {
  socket.send_to(asio::buffer(text), {asio::ip::make_address(to), port});
}

std::string udp_sender::receive(udp::endpoint& from) {
  std::string text(2048, '\0');
  text.resize(socket.receive_from(asio::buffer(text), from));
  return text;
}

tcp_server::tcp_server(asio::io_context& context)
  : acceptor(context, asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), 0}) {}

std::string tcp_server::address(const std::string& scheme, const std::string& rest, const std::string& host) const {
  return scheme + "://" + host + ":" + std::to_string(port()) + rest;
}

} // namespace tickplant::net
