// What the tables of a hub are made of. Private to this folder: everybody else goes through hub_core.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/book/publication.hpp"
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/line.hpp"
#include "runtime/fanout/option_set.hpp"
#include "runtime/fanout/packer.hpp"
#include "runtime/fanout/print_log.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/trace_sink.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::fanout::hub {

inline constexpr uint32_t none = UINT32_MAX;

struct packed_part {
  uint64_t serial = 0, stamp = 0; // of the fragment and of the packing it was made from
  bytes text;                     // without separator; empty: the plugin failed
};

/// A state as those get it who were sent another one before than the rest of their variant.
struct apart_fragment {
  uint64_t serial = 0, previous = 0; // of the fragment; the sequence that such clients have
  bytes text;
};

/// The state of one instrument in one variant that somebody looks at it in.
struct printed_fragment {
  uint64_t version = 0;                  // of the state it was printed from; 0: never
  uint64_t serial = 0;                   // rises each time it is printed
  uint64_t sequence = 0, previous = 0;   // of that state, and of the one that was printed before it
  bytes text;                            // the separator in front; empty: nothing to show
  std::vector<packed_part> parts;        // by packing
  std::unique_ptr<apart_fragment> apart; // null for nearly all
  uint32_t rows = 0;                     // without rows its place is given to the next variant of this instrument
  uint16_t variant = 0;
};

struct packing { // how the frames of one kind of client are compressed
  const packer* pack = nullptr;
  const printer* print = nullptr;
  uint32_t group = 0;
  uint32_t clients = 0; // a packing without clients is given to the next that asks
  uint64_t stamp = 0;
  packed_joints joints;
};

