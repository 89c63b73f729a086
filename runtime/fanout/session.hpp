// One client's side of the protocol, apart from sockets and actors: requests in; replies, changes of subscriptions and
// the wish to close out. One thread; times come in. What is needed during a call only is not kept: there is a session
// for each of very many clients.
#pragma once

#include "runtime/fanout/ask_list.hpp"
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/option_set.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/policy/entitlement.hpp"
#include "runtime/policy/principal.hpp"
#include "runtime/policy/principal_table.hpp"
#include "runtime/support/rate_bucket.hpp"
#include "runtime/wire/error_registry.hpp"

#include <tickplant/dialect.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
  support::rate_rule requests; // that change or ask for something
  uint32_t max_problems = 100; // wrong messages until the connection is closed with 4009; each good one takes one off
  bool has_signals = true;     // arbitrage between venues is looked for
};

/// Who the client is, as far as its session goes by it.
struct client_identity {
  policy::principal_ptr who;                         // null: it has not logged in
  std::shared_ptr<const policy::entitlement> rights; // null: everything
  std::shared_ptr<policy::principal_table::ticket>
    ticket; // counts its symbols over all its connections; null: not counted
  int64_t expires_ns() const { return who ? who->expires_ns : TP_NONE; }
};

/// A credential that the client sent in a message; it goes to the login check, and nowhere else.
struct login_request {
  std::string token;
  bool is_refresh = false;
};

/// What the connection has to do after a message, in this order: send the replies, carry out orders about rows, have a
/// login checked, close.
struct session_actions {
  std::vector<bytes> replies;
  std::vector<row_order> rows;
  std::optional<login_request> login;
  std::string trace_parent; // of the request, where the client sent one; not checked
  std::optional<std::pair<uint16_t, std::string>> close;
};

/// What sessions ask of their loop.
class session_host {
public:
  virtual ~session_host() = default;
  /// How an instrument stands, null if nothing is known of it.
  virtual const book::publication* state_of(model::instrument_id id) const = 0;
  /// The newest on some lines of the client, from one on.
  virtual line_places places_of(client_key client, uint32_t from) const = 0;
  /// Whether there is room for rows of these options of the client.
  virtual bool has_room(client_key client, const option_set& options) const = 0;
};

class session final : public plugin::request_visitor, private symbol_budget {
public:
  /// `print`, `names` and `host` outlive the session. `id` is shown to the client.
  session(client_key client, std::string id, const printer& print, const directory& names, const session_host& host,
          session_limits limits);

  session(const session&) = delete;
  session& operator=(const session&) = delete;

  // Before the welcome: who the client is, or that it has to say so by AUTH, and what its elements carry beside.
  void set_identity(client_identity identity);
  void require_login(uint32_t deadline_ms);
  void set_extras(uint32_t extras) { extras_ = extras; }
  /// Different options that one client may have at a time.
  static constexpr size_t max_option_sets = 16;

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
  /// Instruments have come, and others gone; a venue may have told all. Call it if the session follows the directory,
  /// or if any have gone.
  session_actions directory_changed(std::span<const model::instrument_id> came,
                                    std::span<const model::instrument_id> gone, uint64_t wall_ns);
  bool follows_directory() const { return asks_.follows_directory(); }
  /// The rows of these options as they have to be, as orders to add them: for whoever has lost them.
  std::vector<row_order> rows_of(const option_set& options) const;
  bool has_row_of(const option_set& options) const;
  /// A row of mode SNAPSHOT_ONLY has got its snapshot and is gone.
  void finished(const option_set& options, model::instrument_id id);
  /// The server's own heartbeat, with the newest sequence of each line; for clients that have said HELLO.
  session_actions beat(uint64_t wall_ns);

  const std::string& id() const { return id_; }
  size_t symbols() const { return asks_.size(); }
  bool is_extended() const { return (extras_ & TP_EXTRA_SEQUENCE) != 0; }
  uint32_t heartbeat_ms() const { return limits_.heartbeat_ms; }
  bool waits_for_login() const { return needs_login_; }
  const client_identity& identity() const { return identity_; }

private:
  // One call from outside, and what it leads to.
  class call {
  public:
    call(session& of, uint64_t wall_ns) : of_(of) {
      of_.actions_ = &actions_;
      of_.wall_ns_ = wall_ns;
    }
    call(const call&) = delete;
    ~call() { of_.actions_ = nullptr; }
    session_actions take();

  private:
    session& of_;
    session_actions actions_;
  };

