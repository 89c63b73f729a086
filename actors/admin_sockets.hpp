// The sockets of the admin API: HTTP in, questions to the admin actor, answers back when they are there. Admin loop
// only.
#pragma once

#include "actors/admin.hpp"
#include "runtime/net/client/acceptor.hpp"

namespace tickplant::actors {

class admin_sockets final : public net::client_events, public std::enable_shared_from_this<admin_sockets> {
public:
  /// `ask` hands a query to the actor; `access` is asked at each request. Throws std::system_error that names address
  /// and cause if the port cannot be had.
  admin_sockets(net::event_loop& loop, const std::string& address, uint16_t port,
                std::function<admin::access_rules()> access, std::function<void(admin_query)> ask);

  uint16_t port() const { return port_; }
  /// Accepts nobody any more; what is under way is answered.
  void stop_accepting() { acceptor_.reset(); }

  net::http_response on_http(net::client_ref client, const net::http_request& request) override;
  net::upgrade_answer on_upgrade(net::client_ref client, const net::upgrade_request& request) override;
  void on_message(net::client_ref, const net::inbound_message&) override {}
  void on_drained(net::client_ref) override {}
  void on_closed(net::client_ref, const net::close_report&) override {}
  void on_fault(net::client_ref client, std::string_view what) override;

private:
  std::function<admin::access_rules()> access_;
  std::function<void(admin_query)> ask_;
  uint16_t port_ = 0;
  net::client_set set_;
  std::unique_ptr<net::acceptor> acceptor_; // hands connections to the set
};

} // namespace tickplant::actors
