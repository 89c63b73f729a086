#include "actors/gateway_sockets.hpp"

#include "runtime/telemetry/log.hpp"

#include <algorithm>

namespace tickplant::actors {

namespace {

net::client_ref to_ref(fanout::client_key key) {
  return {key.index, key.generation};
}
fanout::client_key to_key(net::client_ref ref) {
  return {ref.index, ref.generation};
}

// Paths that every listener serves, whatever its own routes are.
constexpr std::string_view fixed_prefix = "/ws/v1/";

} // namespace

gateway_sockets::gateway_sockets(net::event_loop& loop, gateway_context& context, net::client_options options,
                                 std::vector<listener_routes> listeners, readiness ready)
  : context_(context), listeners_(std::move(listeners)), ready_(std::move(ready)), set_(loop, *this, options) {
  context_.sockets = this;
}

fanout::written gateway_sockets::write(fanout::client_key client, std::span<const uint8_t> frame) {
  switch (set_.write(to_ref(client), frame)) {
    case net::write_result::sent: return fanout::written::sent;
    case net::write_result::kept: return fanout::written::filled;
    case net::write_result::blocked: return fanout::written::blocked;
    case net::write_result::gone: return fanout::written::closed;
  }
  return fanout::written::closed;
}

void gateway_sockets::reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload) {
  frame_.clear();
  wire::append_frame(frame_, kind, payload);
  set_.reply(to_ref(client), frame_);
}

void gateway_sockets::close(fanout::client_key client, uint16_t code, std::string_view reason) {
  set_.close(to_ref(client), code, reason);
}

void gateway_sockets::abort(fanout::client_key client) {
  set_.abort(to_ref(client));
}
void gateway_sockets::pause_reading(fanout::client_key client) {
  set_.pause_reading(to_ref(client));
}
void gateway_sockets::resume_reading(fanout::client_key client) {
  set_.resume_reading(to_ref(client));
}

net::http_response gateway_sockets::on_http(net::client_ref, const net::http_request& request) {
  if (request.path == "/health/live") return net::http_response::text(200, "live\n");
  if (request.path == "/health/ready") {
    const auto why_not = ready_();
    return why_not.empty() ? net::http_response::text(200, "ready\n") : net::http_response::text(503, why_not + "\n");
  }
  const auto& listener = listeners_.at(request.listener);
  if (listener.dialects.contains(request.path) || request.path.starts_with(fixed_prefix)) {
    auto response = net::http_response::text(426, "This path speaks WebSocket: connect with an Upgrade header\n");
    response.fields.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (listener.page) return listener.page->respond(request.path);
  return net::http_response::text(404, "Nothing is served here\n");
}

net::upgrade_answer gateway_sockets::on_upgrade(net::client_ref client, const net::upgrade_request& request) {
  const auto& listener = listeners_.at(request.listener);
  std::string dialect;
  if (const auto route = listener.dialects.find(request.path); route != listener.dialects.end())
    dialect = route->second;
  else if (request.path.starts_with(fixed_prefix))
    dialect = request.path.substr(fixed_prefix.size());
  auto* place = dialect.empty() ? nullptr : context_.find_dialect(dialect);
  if (!place) {
    std::string known;
    for (const auto& [path, name] : listener.dialects) known += (known.empty() ? "" : ", ") + path + " (" + name + ")";
    return net::upgrade_answer::refuse(404, "No WebSocket at this path; there is: " + known + "\n");
  }
  if (!context_.connections)
    return net::upgrade_answer::refuse(503, "The gateway is restarting or leaving; try again\n");
  upgraded_[client.index] = {client, place, request.peer.text()};
  return net::upgrade_answer::accept();
}

void gateway_sockets::on_open(net::client_ref client) {
  const auto found = upgraded_.find(client.index);
  if (found == upgraded_.end() || found->second.client != client) return;
  auto entry = std::move(found->second);
  upgraded_.erase(found);
  telemetry::log(telemetry::level::debug, "gateway", "client " + entry.peer + " connected, " + entry.dialect->name);
  context_.opened(to_key(client), *entry.dialect, std::move(entry.peer));
}

void gateway_sockets::on_message(net::client_ref client, const net::inbound_message& message) {
  context_.message(to_key(client), message.kind == net::message_kind::text, message.payload);
}

void gateway_sockets::on_drained(net::client_ref client) {
  context_.drained(to_key(client));
}

void gateway_sockets::on_closed(net::client_ref client, const net::close_report& report) {
  upgraded_.erase(client.index);
  context_.closed(to_key(client), report.code, report.reason);
}

void gateway_sockets::on_fault(net::client_ref, std::string_view what) {
  telemetry::log(telemetry::level::error, "gateway", "callback failed: " + std::string{what});
}

} // namespace tickplant::actors