  // What became of the symbols of one request.
  struct answer {
    std::vector<tp_result> results;
    std::vector<std::string_view> unknown, beyond, foreign;
    std::vector<std::string_view> without_trades, without_signals; // that were asked for
    std::vector<std::string> cut;                                  // wildcards, and how many a limit left out
    uint32_t granted = 0, data_types = 0;                          // data_types: of those that are granted
  };

  // What a symbol gets of the options that were asked for.
  struct offer {
    option_set options;
    uint32_t missing = 0; // data types that never come for it
    bool is_empty() const { return options.data_types == 0; }
  };
  struct offers {
    offer of_one_venue, consolidated;
  };

  bool take_symbol(size_t held) override;
  void keep_symbol() override;
  void give_symbol() override;

  void say_hello(const tp_request& request);
  void log_in(const tp_request& request);
  void subscribe(const tp_request& request);
  void subscribe_name(const tp_request& request, std::string_view name, const offer& offered,
                      const ask_list::places& from, answer& to);
  void subscribe_wildcard(std::string_view name, const wildcard& pattern, const offer& offered,
                          const ask_list::places& from, answer& to);
  void update(const tp_request& request);
  void resume(const tp_request& request);
  void take_snapshots(const tp_request& request, const option_set& options);
  bool is_awaited(const option_set& options, model::instrument_id id) const;
  void unsubscribe(const tp_request& request);
  void pause(const tp_request& request);
  void list(const tp_request& request);

  std::optional<option_set> options_of(const tp_request& request, const option_set* present);
  option_set cut(option_set options) const;
  bool is_consolidated(std::string_view name) const;
  offer offer_of(const option_set& options, bool for_consolidated) const;
  offer offer_for(const option_set& options, std::string_view name) const {
    return offer_of(options, is_consolidated(name));
  }
  std::optional<offers> offers_for(const tp_request& request, const option_set& options);
  static void note_missing(std::string_view name, const offer& offered, answer& to);
  static void grant(std::string_view name, const offer& offered, tp_result& result, answer& to);
  void refuse_offer(std::string_view name, const offer& offered, tp_result& result, answer& to) const;
  void say_missing(const answer& given, tp_str id);
  bool intern_filter(const tp_request& request, option_set& options);
  std::optional<wildcard> wildcard_of(std::string_view name, const option_set& options) const;
  ask_list::places places_named(const tp_request& request) const;
  void say_unused(const tp_request& request, const answer& given);
  uint32_t lines_of(const option_set& options) const;
  tp_result look_up(std::string_view name) const;
  tp_result describe(std::string_view name, const ask_list::ask& ask) const;
  void append_places(std::vector<tp_result>& to, const line_places& found) const;
  void say_heartbeat(tp_reply& reply);
  bool has_room_for(const tp_request& request, const option_set& options);
  tp_result result_of(model::instrument_id id) const;
  void say_answer(uint32_t kind, const answer& given, const option_set& options, tp_str id,
                  std::string_view field = "symbols");
  std::string hint_for(const answer& given) const;
  const ask_list::ask* other_by(std::string_view name) const;
  void say_status(std::vector<tp_result>& results);
  void take_rules(const session_limits& limits, std::shared_ptr<const policy::entitlement> rights);
  void say_limits(const answer& given, tp_str id);

  void put_identity(tp_reply& reply) const;
  void put_welcome(tp_reply& reply) const;
  void refuse(wire::error_code code, std::string_view field, std::string_view detail, tp_str id);
  void refuse(int32_t code, std::string_view field, std::string_view detail, tp_str id, uint32_t retry_after_ms = 0);
  void print(const tp_reply& reply);
  tp_reply reply_of(uint32_t kind) const;

  client_key client_;
  std::string id_;
  const printer& print_;
  const directory& directory_;
  const session_host& host_;
  session_limits limits_;
  client_identity identity_;
  bool needs_login_ = false;
  bool has_said_hello_ = false, has_subscribed_ = false;
  uint32_t login_deadline_ms_ = 0, extras_ = 0;
  uint32_t next_place_ = 0;                       // of its lines, which the next heartbeat begins with
  std::unique_ptr<const std::string> open_login_; // the client's id of the one being checked; null: none is
  ask_list asks_;
  std::vector<std::pair<options_ptr, model::instrument_id>> snapshots_; // that are awaited
  uint32_t problems_ = 0;
  support::rate_bucket requests_;
  uint64_t wall_ns_ = 0;               // of the call that runs
  session_actions* actions_ = nullptr; // of the call that runs; null between calls
};

} // namespace tickplant::fanout
