// Whatever comes, goes, rests, blocks, is cut off and resumes: a client that applies SNAPSHOT and changes has the book
// of its depth after each frame, has each trade once or a GAP for it, and is told honestly what a state had before.
#include "runtime/fanout/hub_core.hpp"

#include "tests/support/fanout_builders.hpp"
#include "tests/support/line_dialect.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <sstream>

using namespace tickplant;
using namespace tickplant::fanout;

namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint32_t symbols = 3, clients = 6;
using side = std::map<int64_t, int64_t>; // price -> size

/// What was true: the book of each publication, by epoch and sequence.
struct market {
  struct one {
    model::instrument_ptr instrument;
    uint64_t epoch = 1, sequence = 0, tape = 0;
    bool is_stale = false;
    side bids, asks;
    std::map<std::pair<uint64_t, uint64_t>, std::pair<side, side>> past;
  };
  std::vector<one> all{symbols};
  std::mt19937_64 random;

  explicit market(uint64_t seed) : random(seed) {
    for (uint32_t i = 0; i < symbols; ++i) {
      all[i].instrument = tests::make_instrument(std::string(1, static_cast<char>('A' + i)));
      all[i].epoch = 1 + i;
    }
  }
  uint64_t below(uint64_t bound) { return random() % bound; }

  book::publication move(uint32_t id) {
    auto& it = all[id];
    it.sequence += 1 + below(3);
    for (uint64_t n = below(4); n > 0; --n) {
      const bool is_bid = below(2) == 0;
      auto& levels = is_bid ? it.bids : it.asks;
      const auto price = static_cast<int64_t>(is_bid ? 80 + below(20) : 101 + below(20));
      if (below(3) == 0)
        levels.erase(price);
      else
        levels[price] = static_cast<int64_t>(1 + below(5));
    }
    it.past[{it.epoch, it.sequence}] = {it.bids, it.asks};
    return state(id);
  }
  book::publication state(uint32_t id) {
    auto& it = all[id];
    auto made = tests::make_state(id, it.instrument, 100, it.sequence);
    made.epoch = it.epoch;
    made.state = it.is_stale ? book::trust::stale : book::trust::ok;
    made.tape_sequence = it.tape;
    made.is_taped = true;
    made.depth = 50;
    for (auto level = it.bids.rbegin(); level != it.bids.rend(); ++level)
      made.bids.push_back({level->first, level->second, 1, 0});
    for (const auto& level : it.asks) made.asks.push_back({level.first, level.second, 1, 0});
    return made;
  }
  void print(uint32_t id, book::tape& to) {
    auto& it = all[id];
    ++it.tape;
    if (below(20) == 0) return; // lost on its way
    book::tape_entry entry;
    entry.id = model::instrument_id{id};
    entry.epoch = it.epoch;
    entry.sequence = it.tape;
    entry.price = 100;
    to.push_back(entry);
  }
};

struct model_client {
  struct looks {
    option_set options;
    bool is_paused = false;
    bool has_book = false, has_trades = false, may_begin = true; // may_begin: a snapshot of trades is to be expected
    uint64_t book_epoch = 0, book_sequence = 0, tape_epoch = 0, tape_sequence = 0, state_epoch = 0, state_sequence = 0;
    side bids, asks;
  };
  std::map<uint32_t, looks> rows;

  void fail(const std::string& what, const std::string& frame) { ADD_FAILURE() << what << ": " << frame; }

