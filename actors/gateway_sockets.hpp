// The server's client sockets on one network loop: net::client_set on one side, the loop's context on the other.
// Chooses the dialect by the path, answers plain HTTP requests. Loop thread, or before the loop runs.
#pragma once

#include "actors/gateway_context.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/net/client/static_files.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// What a listener serves; shared by all loops, immutable.
struct listener_routes {
  std::string name;
  std::map<std::string, std::string, std::less<>> dialects; // by path
  std::shared_ptr<const net::static_files> page;            // null: none
};

/// Whether the server is ready for clients, and why not; any thread.
using readiness = std::function<std::string()>; // empty: ready

class gateway_sockets final : public client_sockets, public net::client_events {
public:
  gateway_sockets(net::event_loop& loop, gateway_context& context, net::client_options options,
                  std::vector<listener_routes> listeners, readiness ready);

  net::client_set& set() { return set_; }

  fanout::written write(fanout::client_key client, std::span<const uint8_t> frame) override;
  void reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload) override;
  void close(fanout::client_key client, uint16_t code, std::string_view reason) override;
  void abort(fanout::client_key client) override;
  void pause_reading(fanout::client_key client) override;
  void resume_reading(fanout::client_key client) override;

  net::http_response on_http(net::client_ref client, const net::http_request& request) override;
  net::upgrade_answer on_upgrade(net::client_ref client, const net::upgrade_request& request) override;
  void on_open(net::client_ref client) override;
  void on_message(net::client_ref client, const net::inbound_message& message) override;
  void on_drained(net::client_ref client) override;
  void on_closed(net::client_ref client, const net::close_report& report) override;
  void on_fault(net::client_ref client, std::string_view what) override;

private:
  struct upgraded {
    net::client_ref client;
    dialect_place* dialect = nullptr;
    std::string peer;
  };

  gateway_context& context_;
  std::vector<listener_routes> listeners_;
  readiness ready_;
  std::map<uint32_t, upgraded> upgraded_; // by index, between the answer and on_open
  std::vector<uint8_t> frame_;
  net::client_set set_; // last: its end tells nobody any more
};

} // namespace tickplant::actors
