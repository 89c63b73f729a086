// The inside of client_set. Spread over client_set.cpp (life, turns), client_input.cpp, client_output.cpp,
// client_http.cpp and client_timers.cpp.
//
// Rule of the turn: callbacks are made only while a turn runs (ready sockets, due deadlines, or the extra turn asked
// for by `ask_turn`), and a record that dies stays in the table as `dead` until the turn's end. So a reference to a
// record holds across callbacks; after each one its phase is looked at again.
#pragma once

#include "runtime/net/client/client_set.hpp"
#include "runtime/net/client/client_table.hpp"
#include "runtime/net/client/loop_watch.hpp"
#include "runtime/net/client/timer_wheel.hpp"

#include <exception>
#include <string>
#include <sys/types.h>
#include <sys/uio.h>
#include <vector>

namespace tickplant::net {

struct http_head;

struct client_set::implementation {
  implementation(event_loop& loop, client_events& events, const client_options& options);
  ~implementation();

  // client_set.cpp
  bool adopt(int descriptor, const peer_address& peer, uint32_t listener);
  client_record* live(client_ref client);
  client_ref ref_of(uint32_t index) { return {index, table.at(index).generation}; }
  void socket_turn();
  void extra_turn();
  void ask_turn();
  void handle(uint32_t index, uint32_t what);
  void run_ready();
  void update_interest(uint32_t index);
  void finish(uint32_t index, uint16_t code);
  void bury();
  void release_head(client_record& one);

  // client_input.cpp
  void read(uint32_t index);
  void take_input(uint32_t index, std::span<uint8_t> input);
  void take_held(uint32_t index);
  void take_frames(uint32_t index, std::span<uint8_t> input);
  void take_heads(uint32_t index, std::span<uint8_t> input);
  void hold(client_record& one, std::span<const uint8_t> input, size_t scanned);
  void make_ready(uint32_t index);
  void peer_closed(uint32_t index, uint16_t code, std::string_view reason);

  // client_http.cpp
  void take_request(uint32_t index, std::string_view head);
  void take_upgrade(uint32_t index, http_head& head);
  void send_response(uint32_t index, const http_response& response, bool head_only, bool hang_up);
  void refuse(uint32_t index, uint16_t status, std::string_view why,
              std::vector<std::pair<std::string, std::string>> fields = {});
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

  // client_timers.cpp
  uint32_t steps(uint64_t ns) const;
  void clock_turn();
  void set_deadline(uint32_t index, uint64_t after_ns);
  void set_ping(uint32_t index, uint64_t after_ns);
  void schedule(uint32_t index);
  void due(uint32_t index);
  void ping(uint32_t index);

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
  uint32_t partial_heads = 0;
  bool draining = false, in_turn = false, turn_is_asked = false;
  std::vector<uint8_t> buffer; // what was read last, with padding behind
  std::vector<uint32_t> ready, ready_now, graves, graves_now, due_now;
  std::string text;                 // of heads being written
  std::vector<uint8_t> reply_frame; // of reply_text
  std::unique_ptr<loop_watch> watch;
  std::unique_ptr<loop_timer> clock, turn_timer;
};

} // namespace tickplant::net