  static side read_side(std::istringstream& words, const char* until) {
    side levels;
    std::string word;
    while (words >> word && word != until) {
      const auto colon = word.find(':');
      levels[std::stoll(word.substr(0, colon))] = std::stoll(word.substr(colon + 1));
    }
    return levels;
  }
  static void apply(side& to, const side& changes) {
    for (const auto& [price, size] : changes) {
      if (size == 0)
        to.erase(price);
      else
        to[price] = size;
    }
  }
  static side top(const side& levels, bool is_bid, uint32_t depth) {
    side cut;
    for (auto level = levels.begin(); !is_bid && level != levels.end() && cut.size() < depth; ++level)
      cut.insert(*level);
    for (auto level = levels.rbegin(); is_bid && level != levels.rend() && cut.size() < depth; ++level)
      cut.insert(*level);
    return cut;
  }
  void check_book(const looks& row, const market::one& truth, const std::string& frame) {
    const auto past = truth.past.find({row.book_epoch, row.book_sequence});
    if (past == truth.past.end()) return fail("no such publication", frame);
    if (row.bids != top(past->second.first, true, row.options.depth) ||
        row.asks != top(past->second.second, false, row.options.depth))
      fail("not the book", frame);
  }
  void read_element(const std::string& head, const std::string& text, const market& truth) {
    std::istringstream words{text};
    std::string symbol, word;
    uint64_t epoch = 0, sequence = 0;
    words >> symbol >> epoch >> sequence;
    const auto id = static_cast<uint32_t>(symbol[0] - 'A');
    const auto found = rows.find(id);
    if (found == rows.end()) return fail("not subscribed", head + text);
    auto& row = found->second;
    if (row.is_paused) return fail("paused", head + text);
    if (head == "TRADES") {
      if (!row.has_trades) return fail("a trade before the snapshot", text);
      if (epoch != row.tape_epoch || sequence != row.tape_sequence + 1) return fail("a trade out of order", text);
      row.tape_sequence = sequence;
      return;
    }
    uint64_t previous = 0, conflated = 0;
    words >> previous >> conflated >> word >> word;
    const auto bids = read_side(words, "a"), asks = read_side(words, "");
    if (head == "TRADES!") {
      if (!row.may_begin && epoch == row.tape_epoch && sequence != row.tape_sequence)
        fail("trades are missing without a word", text);
      row.has_trades = true;
      row.may_begin = false;
      row.tape_epoch = epoch;
      row.tape_sequence = sequence;
    } else if (head == "BOOK!") {
      row.has_book = true;
      row.book_epoch = epoch;
      row.book_sequence = sequence;
      row.bids = bids;
      row.asks = asks;
      check_book(row, truth.all[id], head + text);
    } else if (head == "BOOK") {
      if (!row.has_book || epoch != row.book_epoch || previous != row.book_sequence)
        return fail("a change that leads on from nothing", text);
      row.book_sequence = sequence;
      apply(row.bids, bids);
      apply(row.asks, asks);
      check_book(row, truth.all[id], text);
    } else {
      const bool is_snapshot = head == "STATE!";
      if (is_snapshot ? previous != 0 : epoch != row.state_epoch || previous != row.state_sequence)
        fail("it had something else before", head + text);
      if (!is_snapshot && sequence > previous && conflated != sequence - previous - 1) fail("wrongly counted", text);
      row.state_epoch = epoch;
      row.state_sequence = sequence;
    }
  }
  void read_places(const std::string& kind, const std::string& text) {
    std::istringstream words{text};
    std::string stream;
    uint64_t epoch = 0, from = 0, to = 0;
    while (words >> stream) {
      if (stream.find('/') == std::string::npos) continue; // a word of the reason
      words >> epoch >> from >> to;
      auto& row = rows[static_cast<uint32_t>(stream[0] - 'A')];
      if (kind == "RESUME_FAILED") {
        row.may_begin = true;
      } else if (kind == "GAP" && stream.ends_with("TRADES")) {
        if (epoch != row.tape_epoch || from != row.tape_sequence + 1 || to < from) fail("a wrong gap", text);
        row.tape_sequence = to;
      }
    }
  }
  void read(const std::string& text, const market& truth) {
    const auto blank = text.find(' ');
    const auto head = text.substr(0, blank);
    if (head == "status") return;
    if (head == "GAP" || head == "RESUMED" || head == "RESUME_FAILED") return read_places(head, text.substr(blank + 1));
    size_t begin = text.find(';');
    uint64_t count = 0;
    for (; begin != std::string::npos; ++count) {
      const auto end = text.find(';', begin + 1);
      read_element(head, text.substr(begin + 1, end == std::string::npos ? end : end - begin - 1), truth);
      begin = end;
    }
    if (count != std::stoull(text.substr(blank + 1))) fail("another number of elements", text);
  }
};

