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
#include "runtime/fanout/client_port.hpp"
#include "runtime/fanout/directory.hpp"
#include "runtime/fanout/hub_tables.hpp"
#include "runtime/fanout/option_set.hpp"
#include "runtime/fanout/packer.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/trace_sink.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tickplant::fanout {

/// A change of what this loop wants of an instrument; goes to the feed loops.
struct interest_update {
  model::instrument_id id{};
  book::interest wanted;
};

struct hub_counters {
  uint64_t batches = 0, publications = 0, ignored = 0;
  uint64_t encoded = 0, apart = 0; // apart: for clients that had something else before than the rest
  uint64_t frames = 0, updates = 0, bytes = 0;
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
  /// twice is one row. `from`: where the client was on lines of this instrument; each line of the row that is named
  /// goes on from there (RESUMED and everything missed), or begins anew (RESUME_FAILED with the reason, and a
  /// snapshot), told with its next data. A row that is there already goes back to these places.
  added subscribe(client_key client, const option_set& options, model::instrument_id id,
                  std::span<const line_point> from = {});
  void unsubscribe(client_key client, const option_set& options, model::instrument_id id);
  /// Other options for a row that is there. Lines that both have go on without a gap; a line that is new, or a state
  /// that shows something else, begins with a snapshot. False: no such row, a row that has `to` already, or no room for
  /// its variant, and nothing has changed.
  bool change(client_key client, const option_set& from, const option_set& to, model::instrument_id id);
  /// Nothing of a paused row is sent. Going on: the newest state, and lines from where they were, with a GAP if that is
  /// no longer kept.
  void pause(client_key client, const option_set& options, model::instrument_id id, bool paused, uint64_t wall_ns);
  /// The newest on each line of the client's first rows, for HEARTBEAT and LIST.
  static constexpr size_t max_places = 64;
  std::vector<line_place> places_of(client_key client) const;
  /// SNAPSHOT_ONLY rows that have got their snapshot since the last call; their rows are gone.
  std::vector<finished_row> take_finished();
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

  /// How long unconflated updates may wait for others of the same client, from the first on; 0: not at all. After four
  /// such times without any the next one goes at once.
  void set_window(uint64_t ns) { window_ns_ = ns; }
  /// Updates wait for the end of the window, which is when next_tick_ns says: nothing has to be looked at before.
  bool is_gathering() const { return window_ends_ns_ != 0; }

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
  static constexpr uint32_t none = hub::none;
  using instrument_slot = hub::instrument_slot;
  using client = hub::client;
  using client_slot = hub::client_slot;
  using row_ref = hub::row_ref;
  using printed_fragment = hub::printed_fragment;
  using packing = hub::packing;

  client* find(client_key key);
  const client* find(client_key key) const;
  uint32_t take_variant(const printer& print, const tp_variant& wanted, uint32_t group);
  void give_variant(uint32_t variant);
  uint32_t take_group(uint32_t frequency_ms);
  instrument_slot& slot_of(model::instrument_id id);
  slot_bits& mask_of(client& c, uint32_t group);
  static uint32_t find_options(const client& c, const option_set& options);
  static uint32_t take_options(client& c, const option_set& options);
  uint32_t find_row(const client& c, const option_set& options, model::instrument_id id) const;
  uint32_t state_variant(const printer& print, const option_set& options, uint32_t group);
  uint32_t take_slot(client& c);
  void move_point(client& c, uint32_t slot, std::span<const line_point> from);
  void remove_row(client& c, uint32_t slot);
  void mark_rows(const instrument_slot& slot);
  void mark_row(row_ref row);
  void forget_sequences(instrument_slot& slot);
  void note_change(uint32_t instrument, uint64_t idle_since_ns);
  book::interest wanted_of(const instrument_slot& slot) const;
  void run_group(uint32_t number, uint64_t wall_ns);
  void run_unconflated(uint64_t wall_ns, uint64_t monotonic_ns);
  void flush(client& c, uint64_t wall_ns);
  bool flush_once(client& c, uint64_t wall_ns);
  void gather(client& c, uint64_t wall_ns);
  hub::piece special_piece(const client& c, uint32_t number, uint64_t wall_ns);
  std::span<const uint8_t> text_of(const hub::piece& one) const {
    return one.fragment ? std::span<const uint8_t>{one.fragment->text}
                        : std::span{apart_}.subspan(one.offset, one.size);
  }
  bool put_frame(client& c, const hub::gathered& part, uint32_t series, bool is_snapshot, uint64_t wall_ns);
  void append_elements(const client& c, const hub::gathered& part);
  void count_written(client& c);
  void settle(client& c);
  printed_fragment& fragment_of(instrument_slot& slot, uint32_t variant, uint64_t wall_ns);
  bool print_state(const instrument_slot& slot, uint32_t variant, uint64_t wall_ns, uint64_t previous, bytes& to);
  uint32_t packing_of(const packer& pack, const printer& print, uint32_t group);
  const bytes& part_of(printed_fragment& fragment, uint32_t number);
  bool pack_frame(const client& c, const hub::gathered& part, std::span<const uint8_t> envelope, size_t plain);
  void mark_trace(instrument_slot& slot, const book::publication_batch& batch, size_t item, uint64_t wall_ns);
  void drop_trace(instrument_slot& slot);
  bool is_frame_traced(const client& c) const;
  void tell_traces(client& c, uint64_t write_start_ns, size_t size);
  void tell_trace(client& c, instrument_slot& slot, uint64_t write_start_ns, uint64_t end_ns, size_t size);
  void tell_signal(const book::signal& signal, uint64_t wall_ns);
  /// `as`: the status that is told, 0 = the present one.
  void tell_status(const std::vector<uint32_t>& instruments, uint64_t wall_ns, uint32_t as = 0);

  const directory& names_;
  client_port& port_;
  trace_sink* traces_;
  uint64_t window_ns_ = 0, window_ends_ns_ = 0, window_closed_ns_ = 0; // ends: 0 while none is open
  uint64_t live_traces_ = 0;                                           // states and clients that have one
  std::vector<client> clients_;                                        // by network index
  size_t client_count_ = 0;
  std::vector<instrument_slot> instruments_;
  std::vector<hub::print_variant> variants_;
  std::vector<hub::frequency_group> groups_;
  std::vector<uint32_t> status_changed_; // instruments whose trust changed in this batch
  std::vector<uint32_t> interrupted_;    // those that lost it and have it back
  std::vector<uint32_t> changed_;        // instruments whose interest may have changed
  std::vector<uint32_t> lingering_;      // instruments without rows whose interest still stands
  std::vector<finished_row> finished_;
  // Of the write that is being built.
  std::array<hub::gathered, hub::frame_kinds> gathered_;
  bytes apart_;            // what was printed for its client alone
  size_t frame_begin_ = 0; // where frame_'s first header begins
  uint64_t frames_built_ = 0, packed_built_ = 0, saved_ = 0;
  std::vector<tp_leg> legs_;   // of the element that is being printed
  std::vector<uint64_t> told_; // bit per client that has got the signal that is being told
  bytes frame_, packed_;
  std::vector<packing> packings_;
  uint64_t packing_stamps_ = 0;
  hub_counters counters_;
};

} // namespace tickplant::fanout
