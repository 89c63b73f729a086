// The inside of client_set. Spread over client_set.cpp (life, turns), client_input.cpp, client_output.cpp,
// client_http.cpp, client_listeners.cpp, client_tls.cpp and client_timers.cpp.
//
// Rule of the turn: callbacks are made only while a turn runs (ready sockets, due deadlines, or the extra turn asked
// for by `ask_turn`), and a record that dies stays in the table as `dead` until the turn's end. So a reference to a
// record holds across callbacks; after each one its phase is looked at again.
#pragma once

#include "runtime/net/client/client_set.hpp"
#include "runtime/net/client/client_table.hpp"
#include "runtime/net/client/http_head.hpp"
#include "runtime/net/client/loop_watch.hpp"
#include "runtime/net/client/timer_wheel.hpp"

#include <exception>
#include <map>
#include <string>
#include <sys/types.h>
#include <sys/uio.h>
#include <vector>

namespace tickplant::net {

/// A listener's settings and what is counted by them.
struct listener_place {
  listener_settings settings;
  http_head::rules rules;
  listener_counters counters;
  std::shared_ptr<address_gate> gate = std::make_shared<address_gate>();
};

/// Throws std::invalid_argument for options out of range.
void check(const client_options& options);

struct client_set::implementation {
  implementation(event_loop& loop, client_events& events, const client_options& options);
  ~implementation();

  // client_set.cpp
  bool adopt(int descriptor, const peer_address& peer, uint32_t listener);
  client_record* live(client_ref client);
  void tell_refused(const listener_place& place, int descriptor, uint16_t status, std::string_view why);
  client_ref ref_of(uint32_t index) { return {index, table.at(index).generation}; }
  void socket_turn();
  static constexpr int events_per_turn = 256;
  int handle_ready();
  void extra_turn();
  void ask_turn();
  void handle(uint32_t index, uint32_t what);
  void run_ready();
  static bool reads(const client_record& one);
  /// Lets replies pile up.
  bool is_slow(const output_tail& tail) const {
    if (tail.waiting_replies() == 0) return false;
    return tail.memory() > most_memory() / 4 * 3 || tail.waiting_replies() > most_replies() / 2;
  }
  /// Of what waits for one client: the rest of a write, and replies.
  size_t most_memory() const { return options.reply_limit + output_tail::most_plain; }
  /// Packed they may be many times what they take.
  size_t most_replies() const { return size_t{16} * options.reply_limit; }
  void update_interest(uint32_t index);
  void finish(uint32_t index, uint16_t code);
  void bury();
  void release_head(client_record& one);

  // client_listeners.cpp
  void set_listener(uint32_t listener, listener_settings settings);
  void set_options(const client_options& next);
  void close_listener(uint32_t listener, uint16_t code, std::string_view reason);
  void end_politely(uint32_t index, uint16_t code, std::string_view reason);
  bool may_enter(listener_place& place, const peer_address& peer, int descriptor);
  void count_record(client_record& one, int change);
  void count_open(client_record& one, int change);
  client_view view_of(client_record& one) const;

  // client_input.cpp
  void read(uint32_t index);
  void take_input(uint32_t index, std::span<uint8_t> input);
  void take_held(uint32_t index);
  void take_frames(uint32_t index, std::span<uint8_t> input);
  void take_heads(uint32_t index, std::span<uint8_t> input);
  size_t take_head(uint32_t index, std::span<uint8_t> input, size_t scanned, std::unique_ptr<held_input>& joined);
  void await_more(uint32_t index, std::span<uint8_t> input, size_t scanned, std::unique_ptr<held_input>& joined);
  void hold(client_record& one, std::span<const uint8_t> input, size_t scanned);
  void make_ready(uint32_t index);
  void peer_closed(uint32_t index, uint16_t code, std::string_view reason);

  // client_http.cpp
  void refuse_head(uint32_t index, const http_head::refusal& refusal);
  void take_request(uint32_t index, http_head& head);
  void take_upgrade(uint32_t index, http_head& head, open_request& request);
  void decide_later(uint32_t index, open_request& request);
  void decided(uint32_t index);
  void undecided(uint32_t index, std::string_view why);
  void respond(uint32_t index, const open_request& request, http_response& response);
  void upgrade(uint32_t index, const open_request& request, upgrade_answer& answer);
  void send_response(uint32_t index, const http_response& response, bool head_only, bool hang_up);
  void refuse(uint32_t index, uint16_t status, std::string_view why, field_list fields = {});
  void answered(uint32_t index);

  // client_output.cpp
  ssize_t send_some(client_record& one, const iovec* pieces, size_t count);
  ssize_t send_some(client_record& one, const void* bytes, size_t size);
  write_result write(uint32_t index, std::span<const std::span<const uint8_t>> pieces, bool must_keep);
  void block(uint32_t index);
  void flush(uint32_t index);
  void drained(uint32_t index);
  void send_control(uint32_t index, wire::opcode code, std::span<const uint8_t> payload);
  void begin_close(uint32_t index, uint16_t code, std::string_view reason, client_phase phase);
  void stop_sending(client_record& one);
  static uint32_t untaken(const client_record& one);

  // client_tls.cpp
  ssize_t receive(client_record& one);
  static bool has_unread(const client_record& one);
  static bool is_shaking(const client_record& one);
  void shake(uint32_t index);
  ssize_t send_records(client_record& one, std::span<const iovec> pieces);

  // client_timers.cpp
  uint32_t steps(uint64_t ns) const;
  uint32_t step_now() const;
  void clock_turn();
  void set_deadline(uint32_t index, uint64_t after_ns);
  void set_ping(uint32_t index, uint64_t after_ns);
  void schedule(uint32_t index);
  void due(uint32_t index);
  void ping(uint32_t index);
  void farewell_due(uint32_t index);
  void tell_slow(uint32_t index);

  /// Runs a callback; what it throws closes the client. False: it threw.
  template <class F>
  bool guarded(uint32_t index, F&& call) {
    try {
      call();
      return true;
    } catch (const std::exception& thrown) {
      fault(index, thrown.what());
    } catch (...) {
      fault(index, "unknown exception");
    }
    return false;
  }
  /// Runs a callback that owes a client an answer; what it throws is reported. False: it threw.
  template <class F>
  bool asked(uint32_t index, F&& call) {
    try {
      call();
      return true;
    } catch (const std::exception& thrown) {
      report_fault(index, thrown.what());
    } catch (...) {
      report_fault(index, "unknown exception");
    }
    return false;
  }
  void fault(uint32_t index, std::string_view what);
  void report_fault(uint32_t index, std::string_view what);

  event_loop& loop;
  client_events& events;
  client_options options;
  client_counters counters;
  client_table table;
  timer_wheel wheel;
  uint64_t start_ns;
  int poll = -1;
  std::map<uint32_t, listener_place> listeners; // by tag; never erased
  uint32_t partial_heads = 0;
  uint32_t serving = UINT32_MAX; // whose request the host is looking at
  bool draining = false, in_turn = false, turn_is_asked = false;
  std::vector<uint8_t> buffer; // what was read last, with padding behind
  std::vector<uint32_t> ready, ready_now, graves, graves_now, due_now;
  std::string text;                 // of heads being written
  std::vector<uint8_t> reply_frame; // of reply_text
  std::vector<uint8_t> record;      // of TLS, gathered from pieces
  tail_packer packer;
  std::unique_ptr<loop_watch> watch;
  std::unique_ptr<loop_timer> clock, turn_timer;
};

} // namespace tickplant::net
