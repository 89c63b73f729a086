// One client's side of the protocol, apart from sockets and actors: requests in; replies, changes of subscriptions and
// the wish to close out. One thread; times come in.
#pragma once

#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/hub_core.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/policy/entitlement.hpp"
#include "runtime/policy/principal_table.hpp"
#include "runtime/wire/error_registry.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::fanout {

struct session_limits {
  uint32_t max_symbols = 1024; // over all subscriptions of the connection
  uint32_t max_depth = 50;     // levels a side
  uint32_t max_message = 64 * 1024;
  uint32_t heartbeat_ms = 30'000;
  uint32_t max_problems = 100; // wrong messages until the connection is closed with 4009; each good one takes one off
};

/// Who the client is, as far as its session goes by it.
struct client_identity {
  std::string subject, tier;
  int64_t expires_ns = TP_NONE;
  std::shared_ptr<const policy::entitlement> rights; // null: everything
  std::shared_ptr<policy::principal_table::ticket>
    ticket; // counts its symbols over all its connections; null: not counted
};

/// A credential that the client sent in a message; it goes to the login check, and nowhere else.
struct login_request {
  std::string token;
  bool is_refresh = false;
};

/// What the connection has to do after a message, in this order: send the replies, change subscriptions, have a login
/// checked, close.
struct session_actions {
  struct change {
    option_set options;
    std::vector<std::string> add, remove; // names as the client wrote them
  };
  std::vector<bytes> replies;
  std::vector<change> changes;
  std::optional<login_request> login;
  std::string trace_parent; // of the request, where the client sent one; not checked
  std::optional<std::pair<uint16_t, std::string>> close;
};

/// How an instrument stands on this loop, null if nothing is known of it.
using state_lookup = std::function<const book::publication*(model::instrument_id)>;

class session final : public plugin::request_visitor {
public:
  /// `names` and `print` outlive the session.
  session(std::string id, const printer& print, const directory& names, state_lookup states, session_limits limits);

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  // Before the welcome: who the client is, or that it has to say so by AUTH, and what its elements carry beside.
  void set_identity(client_identity identity) { identity_ = std::move(identity); }
  void require_login(uint32_t deadline_ms);
  void set_extras(uint32_t extras) { extras_ = extras; }

  session_actions welcome(uint64_t wall_ns);
  /// One message of the client, decoded by its dialect. TP_FRAME_PADDING readable bytes lie behind it.
  session_actions on_frame(const tp_frame& frame, plugin::dialect_host& dialect, uint64_t wall_ns);
  // One request or problem of it; what it leads to is collected for on_frame's caller.
  void on_request(const tp_request& request) override;
  void on_problem(const tp_problem& problem) override;
  /// The login that on_frame asked for was checked.
  session_actions logged_in(client_identity identity, uint64_t wall_ns);
  session_actions login_refused(int32_t code, std::string_view reason, uint64_t wall_ns);
  /// The principal's time is nearly over; is over.
  session_actions expiring(uint64_t wall_ns);
  session_actions expired(uint64_t wall_ns);
  /// New limits or rights are in force: rows that they do not allow go, and the client is told.
  session_actions change_rules(const session_limits& limits, std::shared_ptr<const policy::entitlement> rights,
                               uint64_t wall_ns);
  /// A notice before the server closes.
  session_actions goodbye(uint64_t wall_ns, uint32_t retry_after_ms);
  /// A name that was pending has turned out: it exists, or it does not, or is not for this client (and is forgotten).
  session_actions settled(const std::vector<std::string>& found, const std::vector<std::string>& unknown,
                          const std::vector<std::string>& refused, uint64_t wall_ns);

  const std::string& id() const { return id_; }
  size_t symbols() const { return names_asked_.size(); }
  bool waits_for_login() const { return needs_login_; }
  const client_identity& identity() const { return identity_; }

private:
  void subscribe(const tp_request& request);
  void unsubscribe(const tp_request& request);
  void log_in(const tp_request& request);
  option_set options_of(const tp_request& request) const;
  option_set cut(option_set options) const;
  /// Takes one symbol more from what the connection and the principal may have.
  bool take_symbol();
  void forget(std::string_view name);
  void put_identity(tp_reply& reply) const;
  tp_result look_up(std::string_view name) const;
  void refuse(wire::error_code code, std::string_view field, std::string_view detail, tp_str id);
  void refuse(int32_t code, std::string_view field, std::string_view detail, tp_str id);
  void print(const tp_reply& reply);
  tp_reply reply_of(uint32_t kind) const;
  session_actions take_actions() { return std::exchange(actions_, {}); }

  std::string id_;
  const printer& print_;
  const directory& directory_;
  state_lookup states_;
  session_limits limits_;
  client_identity identity_;
  bool needs_login_ = false, login_is_open_ = false;
  uint32_t login_deadline_ms_ = 0, extras_ = 0;
  std::string login_id_; // the client's id of the message that asked
  std::map<std::string, option_set, std::less<>> names_asked_;
  uint32_t problems_ = 0;
  uint64_t wall_ns_ = 0;    // of the call that runs
  session_actions actions_; // collected by the call that runs
};

} // namespace tickplant::fanout
