// NASDAQ's ITCH messages of the shared captures, turned into events by a few lines of their own, against the expected
// results beside them. Message layouts: venues/nasdaq.md section 7.2.
#include "tests/unit/book/feed_fixture.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace tickplant::book::testing {
namespace {

struct ItchSession : feed_fixture {
  static uint64_t number(const unsigned char* p, int bytes) {
    uint64_t n = 0;
    for (int i = 0; i < bytes; ++i) n = n << 8 | p[i];
    return n;
  }
  static size_t length_of(unsigned char type) {
    static const std::map<char, size_t> lengths{{'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35},
                                                {'W', 12}, {'K', 28}, {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40},
                                                {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19}, {'U', 35}, {'P', 44},
                                                {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};
    const auto at = lengths.find(static_cast<char>(type));
    return at == lengths.end() ? 0 : at->second;
  }

  void message(const unsigned char* m, uint64_t sequence) {
    const auto locate = static_cast<uint32_t>(number(m + 1, 2));
    tp_event e = numbered(event(0, locate), sequence);
    const auto price = [&](int at) { return static_cast<int64_t>(number(m + at, 4)); };
    const auto shares = price;
    e.order = number(m + 11, 8);
    switch (m[0]) {
      case 'R': {
        std::string symbol(reinterpret_cast<const char*>(m + 11), 8);
        symbol.erase(symbol.find_last_not_of(' ') + 1);
        tp_instrument d = definition(locate, TP_BOOK_ORDERS, symbol);
        d.price_exponent = -4;
        d.price_step = 100;
        ASSERT_EQ(feed_->define(d), 1);
        names[locate] = symbol;
        const uint32_t id = owner.ids.at(symbol);
        if (table.size() <= id) table.resize(id + 1);
        engines[locate] = std::make_unique<engine>(model::instrument_id{id}, nullptr, 1, dirty);
        table[id] = engines[locate].get();
        feed_->engine_lent(model::instrument_id{id});
        return;
      }
      case 'A':
      case 'F':
        e.kind = TP_EV_ADD;
        e.flags |= static_cast<uint16_t>(m[19] == 'B' ? TP_BID : TP_ASK);
        e.quantity = shares(20);
        e.price = price(32);
        break;
      case 'E':
      case 'C':
        e.kind = TP_EV_EXECUTE;
        e.quantity = shares(19);
        e.ref = number(m + 23, 8);
        e.flags |= static_cast<uint16_t>(m[0] == 'E' ? TP_PRINT : TP_PRICE | (m[31] == 'Y' ? TP_PRINT : 0));
        e.price = m[0] == 'C' ? price(32) : 0;
        break;
      case 'X':
        e.kind = TP_EV_REDUCE;
        e.quantity = shares(19);
        break;
      case 'D': e.kind = TP_EV_DELETE; break;
      case 'U':
        e.kind = TP_EV_REPLACE;
        e.ref = number(m + 19, 8);
        e.quantity = shares(27);
        e.price = price(31);
        break;
      case 'P':
        e.kind = TP_EV_TRADE;
        e.flags |= TP_PRINT;
        e.quantity = shares(20);
        e.price = price(32);
        e.ref = number(m + 36, 8);
        break;
      case 'Q':
        e.kind = TP_EV_TRADE;
        e.flags |= TP_PRINT;
        e.quantity = static_cast<int64_t>(number(m + 11, 8));
        e.price = price(27);
        e.ref = number(m + 31, 8);
        if (e.quantity == 0) return; // a cross without trade
        break;
      case 'B':
        e.kind = TP_EV_BREAK;
        e.ref = number(m + 11, 8);
        break;
      case 'H':
        e.kind = TP_EV_STATUS;
        e.detail = TP_STATE_HALTED;
        if (m[19] == 'T' || m[19] == 'Q') e.detail = m[19] == 'T' ? TP_STATE_TRADING : TP_STATE_QUOTE_ONLY;
        break;
      default: return;
    }
    send(e);
  }

  /// Plays a file of messages with two-byte lengths, which some files leave at zero.
  void play(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    uint64_t sequence = 0;
    for (size_t at = 0; at + 3 <= bytes.size();) {
      const size_t told = number(data + at, 2), known = length_of(data[at + 2]);
      const size_t length = told != 0 ? told : known;
      if (length == 0 || at + 2 + length > bytes.size()) break; // the end mark of the session
      ++sequence;
      if (known != 0 && length >= known) message(data + at + 2, sequence);
      at += 2 + length;
    }
  }

  void compare(const nlohmann::json& expected) {
    for (const auto& [symbol, s] : expected.at("symbols").items()) {
      const uint32_t locate = s.at("stock_locate");
      ASSERT_EQ(names[locate], symbol);
      const publication p = view(locate);
      const book_figures f = at(locate).figures();
      const auto check_top = [&](const char* key, int64_t price, int64_t quantity) {
        if (s.at(key).is_null()) {
          EXPECT_EQ(price, TP_NONE) << symbol;
        } else {
          EXPECT_EQ(price, s.at(key)[0].get<int64_t>()) << symbol;
          EXPECT_EQ(quantity, s.at(key)[1].get<int64_t>()) << symbol;
        }
      };
      check_top("best_bid", p.bid, p.bid_quantity);
      check_top("best_ask", p.ask, p.ask_quantity);
      EXPECT_EQ(f.bid_levels, s.at("bid_levels").get<uint64_t>()) << symbol;
      EXPECT_EQ(f.ask_levels, s.at("ask_levels").get<uint64_t>()) << symbol;
      EXPECT_EQ(f.bid_quantity.low, s.at("bid_shares").get<uint64_t>()) << symbol;
      EXPECT_EQ(f.ask_quantity.low, s.at("ask_shares").get<uint64_t>()) << symbol;
      EXPECT_EQ(p.day.volume.low, s.at("total_traded_volume").get<uint64_t>()) << symbol;
      EXPECT_EQ(p.day.trades, s.at("trade_count").get<uint64_t>()) << symbol;
      EXPECT_EQ(p.day.last.price, s.at("last_price").get<int64_t>()) << symbol;
      EXPECT_EQ(p.trading_state, TP_STATE_TRADING) << symbol;
      EXPECT_EQ(p.state, trust::ok);
    }
  }

  bool is_there() { return std::filesystem::exists(folder); }
  nlohmann::json read(const char* file) { return nlohmann::json::parse(std::ifstream(folder / file)); }

  std::filesystem::path folder = std::filesystem::path{TP_SHARED_DIR} / "data/nasdaq";
  std::map<uint32_t, std::string> names;
};

TEST_F(ItchSession, AHandBuiltSessionGivesItsExpectedBooks) {
  if (!is_there()) GTEST_SKIP() << "no captures at " << folder;
  open_dense();
  live();
  play(folder / "synthetic_mold_session_a.itch");
  compare(read("synthetic_mold_session_a.expected.json"));
  EXPECT_EQ(refusals(), 0u);
}

TEST_F(ItchSession, AnArtificialMarketFullOfOrphansGivesItsExpectedBooks) {
  if (!is_there()) GTEST_SKIP() << "no captures at " << folder;
  for (const uint32_t refs : {TP_REFS_DENSE, TP_REFS_SPARSE}) {
    engines.clear();
    table.clear();
    open({.order_refs = refs});
    live();
    play(folder / "ritch_ex20101224.TEST_ITCH_50");
    const nlohmann::json expected = read("ritch_ex20101224.expected.json");
    compare(expected);
    EXPECT_EQ(feed_->live_orders(), expected.at("live_orders_at_end").get<uint64_t>());
    EXPECT_EQ(refused(refusal::unknown_order), expected.at("orphan_modifies").get<uint64_t>());
    EXPECT_EQ(refusals(), refused(refusal::unknown_order));
  }
}

} // namespace
} // namespace tickplant::book::testing