/// A slot of a client, and what marking it needs to know, so that it touches nothing else of the slot.
struct row_ref {
  static constexpr uint32_t ask_slot = 255; // its group's number is higher, or it is silent
  row_ref(uint32_t of_client, uint32_t number, uint32_t of_group)
    : client(of_client), slot(number & 0xff'ffff), group(of_group & 0xff) {}
  uint32_t client;
  uint32_t slot : 24, group : 8; // a client has three slots a symbol at most, and no limit allows so many symbols
};

struct slot_trace { // of a state that is traced
  book::delivery_stamps delivery;
  trace_link parent, encoded;
  uint64_t encode_start_ns = 0, encode_end_ns = 0, conflated = 0;
  uint32_t left = 0; // clients that are still told of
};

struct instrument_slot {
  book::publication state;
  bool is_known = false;
  uint64_t version = 0;                    // rises with each publication taken
  uint32_t slots = 0;                      // of clients, those on lines counted
  std::vector<row_ref> rows;               // on its state
  std::vector<uint32_t> lines;             // those that are kept
  std::vector<printed_fragment> fragments; // by place, which slots know
  book::interest asked;                    // last told to the feed
  uint64_t idle_since_ns = 0;              // when the last row went; 0 while there are rows
  bool is_changed = false;                 // listed as one whose interest may have changed
  std::unique_ptr<slot_trace> trace;       // null for nearly all
};

/// What decides bytes: clients that are alike in all of it share them.
struct variant_key {
  const printer* print = nullptr;
  uint32_t data_types = 0, depth = 0, extras = 0, fields = 0, series = 0;
  uint32_t group = none; // of clients that are told the sequence they had before, which differs by frequency
  friend auto operator<=>(const variant_key&, const variant_key&) = default;
};

struct print_variant {
  const printer* print = nullptr;
  tp_variant options{};
  uint32_t group = none;
  uint32_t rows = 0;  // a variant without rows is given to the next that asks
  uint64_t stamp = 0; // what an earlier variant of this place left behind is void
  // Of one with fields: parties with rows, and the sum of their numbers, which of one alone is its number.
  uint32_t parties = 0;
  uint64_t party_sum = 0;
  bool is_chosen() const { return options.fields != 0; }
};

/// Clients that count as one where something is shared out: of one principal, or of one address.
struct party {
  std::string name;
  uint32_t clients = 0; // one without clients is given to the next that comes
  uint32_t alone = 0;   // variants with fields in which nobody else has rows
};

struct frequency_group { // one common tick for all rows of one frequency
  uint64_t period_ns = 0, next_ns = 0;
  uint32_t rows = 0;           // a group without rows is given to the next that asks
  std::vector<uint64_t> dirty; // bit per client
  bool is_dirty = false;
  void mark(uint32_t client) {
    set_bit(dirty, client);
    is_dirty = true;
  }
};

enum slot_flag : uint16_t { // none: a plain row, which all of its variant share bytes with
  slot_is_paused = 1,
  slot_is_sequenced = 2, // is told which sequence it had before
  slot_is_extended = 4,  // knows snapshots
  slot_is_once = 8,      // SNAPSHOT_ONLY
  slot_has_filter = 16,
  slot_is_silent = 32,      // wants no state: signals alone
  slot_wants_snapshot = 64, // of a line: a snapshot comes next
  slot_resumes = 128,       // it is to go on from a place that the client named, which has not been judged yet
  slot_is_warned = 256,     // of DISCONNECT: the client knows that it is behind
  slot_has_rested = 512     // it was paused, and is behind because it wanted to be
};

/// A line with its clients.
struct line_slot {
  line_slot(uint32_t of, uint32_t series, uint32_t depth) : instrument(of), line(series, depth) {}
  uint32_t instrument;
  fanout::line line;
  std::vector<row_ref> rows;
  std::vector<std::unique_ptr<print_log>> logs; // by variant, in no order
  uint64_t idle_since_ns = 0;                   // when the last row went; 0 while there are rows; 1: since now
  uint64_t served = 0;                          // ordinal up to which all its rows have been served out of turn
  size_t counted = 0;                           // bytes in the sum over all lines
  bool is_touched = false;                      // has something for its rows since the batch began
  size_t bytes() const {
    size_t sum = line.ring().bytes();
    for (const auto& log : logs) sum += log->held_bytes();
    return sum;
  }
};

struct client_slot {
  uint32_t instrument = none;
  uint16_t variant = 0, flags = 0; // slot_flag
  uint16_t group = 0, place = 0;   // place: of a state, in the instrument's fragments
  uint32_t position = 0;           // in the instrument's rows
  uint32_t options = none;         // in the loop's table
  uint32_t line = none;            // none: the state
  uint64_t at = 0;                 // sequence that the client has: of a sequenced state, 0 = none; of a line
};

struct resume_point {
  uint32_t slot;
  uint64_t epoch, sequence;
  bool is_left = false; // by a hub that died
};

struct shared_options { // by all slots of the loop that have the same
  option_set options;
  uint32_t slots = 0; // one without slots is given to the next that asks
};

/// What few clients have.
struct client_rest {
  std::vector<uint32_t> free_slots;
  std::vector<std::pair<uint32_t, slot_bits>> masks; // of mixed groups: group -> bits of its slots
  std::unique_ptr<trace_link> next_trace;
  std::vector<resume_point> points; // of slots that resume
};

/// Two cache lines: marking touches the first, writing both and the slots.
struct alignas(64) client {
  static constexpr uint32_t mixed = none - 1;
  slot_bits pending, ready; // bit per slot: changed since its tick; due now
  client_key key;
  const printer* print = nullptr;
  uint64_t sequence = 0;
  bool is_attached = false, is_blocked = false;
  bool was_blocked = false, is_closing = false; // since it last had everything; for being slow
  uint32_t special = 0;                         // slots that are no plain ones
  std::vector<client_slot> slots;
  std::unique_ptr<client_rest> rest;
  uint32_t group = none; // of all its slots; mixed: they differ, or some are paused, and the masks tell; none: no slots
  uint32_t rows = 0;     // its subscriptions
  uint32_t packing = none;
  uint32_t party = 0;
};
static_assert(sizeof(client) <= 128, "two cache lines");

/// What one slot adds to a frame.
struct piece {
  uint32_t slot, size;
  uint32_t offset;            // in the bytes that were printed apart
  printed_fragment* fragment; // null: printed apart
};

/// The pieces of one frame.
struct gathered {
  std::vector<piece> pieces;
  size_t size = 0;
  void clear() {
    pieces.clear();
    size = 0;
  }
};

/// What one slot of a line adds to a frame.
struct line_piece {
  uint32_t slot, count; // entries
  size_t size, offset;
  print_log* log; // null: printed apart
  uint64_t from;  // of a run of `count` in a log
};
struct gathered_entries {
  std::vector<line_piece> pieces;
  size_t size = 0, count = 0;
  void clear() {
    pieces.clear();
    size = count = 0;
  }
};

/// Where a slot stands once the write is taken.
struct slot_move {
  uint32_t slot;
  uint16_t done = 0;     // flags that go
  bool is_ready = false; // it has more
  uint64_t at = 0;
};

/// The frames of one write, in their order; what concerns lines comes behind the states.
enum state_frame : uint8_t { state_snapshots, states, state_frames };
enum line_frame : uint8_t { trade_snapshots, trades, book_snapshots, deltas, line_frames };

} // namespace tickplant::fanout::hub
