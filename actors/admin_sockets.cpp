#include "actors/admin_sockets.hpp"

#include "runtime/telemetry/log.hpp"

#include <utility>

namespace tickplant::actors {

namespace {

// People and scrapers are few; each costs a question to every loop.
constexpr uint32_t max_clients = 64;

net::client_options options() {
  net::client_options made;
  made.max_clients = max_clients;
  made.max_partial_heads = max_clients;
  return made;
}

net::http_response to_response(admin::answer answer) {
  net::http_response made;
  made.status = answer.status;
  made.content_type = std::move(answer.content_type);
  made.body = std::make_shared<const std::string>(std::move(answer.body));
  made.fields = std::move(answer.fields);
  made.fields.emplace_back("Cache-Control", "no-store");
  return made;
}

} // namespace

admin_sockets::admin_sockets(net::event_loop& loop, const std::string& address, uint16_t port,
                             std::function<admin::access_rules()> access, std::function<void(admin_query)> ask)
  : access_(std::move(access)), ask_(std::move(ask)), set_(loop, *this, options()) {
  net::listener_settings settings;
  // Every method gets as far as the routes, which know what fits.
  settings.methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
  settings.body_limit = 64 * 1024; // no route reads one, but clients may send an empty form
  set_.set_listener(0, settings);
  acceptor_ = std::make_unique<net::acceptor>(
    loop, address, port, [this](int descriptor, const net::peer_address& peer) { set_.adopt(descriptor, peer, 0); });
  port_ = acceptor_->port();
}

net::http_response admin_sockets::on_http(net::client_ref client, const net::http_request& request) {
  auto judged = admin::judge(request, access_ ? access_() : admin::access_rules{});
  if (auto* refused = std::get_if<admin::answer>(&judged)) return to_response(std::move(*refused));
  admin_query query;
  query.wanted = std::get<admin::command>(std::move(judged));
  query.peer = request.peer.text();
  query.reply = [weak = weak_from_this(), client](admin::answer answer) {
    if (const auto me = weak.lock()) me->set_.answer_http(client, to_response(std::move(answer)));
  };
  ask_(std::move(query));
  return net::http_response::later();
}

net::upgrade_answer admin_sockets::on_upgrade(net::client_ref, const net::upgrade_request&) {
  return net::upgrade_answer::refuse(400, "The admin address speaks plain HTTP\n");
}

void admin_sockets::on_fault(net::client_ref, std::string_view what) {
  telemetry::log(telemetry::level::error, "admin", "callback failed: " + std::string{what});
}

} // namespace tickplant::actors
