// The server's client sockets on one network loop: net::client_set on one side, the loop's context on the other.
// Decides about upgrades (path, origin, login, compression), answers plain HTTP requests, unpacks compressed messages.
// Loop thread, or before the loop runs.
#pragma once

#include "actors/gateway_context.hpp"
#include "actors/gateway_snapshots.hpp"
#include "runtime/net/client/client_set.hpp"
#include "runtime/policy/token_source.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

/// Whether the loop is ready for clients, and why not. Empty: ready.
using readiness = std::function<std::string()>;

/// Answers a request later, by client_set::answer_http. False: not this request's business.
using late_page = std::function<bool(net::client_ref client)>;

/// Counted on the loop's thread.
struct gateway_counters {
  uint64_t origin_refused = 0, login_refused = 0, login_overload = 0, unpack_refused = 0;
};

class gateway_sockets final : public client_sockets, public net::client_events {
public:
  gateway_sockets(net::event_loop& loop, gateway_context& context, net::client_options options, readiness ready);

  net::client_set& set() { return set_; }
  gateway_context& context() { return context_; }
  const gateway_counters& counters() const { return counters_; }

  /// The rules of one listener, from now on; null: it is gone, its clients are closed with SHUTTING_DOWN.
  void set_rules(uint32_t listener, listener_rules_ptr rules);
  listener_rules_ptr rules_now(const listener_rules_ptr& once) const override;
  /// The name of a listener by its number; empty: there is none.
  std::string listener_name(uint32_t listener) const;
  /// Serves `/metrics` on listeners that allow it.
  void set_metrics(late_page metrics) { metrics_ = std::move(metrics); }

  void will_write(fanout::client_key client) override { set_.will_write({client.index, client.generation}); }
  fanout::written write(fanout::client_key client, std::span<const uint8_t> frame) override;
  void reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload) override;
  void answer(fanout::client_key client, wire::opcode kind, std::span<const fanout::bytes> replies) override;
  void close(fanout::client_key client, uint16_t code, std::string_view reason) override;
  void abort(fanout::client_key client) override;
  bool is_behind(fanout::client_key client) const override;
  void pause_reading(fanout::client_key client) override;
  void resume_reading(fanout::client_key client) override;

  net::http_response on_http(net::client_ref client, const net::http_request& request) override;
  net::upgrade_answer on_upgrade(net::client_ref client, const net::upgrade_request& request) override;
  void on_open(net::client_ref client) override;
  void on_message(net::client_ref client, const net::inbound_message& message) override;
  void on_slow(net::client_ref client) override;
  void on_drained(net::client_ref client) override;
  void on_closed(net::client_ref client, const net::close_report& report) override;
  void on_fault(net::client_ref client, std::string_view what) override;

private:
  /// One client between its upgrade request and on_open, and what compressing clients keep afterwards.
  struct upgrading {
    net::client_ref client;
    client_opening opening;
    net::upgrade_answer answer;
    std::string target, origin; // for the audit trail, secrets cut out
  };
  struct packing {
    net::client_ref client;
    std::shared_ptr<compression_place> compression;
    uint32_t group = 0;
  };

  void append_reply(fanout::client_key client, wire::opcode kind, std::span<const uint8_t> payload);
  policy::credential credential_of(policy::token_search found, const net::peer_address& peer,
                                   const listener_rules& rules) const;
  const listener_rules* rules_of(uint32_t listener) const;
  dialect_place* choose_dialect(const listener_rules& rules, const net::upgrade_request& request, std::string& echoed);
  void negotiate(upgrading& entry, const net::upgrade_request& request);
  net::http_response take_poll(net::client_ref client, const net::http_request& request, const listener_rules& rules);
  net::http_response refuse_poll(int32_t code, std::string_view reason) const;
  net::upgrade_answer check(upgrading entry, const net::upgrade_request& request);
  void checked(net::client_ref client, const void* judge, const policy::auth_outcome& given);
  net::upgrade_answer refuse(const upgrading& entry, int32_t code, std::string_view reason);
  void tell(const upgrading& entry, int32_t code, std::string_view reason) const;

  gateway_context& context_;
  std::vector<listener_rules_ptr> listeners_; // by number; null: gone
  readiness ready_;
  late_page metrics_;
  std::map<uint32_t, upgrading> upgrading_; // by socket index
  std::map<uint32_t, packing> packing_;     // by socket index, clients that have agreed on compression
  std::vector<uint8_t> frame_, unpacked_;   // scratch
  gateway_counters counters_;
  gateway_snapshots snapshots_;
  net::client_set set_; // last: its end tells nobody any more
};

} // namespace tickplant::actors
