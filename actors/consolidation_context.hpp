// What consolidation knows, apart from any actor: which symbols are consolidated of what, their books (lent, or the
// stand-in of one that is down), what each leg last showed, and the signals. Lives on one feed loop, its home; outlives
// the actors. Used on that loop's thread only; after construction, before the loop runs, also by whoever sets it up.
#pragma once

#include "actors/feed_context.hpp"
#include "actors/interfaces.hpp"
#include "actors/lending.hpp"
#include "runtime/consolidation/catalogue.hpp"
#include "runtime/consolidation/consolidated_book.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tickplant::actors {

class consolidation_context {
public:
  consolidation_context(feed_context& home, uint32_t feed_count, consolidation::rules rules);
  consolidation_context(const consolidation_context&) = delete;

  feed_context& home;
  lending_table<consolidation::consolidated_book> books; // by instrument

  const consolidation::rules& rules() const { return names_.current(); }
  /// Books, opportunities and thresholds follow at once.
  void set_rules(consolidation::rules rules);

  /// Who starts the books; those that are there already too, after its restart.
  void supervised_by(const caf::actor& supervisor);

  // For the consolidator.
  void started(const consolidator_actor& consolidator);
  void stopped() { consolidator_ = nullptr; }
  void join(uint32_t feed, const feed_loop_actor& actor);
  void apply(const directory_news& news);
  void see(model::instrument_id leg, const book::top_state& state);
  const feed_loop_actor& feed(uint32_t number) const { return feeds_.at(number); }

  /// What a book is to be made of, null: it is not wanted any more.
  const consolidation::listing* listing_of(model::instrument_id id) const;

  /// From the home loop: what all hubs together want of a consolidated instrument.
  bool owns(model::instrument_id id) const;
  void interest_changed(model::instrument_id id, const book::interest& wanted);
  /// Merges what legs have shown, before the loop publishes.
  void refresh();

  consolidation_counts counts() const;

private:
  struct entry {
    consolidation::listing made_of;
    std::unique_ptr<consolidation::consolidated_book> stand_in; // while no book is lent
    uint64_t epoch = 0;                                         // of the last book
    uint64_t brief = 0;                                         // opportunities of its book that were counted
    bool is_touched = false, is_timed = false;
    std::optional<book::signal> open; // as last told
  };
  struct leg_place {
    book::top_state last;
    bool is_known = false;
    std::optional<uint32_t> watched;                // how deep
    std::vector<std::pair<uint32_t, size_t>> books; // instruments, and which leg it is of theirs
  };

  void update();
  void update(const std::string& name);
  void start(const std::string& name, consolidation::listing made_of);
  void change(model::instrument_id id, entry& of, consolidation::listing made_of);
  void retire(const std::string& name, model::instrument_id id);
  void start_child(model::instrument_id id, const std::string& name);
  void tell_left_out(const consolidation::listing& made);
  void link(uint32_t index, const consolidation::listing& made_of);
  void unlink(uint32_t index, const consolidation::listing& made_of);
  void watch_legs(const consolidation::listing& made_of);
  void watch(uint32_t leg, leg_place& place);
  void send_watches();
  void show_legs(uint32_t index, entry& of);
  void check_complete();
  void touch(uint32_t index, entry& of);
  void settle(uint32_t index, entry& of);
  void put(uint32_t index, consolidation::consolidated_book* book);
  void emit(entry& of, book::signal signal);
  void end_open(entry& of, const char* why);
  void on_lent(uint32_t index);
  void on_withdrawn(uint32_t index);
  void arm(uint64_t deadline_ns);
  void on_timer();

  const uint32_t feed_count_;
  consolidation::catalogue names_;
  venue_place& place_;
  caf::actor supervisor_;
  consolidator_actor consolidator_;
  std::vector<feed_loop_actor> feeds_;          // by number; null: not joined
  std::unordered_map<uint32_t, entry> entries_; // by consolidated instrument
  std::map<std::string, model::instrument_id, std::less<>> by_name_;
  std::unordered_map<uint32_t, leg_place> legs_;            // by leg
  std::vector<consolidation::consolidated_book*> shown_;    // the publisher's table
  std::unique_ptr<consolidation::consolidated_book> every_; // the stream of all signals
  std::map<std::string, bool, std::less<>> complete_;       // venues
  std::map<std::string, std::string> left_out_;             // what was logged, by name
  std::set<uint32_t> instruments_;                          // of all venues
  std::map<uint32_t, watch_news> watches_;                  // to be sent, by feed
  std::vector<uint32_t> touched_, timed_;
  uint64_t armed_for_ns_ = UINT64_MAX;
  consolidation_counts counts_;
};

} // namespace tickplant::actors
