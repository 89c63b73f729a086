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
#include "runtime/fanout/left_places.hpp"
#include "runtime/fanout/option_set.hpp"
#include "runtime/fanout/packer.hpp"
#include "runtime/fanout/printer.hpp"
#include "runtime/fanout/trace_sink.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
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
  uint64_t trades = 0, deltas = 0, snapshots = 0;    // delivered entries of lines, and snapshots
  uint64_t entries = 0, gaps = 0, overtaken = 0;     // taken into lines; told; clients that were too slow for one
  uint64_t resumed = 0, not_resumed = 0;             // lines
  uint64_t warned = 0, slow_closed = 0;              // clients of DISCONNECT
  uint64_t lines = 0, line_bytes = 0, reclaimed = 0; // kept now; times that memory was taken back
  uint64_t signals = 0;                              // told, each client counted
  uint64_t packed_frames = 0, packed_parts = 0, bytes_saved = 0; // compressed; saved: of the payloads of such frames
};

class hub_core {
public:
  /// Variants at a time; slots name theirs by 16 bits. Without fields there are fewer of one dialect than that, as
  /// sessions round what they grant (option_steps.hpp): nobody can use them up.
  static constexpr uint32_t max_variants = 61'440;
  static constexpr uint32_t max_chosen = 4'096;     // of these with fields, of which there are very many
  static constexpr uint32_t max_chosen_alone = 256; // of these, such as one party alone looks at
  static constexpr uint32_t max_packings = 64;      // dialect, compression instance and group in use at a time
  static constexpr size_t max_frame = 64 * 1024;
  static constexpr uint64_t linger_ns = 60'000'000'000; // interest outlives its last subscriber by this

  /// `names`, `port` and `traces` (null: nothing is traced) outlive the core.
  hub_core(const directory& names, client_port& port, trace_sink* traces = nullptr);
  ~hub_core();
  hub_core(const hub_core&) = delete;
  hub_core& operator=(const hub_core&) = delete;

  /// A client of the dialect that `print` speaks, who agreed to be served in `group` of the compression `pack`, or to
  /// none. Both outlive the client. Attaching twice is an error of the caller. `party`: with whom it shares its part of
  /// what is bounded for all, its principal or its address.
  void attach(client_key client, const printer& print, const packer* pack = nullptr, uint32_t group = 0,
              std::string_view party = {});
  /// It turned out to belong to another party. Only before it has rows.
  void set_party(client_key client, std::string_view party);
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
  /// Whether a row of these options would find its variants: printed for others already, or room for them.
  bool has_room(client_key client, const option_set& options) const;
  void unsubscribe(client_key client, const option_set& options, model::instrument_id id);
  /// Which lines a row of these options has: TP_LINE_OF(TP_SERIES_*). TRADES and BOOK only of extended clients in mode
  /// ALL whose dialect prints them; under a filter the book comes as states. SNAPSHOT_ONLY: none goes on.
  static uint32_t lines_of(const printer& print, const option_set& options);
  /// Other options for a row that is there. Lines that both have go on without a gap; a line that is new, or a state
  /// that shows something else, begins with a snapshot. False: no such row, a row that has `to` already, or no room for
  /// its variant, and nothing has changed.
  bool change(client_key client, const option_set& from, const option_set& to, model::instrument_id id);
  /// Nothing of a paused row is sent. Going on: the newest state, and lines from where they were, with a GAP if that is
  /// no longer kept.
  void pause(client_key client, const option_set& options, model::instrument_id id, bool paused, uint64_t wall_ns);
  /// The newest on at most `max_places` lines of the client, for HEARTBEAT and LIST; `from` is what an earlier answer
  /// named as `next`.
  static constexpr size_t max_places = 64;
  line_places places_of(client_key client, uint32_t from = 0) const;
  /// SNAPSHOT_ONLY rows that have got their snapshot since the last call; their rows are gone.
  std::vector<finished_row> take_finished();
  uint32_t rows_of(client_key client) const;
  /// What this core, which is about to go, leaves to its successor: where clients are on their lines, and the
  /// instruments whose clients know that they are not to be trusted.
  std::vector<left_place> places_left() const;
  std::vector<model::instrument_id> distrusted() const;
  /// The first thing that a successor is told.
  void expect_distrust(std::vector<model::instrument_id> distrusted) { distrusted_ = std::move(distrusted); }
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

  /// A look without a row, by who polls: quotes and trades are asked for as if a row of them had just gone.
  void look_at(model::instrument_id id, uint64_t monotonic_ns);
  /// Changes of interest since the last call. Call after subscribe, unsubscribe, detach and tick.
  std::vector<interest_update> take_interest(uint64_t monotonic_ns);
  /// Makes the next take_interest tell everything: the feeds have forgotten.
  void tell_interest_again();

