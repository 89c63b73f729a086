// A feed with engines for its tests: an owner that records what it is told, and builders of events that are ready to be
// sent (END set, as most venue events are one event).
#pragma once

#include "runtime/book/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::book::testing {

struct asked {
  uint32_t channel, number;
  std::string reason;
};

struct recording_owner final : feed_owner {
  std::optional<model::instrument_id> instrument_defined(const model::instrument& i) override {
    defined.push_back(i.symbol);
    if (unwanted.contains(i.symbol)) return std::nullopt;
    const auto known = ids.find(i.symbol);
    const auto id = known != ids.end() ? known->second : static_cast<uint32_t>(ids.size());
    ids[i.symbol] = id;
    return model::instrument_id{id};
  }
  void instrument_retired(model::instrument_id id) override { retired.push_back(model::index_of(id)); }
  void directory_complete(uint32_t channel) override { directories.push_back(channel); }
  void resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view reason) override {
    resynchronise.push_back({channel, number, std::string{reason}});
  }
  void engine_failed(model::instrument_id id, std::string_view what) override {
    failed.emplace_back(model::index_of(id), what);
  }
  void stream_changed(const tp_stream& s) override { states.push_back(s.state); }

  std::map<std::string, uint32_t> ids;
  std::map<std::string, bool> unwanted;
  std::vector<std::string> defined;
  std::vector<uint32_t> retired, directories, states;
  std::vector<asked> resynchronise;
  std::vector<std::pair<uint32_t, std::string>> failed;
};

inline tp_str text_of(std::string_view s) {
  return {s.data(), s.size()};
}

struct feed_fixture : ::testing::Test {
  static constexpr uint32_t channel = 5;

  void open(feed_options options = {}) {
    options.venue = "TEST";
    feed_.reset();
    feed_ = std::make_unique<book::feed>(options, table, dirty, owner);
  }
  void open_dense() { open({.order_refs = TP_REFS_DENSE}); }
  void open_sparse() { open({.order_refs = TP_REFS_SPARSE}); }

  static tp_instrument definition(uint32_t number, uint8_t book, std::string_view symbol) {
    tp_instrument d{};
    d.struct_size = sizeof d;
    d.number = number;
    d.channel = channel;
    d.parent = TP_ALL;
    d.book = book;
    d.price_exponent = -2;
    d.price_step = d.quantity_step = d.lot = d.previous_close = TP_NONE;
    d.symbol = text_of(symbol);
    return d;
  }

  /// Defines instrument `number` as "S<number>" and lends it an engine.
  void add_book(uint32_t number, uint8_t book = TP_BOOK_ORDERS) {
    const std::string symbol = "S" + std::to_string(number);
    ASSERT_EQ(feed_->define(definition(number, book, symbol)), 1);
    lend(number);
  }
  model::instrument_id id_of(uint32_t number) const {
    return model::instrument_id{owner.ids.at("S" + std::to_string(number))};
  }
  void lend(uint32_t number) {
    const model::instrument_id id = id_of(number);
    const uint32_t index = model::index_of(id);
    if (table.size() <= index) table.resize(index + 1);
    auto& kept = engines[number];
    kept = std::make_unique<book::engine>(id, nullptr, ++epoch, dirty);
    table[index] = kept.get();
    feed_->engine_lent(id);
  }
  /// The engine is gone from the table before it is destroyed, as the loop does it.
  void withdraw(uint32_t number) {
    table[model::index_of(id_of(number))] = nullptr;
    feed_->engine_withdrawn(id_of(number));
    engines.erase(number);
  }

  void stream(uint32_t state, uint64_t from = 0, uint32_t instrument = TP_ALL, std::string_view reason = {}) {
    feed_->stream(tp_stream{sizeof(tp_stream), channel, instrument, state, from, 0, text_of(reason)});
  }
  void live(uint64_t from = 1, uint32_t instrument = TP_ALL) { stream(TP_STREAM_LIVE, from, instrument); }
  void lost(uint32_t instrument = TP_ALL) { stream(TP_STREAM_LOST, 0, instrument, "a hole"); }

  void send(std::initializer_list<tp_event> events) { feed_->emit(channel, {events.begin(), events.size()}); }
  void send(const tp_event& e) { feed_->emit(channel, {&e, 1}); }
  void send(const std::vector<tp_event>& events) { feed_->emit(channel, events); }

  engine& at(uint32_t number) { return *engines.at(number); }
  publication view(uint32_t number, uint32_t depth = 50) {
    publication p;
    at(number).view(p, depth);
    return p;
  }
  uint64_t refused(refusal why) const { return feed_->counters().refused[static_cast<size_t>(why)]; }
  uint64_t refusals() const {
    uint64_t sum = 0;
    for (const uint64_t n : feed_->counters().refused) sum += n;
    return sum;
  }
  /// Which they were, for messages of failed tests.
  std::string refusal_names() const {
    std::string names;
    for (size_t i = 0; i < static_cast<size_t>(refusal::count_); ++i)
      if (refused(static_cast<refusal>(i)) != 0) names += std::string{name_of(static_cast<refusal>(i))} + " ";
    return names;
  }