class run {
public:
  explicit run(uint64_t seed) : truth_(seed) {
    hub_.set_limits({4 * 1024, 40 * 1024});
    for (uint32_t i = 0; i < clients; ++i) hub_.attach(key(i), print_);
  }
  void go(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      step();
      for (uint32_t c = 0; c < clients; ++c) read(c);
    }
    finish();
  }

private:
  client_key key(uint32_t index) const { return {index, generation_[index]}; }
  uint64_t below(uint64_t bound) { return truth_.below(bound); }
  void read(uint32_t c) {
    for (const auto& text : port_.take(c)) models_[c].read(text, truth_);
  }
  option_set any_options() {
    static constexpr uint32_t kinds[] = {TP_DATA_ORDER_BOOK, TP_DATA_TRADES, TP_DATA_QUOTES,
                                         TP_DATA_ORDER_BOOK | TP_DATA_TRADES | TP_DATA_QUOTES};
    static constexpr uint32_t depths[] = {1, 3, 10}, periods[] = {0, 100, 1'000};
    static constexpr uint32_t policies[] = {TP_SLOW_ABSENT, TP_SLOW_DROP_OLDEST, TP_SLOW_CONFLATE};
    option_set made;
    made.data_types = kinds[below(4)];
    made.depth = made.data_types & TP_DATA_ORDER_BOOK ? depths[below(3)] : 0;
    made.extras = TP_EXTRA_SEQUENCE;
    made.frequency_ms = periods[below(3)];
    made.mode = TP_MODE_ALL;
    made.on_slow = policies[below(3)];
    return made;
  }
  void publish() {
    book::publication_batch batch;
    book::tape prints;
    for (uint32_t id = 0; id < symbols; ++id) {
      auto& it = truth_.all[id];
      if (below(60) == 0) { // its feed starts again
        ++it.epoch;
        it.sequence = it.tape = 0;
      }
      if (below(40) == 0) it.is_stale = !it.is_stale;
      for (uint64_t n = below(5); n > 0; --n) truth_.print(id, prints);
      if (below(2) == 0) batch.items.push_back(truth_.move(id));
    }
    if (!prints.empty()) batch.tapes.push_back(std::make_shared<const book::tape>(prints));
    hub_.take(batch, now_, now_);
  }
  void subscribe(uint32_t c, uint32_t id, bool resumes) {
    auto& rows = models_[c].rows;
    const auto found = rows.find(id);
    std::vector<line_point> from;
    if (resumes && found != rows.end()) {
      auto& row = found->second;
      if (row.has_trades) from.push_back({TP_SERIES_TRADES, row.tape_epoch, row.tape_sequence});
      if (row.has_book) from.push_back({TP_SERIES_BOOK, row.book_epoch, row.book_sequence});
      if (row.state_epoch) from.push_back({TP_SERIES_STATE, row.state_epoch, row.state_sequence});
      row.is_paused = false;
      EXPECT_EQ(hub_.subscribe(key(c), row.options, model::instrument_id{id}, from), hub_core::added::ok);
      return;
    }
    auto& row = rows[id] = {};
    row.options = any_options();
    EXPECT_EQ(hub_.subscribe(key(c), row.options, model::instrument_id{id}), hub_core::added::ok);
  }
  void change(uint32_t c, uint32_t id) {
    auto& row = models_[c].rows[id];
    const auto to = any_options();
    if (to == row.options) return;
    EXPECT_TRUE(hub_.change(key(c), row.options, to, model::instrument_id{id}));
    const bool had_trades = (row.options.data_types & to.data_types & TP_DATA_TRADES) != 0;
    const bool had_book =
      (row.options.data_types & to.data_types & TP_DATA_ORDER_BOOK) && row.options.depth == to.depth;
    row.options = to;
    if (!had_book) row.has_book = false;
    if (!had_trades) row.has_trades = false, row.may_begin = true;
    if (!(to.data_types & TP_DATA_QUOTES)) row.state_epoch = row.state_sequence = 0;
  }
  void cut_off(uint32_t c) {
    hub_.detach(key(c));
    port_.told[c].clear(); // what was under way is lost
    port_.answers.erase(c);
    ++generation_[c];
    for (uint64_t n = below(8); n > 0; --n) publish();
    hub_.attach(key(c), print_);
    for (const auto& [id, row] : std::map{models_[c].rows}) subscribe(c, id, true);
  }
  void step() {
    const auto c = static_cast<uint32_t>(below(clients)), id = static_cast<uint32_t>(below(symbols));
    auto& rows = models_[c].rows;
    const auto found = rows.find(id);
    const bool is_there = found != rows.end();
    switch (below(16)) {
      case 0:
        if (!is_there) subscribe(c, id, false);
        break;
      case 1:
        if (is_there && below(3) == 0) {
          hub_.unsubscribe(key(c), found->second.options, model::instrument_id{id});
          rows.erase(found);
        }
        break;
      case 2:
        if (is_there) {
          const bool is_paused = found->second.is_paused;
          found->second.is_paused = !is_paused;
          hub_.pause(key(c), found->second.options, model::instrument_id{id}, !is_paused, now_);
        }
        break;
      case 3: port_.answers[c] = below(2) ? written::filled : written::blocked; break;
      case 4:
        if (port_.answers.erase(c) != 0) hub_.drained(key(c), now_);
        break;
      case 5:
        if (below(3) == 0) cut_off(c);
        break;
      case 6:
        if (is_there) change(c, id);
        break;
      case 7: hub_.take_interest(now_); break;
      case 8:
      case 9:
        now_ += 100 * ms;
        hub_.tick(now_, now_);
        break;
      default: publish();
    }
  }
  // In the end everybody who is not held up has everything.
  void finish() {
    if (testing::Test::HasFailure()) return;
    for (auto& it : truth_.all) it.is_stale = false;
    book::publication_batch batch;
    for (uint32_t id = 0; id < symbols; ++id) batch.items.push_back(truth_.move(id));
    hub_.take(batch, now_, now_);
    port_.answers.clear();
    for (uint32_t c = 0; c < clients; ++c) {
      hub_.drained(key(c), now_);
      for (auto& [id, row] : models_[c].rows)
        if (std::exchange(row.is_paused, false)) hub_.pause(key(c), row.options, model::instrument_id{id}, false, now_);
    }
    now_ += 10'000 * ms;
    hub_.tick(now_, now_);
    for (uint32_t c = 0; c < clients; ++c) {
      read(c);
      for (const auto& [id, row] : models_[c].rows) {
        const auto& it = truth_.all[id];
        if (row.options.data_types & TP_DATA_TRADES) {
          EXPECT_EQ(row.tape_epoch, it.epoch);
          EXPECT_EQ(row.tape_sequence, it.tape);
        }
        if (row.options.data_types & TP_DATA_ORDER_BOOK) {
          EXPECT_EQ(row.bids, model_client::top(it.bids, true, row.options.depth));
          EXPECT_EQ(row.asks, model_client::top(it.asks, false, row.options.depth));
        }
        if (row.options.data_types & TP_DATA_QUOTES) {
          EXPECT_EQ(row.state_sequence, it.sequence);
        }
      }
      hub_.detach(key(c));
    }
    EXPECT_EQ(hub_.counters().not_resumed + hub_.counters().resumed == 0, false) << "this run proved little";
    hub_.take_interest(now_);
    hub_.take_interest(now_ + 60'000 * ms);
    EXPECT_EQ(hub_.counters().lines, 0u);
    EXPECT_EQ(hub_.counters().line_bytes, 0u);
  }

  directory names_;
  tests::line_port port_;
  std::unique_ptr<plugin::dialect_host> dialect_ = tests::make_line_dialect();
  printer print_{*dialect_};
  hub_core hub_{names_, port_};
  market truth_;
  std::array<model_client, clients> models_;
  std::array<uint32_t, clients> generation_{};
  uint64_t now_ = 1'000 * ms;
};

TEST(HubLinesProperty, ClientsHaveTheBookTheTradesAndTheStateWhateverHappens) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    run{seed}.go(2'000);
    if (HasFailure()) return;
  }
}

} // namespace
