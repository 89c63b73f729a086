// The subscription tables of one network loop: which client looks at which instrument in which variant and how often.
// Takes publications, conflates them per frequency, encodes each once per variant, and writes one frame per client and
// tick. Owned by the hub actor and lent to its loop. One thread; times come in; no socket of its own.
//
// Costs per delivered update, apart from the write: a bit per (client, slot), no reference count, no allocation once
// warm. Slow clients: while a client's socket is full its newest values wait as bits; what is sent then is the newest
// state.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/book/publication.hpp"
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/packer.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/trace_sink.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tickplant::fanout {

/// A client of the loop: the network's own number for its socket.
struct client_key {
  uint32_t index = 0, generation = 0;
  friend bool operator==(const client_key&, const client_key&) = default;
};

enum class written : uint8_t {
  sent,    // gone, or kept by the port in part: this frame will arrive
  filled,  // as `sent`, but the socket is full: no further frame until drained
  blocked, // not taken: the socket is full
  closed   // the client is going away
};

/// Where frames go. Called from hub_core only, never calls back.
class client_port {
public:
  virtual ~client_port() = default;
  virtual written write(client_key client, std::span<const uint8_t> frame) = 0;
  /// A reply or notice, queued even while data is blocked, within the port's bound.
  virtual void reply(client_key client, wire::opcode kind, std::span<const uint8_t> payload) = 0;
};

/// What one subscription asks for, apart from its symbols.
struct option_set {
  uint32_t data_types = 0; // TP_DATA_*
  uint32_t depth = 0;      // levels a side
  uint32_t extras = 0;     // TP_EXTRA_*
  uint32_t frequency_ms = 0;
  friend auto operator<=>(const option_set&, const option_set&) = default;
};

/// A change of what this loop wants of an instrument; goes to the feed loops.
struct interest_update {
  model::instrument_id id{};
  book::interest wanted;
};

struct hub_counters {
  uint64_t batches = 0, publications = 0, ignored = 0;
  uint64_t encoded = 0, frames = 0, updates = 0, bytes = 0;
  uint64_t conflated = 0, blocked = 0, refused_variants = 0;
  uint64_t signals = 0;                                          // told, each client counted
  uint64_t packed_frames = 0, packed_parts = 0, bytes_saved = 0; // compressed; saved: of the payloads of such frames
};

class hub_core {
public:
  static constexpr uint32_t max_variants = 64; // per dialect instance set of this loop
  static constexpr uint32_t max_packings = 64; // dialect, compression instance and group in use at a time
  static constexpr size_t max_frame = 64 * 1024;
  static constexpr uint64_t linger_ns = 60'000'000'000; // interest outlives its last subscriber by this

  /// `names`, `port` and `traces` (null: nothing is traced) outlive the core.
  hub_core(const directory& names, client_port& port, trace_sink* traces = nullptr);
  ~hub_core();
  hub_core(const hub_core&) = delete;
  hub_core& operator=(const hub_core&) = delete;

  /// A client of the dialect that `print` speaks, who agreed to be served in `group` of the compression `pack`, or to
  /// none. Both outlive the client. Attaching twice is an error of the caller.
  void attach(client_key client, const printer& print, const packer* pack = nullptr, uint32_t group = 0);
  /// Removes all its rows.
  void detach(client_key client);
  bool is_attached(client_key client) const;
  /// The next data frame of the client belongs to this trace, which the client has begun.
  void trace_next(client_key client, const trace_link& link);
  /// The socket that was full has room again.
  void drained(client_key client, uint64_t wall_ns);

  enum class added : uint8_t { ok, already, too_many_variants, no_client };
  /// Adds a row; the current state, if there is one, goes with the next tick. The same instrument in the same options
  /// twice is one row.
  added subscribe(client_key client, const option_set& options, model::instrument_id id);
  void unsubscribe(client_key client, const option_set& options, model::instrument_id id);
  uint32_t rows_of(client_key client) const;
  /// Who looks at an instrument: how many clients, and how many rows of each period (ms, 0: at each change).
  struct audience {
    uint64_t clients = 0;
    std::map<uint32_t, uint64_t> rows;
  };
  audience audience_of(model::instrument_id id) const;

  /// Takes a batch; clients of frequency 0 are written to before it returns.
  void take(const book::publication_batch& batch, uint64_t wall_ns, uint64_t monotonic_ns);
  /// An instrument is gone for good: its rows go, its clients are told.
  void retire(model::instrument_id id, uint64_t wall_ns);
  /// Its book is down: stale, with the last state kept, until its successor publishes.
  void mark_lost(model::instrument_id id, std::string_view why, uint64_t wall_ns);

  /// Runs the ticks that are due.
  void tick(uint64_t wall_ns, uint64_t monotonic_ns);
  /// When `tick` has work next, UINT64_MAX if never.
  uint64_t next_tick_ns(uint64_t monotonic_ns) const;

  /// Changes of interest since the last call. Call after subscribe, unsubscribe, detach and tick.
  std::vector<interest_update> take_interest(uint64_t monotonic_ns);
  /// Makes the next take_interest tell everything: the feeds have forgotten.
  void tell_interest_again();

  /// The newest known state, null if none is known or nobody here listens.
  const book::publication* state_of(model::instrument_id id) const;
  const hub_counters& counters() const { return counters_; }
  size_t clients() const { return client_count_; }

private:
  static constexpr uint32_t none = UINT32_MAX;

  struct packed_part {
    uint64_t serial = 0, stamp = 0; // of the fragment and of the packing it was made from
    bytes text;                     // without separator; empty: the plugin failed
  };
  struct printed_fragment {
    uint64_t version = 0;           // of the state it was printed from; 0: never
    uint64_t serial = 0;            // rises each time it is printed
    bytes text;                     // the separator in front; empty: nothing to show
    std::vector<packed_part> parts; // by packing
  };
  struct packing { // how the frames of one kind of client are compressed
    const packer* pack = nullptr;
    const printer* print = nullptr;
    uint32_t group = 0;
    uint32_t clients = 0; // a packing without clients is given to the next that asks
    uint64_t stamp = 0;
    packed_joints joints;
  };
  struct row_ref {
    uint32_t client, slot;
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
    uint64_t version = 0; // rises with each publication taken
    std::vector<row_ref> rows;
    std::vector<printed_fragment> fragments; // by variant
    std::vector<uint32_t> rows_of_variant;   // by variant
    book::interest asked;                    // last told to the feed
    uint64_t idle_since_ns = 0;              // when the last row went; 0 while there are rows
    bool is_changed = false;                 // listed in changed_
    std::unique_ptr<slot_trace> trace;       // null for nearly all
  };
  struct print_variant {
    const printer* print = nullptr;
    tp_variant options{};
    uint32_t rows = 0; // a variant without rows is given to the next that asks
  };
  struct frequency_group { // one common tick for all rows of one frequency
    uint64_t period_ns = 0, next_ns = 0;
    uint32_t rows = 0;
    std::vector<uint64_t> dirty; // bit per client
    bool is_dirty = false;
  };
  struct client_slot {
    uint32_t instrument = none, variant = 0, group = 0, position = 0; // position in the instrument's rows
    option_set options;
  };
  struct client {
    client_key key;
    const printer* print = nullptr;
    uint32_t packing = none;
    bool is_attached = false, is_blocked = false;
    uint64_t sequence = 0;
    std::vector<client_slot> slots;
    std::vector<uint32_t> free_slots;
    std::vector<uint64_t> pending, ready;                          // bit per slot: changed since its tick; due now
    std::vector<std::pair<uint32_t, std::vector<uint64_t>>> masks; // group -> bits of its slots
    std::unique_ptr<trace_link> next_trace;                        // null for nearly all
  };

  client* find(client_key key);
  const client* find(client_key key) const;
  uint32_t variant_of(const printer& print, const option_set& options);
  uint32_t group_of(uint32_t frequency_ms);
  instrument_slot& slot_of(model::instrument_id id);
  std::vector<uint64_t>& mask_of(client& c, uint32_t group);
  uint32_t find_row(const client& c, const option_set& options, model::instrument_id id) const;
  void remove_row(client& c, uint32_t slot);
  void mark_rows(const instrument_slot& slot);
  void mark_row(row_ref row);
  void note_change(uint32_t instrument, uint64_t idle_since_ns);
  book::interest wanted_of(const instrument_slot& slot) const;
  void run_group(uint32_t number, uint64_t wall_ns);
  void flush(client& c, uint64_t wall_ns);
  bool flush_frame(client& c, uint64_t wall_ns);
  void gather(client& c, uint64_t wall_ns);
  bool print_envelope(const client& c, uint64_t wall_ns);
  void append_elements(const client& c);
  const bytes& fragment_of(instrument_slot& slot, uint32_t variant, uint64_t wall_ns);
  uint32_t packing_of(const packer& pack, const printer& print, uint32_t group);
  const bytes& part_of(printed_fragment& fragment, uint32_t number);
  bool pack_frame(const client& c, size_t plain);
  void mark_trace(instrument_slot& slot, const book::publication_batch& batch, size_t item, uint64_t wall_ns);
  void drop_trace(instrument_slot& slot);
  bool is_frame_traced(const client& c) const;
  void tell_traces(client& c, uint64_t write_start_ns, size_t bytes);
  void tell_signal(const book::signal& signal, uint64_t wall_ns);
  /// `as`: the status that is told, 0 = the present one.
  void tell_status(const std::vector<uint32_t>& instruments, uint64_t wall_ns, uint32_t as = 0);

  const directory& names_;
  client_port& port_;
  trace_sink* traces_;
  uint64_t live_traces_ = 0;    // states and clients that have one
  std::vector<client> clients_; // by network index
  size_t client_count_ = 0;
  std::vector<instrument_slot> instruments_;
  std::vector<print_variant> variants_;
  std::vector<frequency_group> groups_;
  std::vector<uint32_t> status_changed_; // instruments whose trust changed in this batch
  std::vector<uint32_t> interrupted_;    // those that lost it and have it back
  std::vector<uint32_t> changed_;        // instruments whose interest may have changed
  std::vector<uint32_t> lingering_;      // instruments without rows whose interest still stands
  std::vector<uint32_t> gathered_;       // slots of the frame that is being built
  size_t gathered_size_ = 0;             // bytes of their fragments
  std::vector<tp_leg> legs_;             // of the element that is being printed
  std::vector<uint64_t> told_;           // bit per client that has got the signal that is being told
  bytes frame_, packed_;
  std::vector<packing> packings_;
  uint64_t packing_stamps_ = 0;
  hub_counters counters_;
};

} // namespace tickplant::fanout