  recording_owner owner;
  engine_table table;
  dirty_list dirty;
  std::map<uint32_t, std::unique_ptr<engine>> engines; // outlive the feed, as their actors may
  std::unique_ptr<book::feed> feed_;
  uint64_t epoch = 100;
};

// ---- events ----

inline tp_event event(uint8_t kind, uint32_t instrument, uint16_t flags = 0) {
  tp_event e{};
  e.kind = kind;
  e.instrument = instrument;
  e.flags = static_cast<uint16_t>(flags | TP_END);
  return e;
}
inline tp_event add(uint32_t instrument, uint64_t ref, uint16_t side, int64_t price, int64_t quantity) {
  tp_event e = event(TP_EV_ADD, instrument, side);
  e.order = ref;
  e.price = price;
  e.quantity = quantity;
  return e;
}
inline tp_event execute(uint32_t instrument, uint64_t ref, int64_t quantity, uint64_t trade = 0,
                        uint16_t flags = TP_PRINT) {
  tp_event e = event(TP_EV_EXECUTE, instrument, flags);
  e.order = ref;
  e.quantity = quantity;
  e.ref = trade;
  return e;
}
inline tp_event reduce(uint32_t instrument, uint64_t ref, int64_t quantity) {
  tp_event e = event(TP_EV_REDUCE, instrument);
  e.order = ref;
  e.quantity = quantity;
  return e;
}
inline tp_event remove(uint32_t instrument, uint64_t ref) {
  tp_event e = event(TP_EV_DELETE, instrument);
  e.order = ref;
  return e;
}
inline tp_event replace(uint32_t instrument, uint64_t ref, uint64_t new_ref, int64_t price, int64_t quantity) {
  tp_event e = event(TP_EV_REPLACE, instrument);
  e.order = ref;
  e.ref = new_ref;
  e.price = price;
  e.quantity = quantity;
  return e;
}
inline tp_event modify(uint32_t instrument, uint64_t ref, int64_t price, int64_t quantity, uint16_t flags = 0) {
  tp_event e = event(TP_EV_MODIFY, instrument, flags);
  e.order = ref;
  e.price = price;
  e.quantity = quantity;
  return e;
}
inline tp_event set_level(uint32_t instrument, uint16_t side, int64_t price, int64_t quantity, uint64_t orders = 0) {
  tp_event e = event(TP_EV_LEVEL, instrument, side);
  e.price = price;
  e.quantity = quantity;
  e.order = orders;
  return e;
}
inline tp_event trade(uint32_t instrument, int64_t price, int64_t quantity, uint64_t id = 0,
                      uint16_t flags = TP_PRINT) {
  tp_event e = event(TP_EV_TRADE, instrument, flags);
  e.price = price;
  e.quantity = quantity;
  e.ref = id;
  return e;
}
inline tp_event quote(uint32_t instrument, int64_t bid, int64_t bid_quantity, int64_t ask, int64_t ask_quantity) {
  tp_event e = event(TP_EV_QUOTE, instrument);
  e.price = bid;
  e.quantity = bid_quantity;
  e.order = static_cast<uint64_t>(ask);
  e.ref = static_cast<uint64_t>(ask_quantity);
  return e;
}
inline tp_event status(uint32_t instrument, uint8_t state) {
  tp_event e = event(TP_EV_STATUS, instrument);
  e.detail = state;
  return e;
}
inline tp_event value(uint32_t instrument, uint8_t key, int64_t price) {
  tp_event e = event(TP_EV_VALUE, instrument);
  e.detail = key;
  e.price = price;
  return e;
}
inline tp_event snapshot_begin(uint32_t instrument, uint8_t detail = TP_SNAPSHOT_PICTURE) {
  tp_event e = event(TP_EV_SNAPSHOT_BEGIN, instrument, TP_SNAPSHOT);
  e.detail = detail;
  return e;
}
inline tp_event snapshot_end(uint32_t instrument, uint64_t last) {
  tp_event e = event(TP_EV_SNAPSHOT_END, instrument, TP_SNAPSHOT);
  e.sequence = last;
  return e;
}
inline tp_event numbered(tp_event e, uint64_t sequence) {
  e.sequence = sequence;
  return e;
}
inline tp_event of_snapshot(tp_event e) {
  e.flags |= TP_SNAPSHOT;
  return e;
}
inline tp_event unfinished(tp_event e) {
  e.flags = static_cast<uint16_t>(e.flags & ~TP_END);
  return e;
}

// ---- what is seen ----

struct seen_level {
  int64_t price, quantity;
  uint32_t orders;
  friend bool operator==(const seen_level&, const seen_level&) = default;
  friend void PrintTo(const seen_level& l, std::ostream* out) {
    *out << l.quantity << "@" << l.price << "x" << l.orders;
  }
};
inline std::vector<seen_level> levels(const std::vector<tp_level>& given) {
  std::vector<seen_level> result;
  for (const tp_level& l : given) result.push_back({l.price, l.quantity, l.orders});
  return result;
}
using side_levels = std::vector<seen_level>;

} // namespace tickplant::book::testing