  void set_limits(const hub_limits& limits);

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
  uint32_t take_party(std::string_view name);
  void give_party(uint32_t number);
  void add_user(hub::print_variant& v, uint32_t variant, uint32_t party);
  void remove_user(hub::print_variant& v, uint32_t variant, uint32_t party);
  bool may_add(const client& c, const hub::variant_key& wanted) const;
  uint32_t take_variant(const client& c, const hub::variant_key& wanted);
  void give_variant(const client& c, uint32_t variant);
  uint32_t find_group(uint32_t frequency_ms) const;
  uint32_t take_group(uint32_t frequency_ms);
  instrument_slot& slot_of(model::instrument_id id);
  static hub::client_rest& rest_of(client& c);
  static slot_bits& mask_of(client& c, uint32_t group);
  static void mix_groups(client& c);
  static void join_group(client& c, uint32_t slot, uint32_t group);
  static void leave_group(client& c, uint32_t slot, uint32_t group);
  static row_ref ref_of(const client& c, uint32_t slot);
  static void drop_point(client& c, uint32_t slot);
  static const hub::resume_point* point_of(const client& c, uint32_t slot);
  uint32_t find_options(const option_set& options) const;
  uint32_t take_options(const option_set& options);
  void give_options(uint32_t number);
  using row_variants = std::array<uint32_t, 3>; // by series
  static uint32_t series_of_snapshot(const printer& print, const option_set& options);
  static hub::variant_key key_of(const printer& print, const option_set& options, uint32_t series, uint32_t group);
  uint32_t find_variant(const hub::variant_key& wanted) const;
  bool take_variants(const client& c, const option_set& options, uint32_t group, row_variants& to);
  template <class Visit>
  void for_each_slot(client& c, const option_set& options, model::instrument_id id, Visit&& visit);
  static uint32_t take_slot(client& c);
  void add_slot(client& c, const option_set& options, uint32_t instrument_index, uint32_t series, uint32_t variant,
                uint32_t group);
  static uint16_t take_place(instrument_slot& instrument, uint32_t variant);
  static void give_place(instrument_slot& instrument, uint16_t place);
  void alter_slot(client& c, uint32_t slot, const option_set& to, uint32_t variant, uint32_t group);
  void remove_slot(client& c, uint32_t slot);
  void remove_row(client& c, const option_set& options, model::instrument_id id);
  void move_point(client& c, uint32_t slot, std::span<const line_point> from);
  void mark_rows(const instrument_slot& slot);
  void mark_row(row_ref row);
  // Lines.
  uint32_t line_of(uint32_t instrument, uint32_t series, uint32_t depth);
  void rest_line(uint32_t number);
  void drop_line(uint32_t number);
  void drop_idle_lines(uint64_t monotonic_ns);
  void take_states(instrument_slot& slot, const book::publication& item, bool is_void, uint64_t wall_ns);
  void take_tapes(const book::publication_batch& batch, uint64_t wall_ns);
  void line_changed(uint32_t number, line::outcome what);
  void touch_line(uint32_t number);
  void make_room(uint32_t number, uint64_t wall_ns);
  void mark_touched();
  void count_memory(hub::line_slot& on);
  void reclaim();
  void forget_sequences(instrument_slot& slot);
  void note_change(uint32_t instrument, uint64_t idle_since_ns);
  book::interest wanted_of(const instrument_slot& slot) const;
  void run_group(uint32_t number, uint64_t wall_ns);
  static void prefetch(const client& c);
  void prepare(const client& c);
  void run_unconflated(uint64_t wall_ns, uint64_t monotonic_ns);
  void flush(client& c, uint64_t wall_ns);
  bool flush_once(client& c, uint64_t wall_ns);
  void gather(client& c, uint64_t wall_ns);
  hub::piece special_piece(const client& c, uint32_t number, uint64_t wall_ns);
  std::span<const uint8_t> text_of(const hub::piece& one) const {
    return one.fragment ? std::span<const uint8_t>{one.fragment->text}
                        : std::span{apart_}.subspan(one.offset, one.size);
  }
  bool gather_special(client& c, uint32_t number, uint64_t wall_ns, size_t& size);
  bool gather_line(client& c, uint32_t number, uint64_t wall_ns, size_t& size);
  bool gather_entries(client& c, hub::slot_move& move, uint64_t wall_ns, size_t& size);
  void gather_admitted(client& c, hub::slot_move& move, uint64_t from, uint64_t to, uint64_t wall_ns, size_t& size);
  void gather_snapshot(client& c, hub::slot_move& move, uint64_t wall_ns, size_t& size);
  bool catch_up(client& c, hub::slot_move& move, bool& wants_snapshot, uint64_t wall_ns);
  void judge_point(client& c, hub::slot_move& move, bool& wants_snapshot, uint64_t wall_ns);
  void go_on_from_left(client& c, hub::slot_move& move, const hub::resume_point& point, bool& wants_snapshot,
                       uint64_t wall_ns);
  book::trust trust_before(model::instrument_id id);
  void judge_state(client& c, uint32_t number);
  void end_resume(client& c, uint32_t slot);
  void finish(client& c, const client_slot& once);
  tp_result result_of(const client_slot& row, uint64_t epoch, uint64_t from, uint64_t to) const;
  void tell_gap(const client& c, const client_slot& row, uint64_t from, uint64_t to, std::string_view why,
                uint64_t wall_ns);
  void tell_resumed(const client& c, uint64_t wall_ns);
  void add_reply(const client& c, const tp_reply& reply, bytes& to);
  void watch_patience(client& c, uint32_t number);
  void tell_slow(const client& c, const client_slot& row);
  void give_up(client& c, client_slot& row);
  void print_entry(const hub::line_slot& on, uint32_t variant, const line_entry& entry, uint64_t wall_ns, bytes& to);
  print_log& log_of(hub::line_slot& on, uint32_t variant);
  void put_entries(const client& c, hub::line_frame kind, uint64_t wall_ns);
  void clear_special();
  std::span<const uint8_t> text_of(const hub::line_piece& one) const {
    return one.log ? one.log->run(one.from, one.from + one.count) : std::span{apart_}.subspan(one.offset, one.size);
  }
  bool begin_frame(const client& c, uint32_t slot, size_t count, uint32_t series, bool is_snapshot, uint64_t wall_ns);
  void end_frame(const client& c, bool is_packed, size_t plain);
  bool put_states(const client& c, const hub::gathered& part, bool is_snapshot, uint64_t wall_ns);
  template <class Part>
  bool put(const client& c, const Part& part, size_t count, uint32_t series, bool is_snapshot, uint64_t wall_ns);
  template <class Part>
  void append_elements(const client& c, const Part& part);
  void count_written(client& c);
  void settle(client& c);
  printed_fragment& fragment_of(instrument_slot& slot, uint32_t place, uint64_t wall_ns);
  bool has_state(const client_slot& row) const;
  bool is_kept_back(const client_slot& row) const;
  static bool can_show(const book::publication& state, const tp_variant& shown);
  bool print_state(const instrument_slot& slot, uint32_t variant, uint64_t wall_ns, uint64_t previous, bytes& to);
  uint32_t packing_of(const packer& pack, const printer& print, uint32_t group);
  const bytes& part_of(printed_fragment& fragment, uint32_t number);
  const bytes& part_of(const hub::line_piece& one, const client& c);
  bool pack(const client& c, const hub::gathered& part, std::span<const uint8_t> envelope, size_t plain);
  bool pack(const client& c, const hub::gathered_entries& part, std::span<const uint8_t> envelope, size_t plain);
  template <class Part, class Shared>
  bool pack_pieces(const client& c, const Part& part, std::span<const uint8_t> envelope, size_t plain, Shared&& shared);
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
  std::vector<std::unique_ptr<hub::line_slot>> lines_; // null: free
  std::vector<uint32_t> free_lines_, idle_lines_, touched_;
  hub_limits limits_;
  uint64_t wall_ns_ = 0;                         // of the call that runs
  std::vector<model::instrument_id> distrusted_; // by the clients of the hub before this one
  std::vector<hub::print_variant> variants_;
  std::map<hub::variant_key, uint32_t> variant_numbers_;
  std::vector<uint32_t> free_variants_;
  uint32_t chosen_variants_ = 0; // with fields
  uint64_t variant_stamps_ = 0;
  std::vector<hub::party> parties_;
  std::map<std::string, uint32_t, std::less<>> party_numbers_;
  std::vector<uint32_t> free_parties_;
  std::unordered_map<uint64_t, uint32_t> uses_; // rows by variant with fields and party
  std::vector<hub::frequency_group> groups_;
  std::vector<hub::shared_options> options_;
  std::map<option_set, uint32_t> option_numbers_;
  std::vector<uint32_t> free_options_;
  std::vector<uint32_t> status_changed_;   // instruments whose trust changed in this batch
  std::vector<uint32_t> interrupted_;      // those that lost it and have it back
  std::vector<uint32_t> changed_;          // instruments whose interest may have changed
  std::vector<uint32_t> lingering_;        // instruments without rows whose interest still stands
  std::vector<interest_update> looked_at_; // not told yet
  std::vector<finished_row> finished_;
  // Of the write that is being built.
  std::array<hub::gathered, hub::state_frames> gathered_;
  std::array<hub::gathered_entries, hub::line_frames> line_parts_;
  std::vector<hub::slot_move> moves_;
  std::vector<tp_result> resumed_, not_resumed_;
  bytes replies_, reply_text_; // replies: whole frames that go in front
  size_t frame_start_ = 0;     // where the frame that is being built begins
  uint64_t write_number_ = 0;
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
