// The last step of a feed loop's turn: what changed and is listened to goes out as one batch, to every hub that has
// credit. A hub without credit keeps its place: what it missed merges to the newest state and goes when credit comes
// back, prints as they are. One thread; the hubs' side answers `acknowledge` per batch.
#pragma once

#include "runtime/book/engine.hpp"
#include "runtime/consolidation/consolidated_book.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace tickplant::fanout {

class publisher {
public:
  using deliver = std::function<void(const book::publication_batch_ptr&)>;

  /// `engines` and `dirty` outlive the publisher. At most `credit` batches are on their way to one hub.
  publisher(book::engine_table& engines, book::dirty_list& dirty, uint32_t credit = 2);

  /// The consolidated books of the loop by instrument_id, which stand in no place of the engines; outlives the
  /// publisher.
  void set_consolidated(const std::vector<consolidation::consolidated_book*>& table) { consolidated_ = &table; }
  /// Goes out with the next flush. A hub without credit keeps the newest `most_signals`.
  void add_signal(book::signal_ptr signal) { signals_.push_back(std::move(signal)); }
  static constexpr size_t most_signals = 1024;
  /// A hub without credit keeps the newest prints, up to this number; what is lost is missing in their sequence.
  static constexpr size_t most_prints = 65'536;
  static constexpr size_t tape_prints = 4'096; // most of one tape: they are dropped as a whole

  /// Adds a hub, or replaces the one with this number (a restarted hub starts with full credit and nothing pending).
  void set_hub(uint32_t number, deliver to);
  void remove_hub(uint32_t number);
  /// The hub has taken a batch.
  void acknowledge(uint32_t number);

  /// Sends what is due, with what is known of the delivery that changed it. Cheap when nothing is. The batch that hubs
  /// without backlog got, null if there was none.
  book::publication_batch_ptr flush(uint64_t now_ns, const book::delivery_stamps& delivery = {});

  uint64_t batches() const { return batch_number_; }
  uint64_t publications() const { return publications_; }
  uint64_t lost_signals() const { return lost_signals_; }
  uint64_t prints() const { return prints_; }
  /// That a hub without credit did not get, each hub counted, or for which there was no memory.
  uint64_t lost_prints() const { return lost_prints_ + dirty_.lost_prints(); }

private:
  struct hub_place {
    deliver to;
    uint32_t credit = 0;
    std::vector<model::instrument_id> pending;
    std::vector<bool> is_pending; // by instrument
    std::vector<book::signal_ptr> signals;
    std::deque<book::tape_ptr> tapes;
    size_t prints = 0; // in `tapes`
    void add(model::instrument_id id);
    bool is_level() const { return pending.empty() && signals.empty() && tapes.empty(); }
  };
  void take_dirty();
  void take_prints();
  void keep_for(hub_place& hub);
  consolidation::consolidated_book* find_consolidated(model::instrument_id id) const;
  book::publication_batch_ptr make_batch(const std::vector<model::instrument_id>& ids,
                                         std::vector<book::signal_ptr> signals, std::vector<book::tape_ptr> tapes,
                                         uint64_t now_ns, const book::delivery_stamps& delivery);

  book::engine_table& engines_;
  book::dirty_list& dirty_;
  const std::vector<consolidation::consolidated_book*>* consolidated_ = nullptr;
  uint32_t credit_;
  std::vector<hub_place> hubs_;
  std::vector<model::instrument_id> due_;
  std::vector<book::signal_ptr> signals_; // since the last flush
  std::vector<book::tape_ptr> tapes_;     // of this flush
  uint64_t batch_number_ = 0, publications_ = 0, lost_signals_ = 0, prints_ = 0, lost_prints_ = 0;
};

} // namespace tickplant::fanout
