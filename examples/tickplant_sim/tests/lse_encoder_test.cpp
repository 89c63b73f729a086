// Reads ../shared/data/lse/synthetic_message_vectors.json and skips where it is missing.
#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/mitch_encoder.hpp"
#include "tickplant_sim/lse/unit.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tickplant::sim::lse {
namespace {

using nlohmann::json;

struct vector_of_file {
  std::string protocol, message;
  byte_buffer bytes;
  json fields;

  /// Fields that the file does not name (times of most messages) are taken from the bytes.
  std::uint64_t at(std::size_t offset, std::size_t width) const {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | bytes[offset + i];
    return value;
  }
  std::uint32_t ns() const { return static_cast<std::uint32_t>(at(2, 4)); }
  std::uint64_t utc() const { return at(3, 8); }

  template <class Number = std::uint64_t>
  Number number(const char* name) const {
    return fields.at(name).get<Number>();
  }
  std::string text(const char* name) const { return fields.at(name).get<std::string>(); }
  char letter(const char* name) const { return text(name).front(); }
  /// "-1.00000000 (cleared)", "0 (market)", "1234.5", exactly.
  price8 price(const char* name) const { return fixed(text(name)); }
  static price8 fixed(const std::string& all) {
    const auto word = all.substr(0, all.find(' '));
    const auto dot = std::min(word.find('.'), word.size());
    auto digits = word.substr(0, dot) + (dot < word.size() ? word.substr(dot + 1) : "");
    digits.append(8 - (dot < word.size() ? word.size() - dot - 1 : 0), '0');
    return std::stoll(digits);
  }
  std::uint64_t size(const char* name) const { return static_cast<std::uint64_t>(fixed(text(name))); }
  /// 0, or words with "bit N".
  std::uint8_t flags(const char* name) const {
    const auto& value = fields.at(name);
    if (value.is_number()) return value.get<std::uint8_t>();
    const auto words = value.get<std::string>();
    return static_cast<std::uint8_t>(1u << std::stoul(words.substr(words.find("bit ") + 4)));
  }
};

byte_buffer from_hex(const std::string& hex) {
  byte_buffer out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return out;
}

std::vector<vector_of_file> read_vectors() {
  std::ifstream file{std::string{TP_SHARED_DIR} + "/data/lse/synthetic_message_vectors.json"};
  std::vector<vector_of_file> out;
  if (!file) return out;
  const auto whole = json::parse(file);
  for (const auto& one : whole.at("vectors"))
    out.push_back({one.at("protocol"), one.at("message"), from_hex(one.at("hex")), one.at("fields")});
  return out;
}

using encode = std::function<void(const vector_of_file&, mitch_encoder&)>;

mitch::order mitch_order(const vector_of_file& v) {
  return {
    v.number("order_id"), v.letter("side"), v.number<std::uint32_t>("quantity"), v.number<std::uint32_t>("instrument"),
    v.price("price"),     v.flags("flags")};
}

mitch::trade mitch_trade(const vector_of_file& v, const char* quantity) {
  return {v.number<std::uint32_t>(quantity),
          v.number<std::uint32_t>("instrument"),
          v.price("price"),
          v.number("trade_match_id"),
          static_cast<std::uint8_t>(v.fields.value("cross_type", v.message == "Auction Trade" ? 0u : v.at(32, 1))),
          v.fields.value("sub_book", std::uint8_t{0}),
          v.flags("pt_mod_flags")};
}

const std::map<std::string, encode> mitch_encoders{
  {"Time", [](auto& v, auto& to) { to.time(v.template number<std::uint32_t>("seconds")); }},
  {"System Event",
   [](auto& v, auto& to) { to.system_event(v.template number<std::uint32_t>("nanosecond"), v.letter("event")); }},
  {"Symbol Directory",
   [](auto& v, auto& to) {
     const auto isin = v.text("isin"), sedol = v.text("sedol"), segment = v.text("segment"), pence = v.text("currency");
     to.symbol_directory(v.template number<std::uint32_t>("nanosecond"),
                         {v.template number<std::uint32_t>("instrument"), v.letter("status"), isin, sedol, segment,
                          pence, v.price("previous_close")});
   }},
  {"Symbol Status",
   [](auto& v, auto& to) {
     const auto reason = v.text("reason"), end = v.text("new_end_time");
     to.symbol_status(v.template number<std::uint32_t>("nanosecond"),
                      {v.template number<std::uint32_t>("instrument"), v.letter("status"), v.flags("flags"), reason,
                       v.template number<std::uint8_t>("session_change_reason"), end,
                       v.template number<std::uint8_t>("book_type")});
   }},
  {"Add Order", [](auto& v, auto& to) { to.add_order(v.ns(), mitch_order(v)); }},
  {"Add Order (market order)", [](auto& v, auto& to) { to.add_order(v.ns(), mitch_order(v)); }},
  {"Add Attributed Order",
   [](auto& v, auto& to) { to.add_attributed_order(v.ns(), mitch_order(v), v.text("attribution")); }},
  {"Order Deleted",
   [](auto& v, auto& to) {
     to.order_deleted(v.ns(), v.number("order_id"), v.flags("flags"), v.template number<std::uint32_t>("instrument"));
   }},
  {"Order Modified",
   [](auto& v, auto& to) {
     to.order_modified(v.ns(), v.number("order_id"), v.template number<std::uint32_t>("new_quantity"),
                       v.price("new_price"), v.flags("flags"));
   }},
  {"Order Book Clear",
   [](auto& v, auto& to) {
     to.order_book_clear(v.ns(), v.template number<std::uint32_t>("instrument"), v.flags("flags"));
   }},
  {"Order Executed",
   [](auto& v, auto& to) {
     to.order_executed(v.ns(), v.number("order_id"), v.template number<std::uint32_t>("executed"),
                       v.number("trade_match_id"));
   }},
  {"Order Executed With Price/Size",
   [](auto& v, auto& to) {
     to.order_executed_with_price(v.ns(), v.number("order_id"), v.template number<std::uint32_t>("executed"),
                                  v.template number<std::uint32_t>("display_after"), v.number("trade_match_id"),
                                  v.letter("printable") == 'Y', v.price("price"));
   }},
  {"Trade", [](auto& v, auto& to) { to.trade(v.ns(), mitch_trade(v, "executed")); }},
  {"Trade (cancellation)", [](auto& v, auto& to) { to.trade(v.ns(), mitch_trade(v, "executed")); }},
  {"Auction Trade",
   [](auto& v, auto& to) { to.auction_trade(v.ns(), mitch_trade(v, "quantity"), v.letter("auction_type")); }},
  {"Auction Info",
   [](auto& v, auto& to) {
     to.auction_info(v.ns(), v.template number<std::uint32_t>("instrument"), v.template number<std::uint32_t>("paired"),
                     v.price("price"), v.letter("auction_type"));
   }},
  {"Statistics",
   [](auto& v, auto& to) {
     to.statistics(v.ns(), v.template number<std::uint32_t>("instrument"), v.letter("statistic"), v.price("price"),
                   v.letter("indicator"));
   }},
  {"Top of Book",
   [](auto& v, auto& to) {
     to.top_of_book(v.ns(), v.template number<std::uint32_t>("instrument"), v.price("buy_price"),
                    v.template number<std::uint32_t>("buy_size"), v.price("sell_price"),
                    v.template number<std::uint32_t>("sell_size"));
   }},
  {"Login Request", [](auto& v, auto& to) { to.login_request(v.text("username"), v.text("password")); }},
  {"Login Response", [](auto& v, auto& to) { to.login_response(v.letter("status")); }},
  {"Replay Request",
   [](auto& v, auto& to) {
     to.replay_request(v.letter("group"), v.template number<std::uint32_t>("first"),
                       v.template number<std::uint16_t>("count"));
   }},
  {"Replay Response",
   [](auto& v, auto& to) {
     to.replay_response(v.letter("group"), v.template number<std::uint32_t>("first"),
                        v.template number<std::uint16_t>("count"), v.letter("status"));
   }},
  {"Snapshot Request",
   [](auto& v, auto& to) {
     to.snapshot_request(v.template number<std::uint32_t>("sequence"), v.text("segment"),
                         v.template number<std::uint32_t>("instrument"));
   }},
  {"Snapshot Response", [](auto& v, auto& to) { to.snapshot_response(v.letter("status")); }},
  {"Snapshot Complete",
   [](auto& v, auto& to) {
     to.snapshot_complete(v.template number<std::uint32_t>("sequence"), v.text("segment"),
                          v.template number<std::uint32_t>("instrument"), v.flags("flags"));
   }},
  {"Logout Request", [](auto&, auto& to) { to.logout_request(); }},
};

using encode_gtp = std::function<void(const vector_of_file&, gtp_encoder&)>;

gtp::order_change gtp_change(const vector_of_file& v, std::size_t side_at, std::size_t instrument_at) {
  gtp::order_change out;
  out.id = v.number("order_id");
  out.instrument = v.at(instrument_at, 8);
  out.side = static_cast<char>(v.bytes[side_at]);
  out.previous_price = v.price("previous_price");
  out.previous_size = v.size("previous_quantity");
  return out;
}

const std::map<std::string, encode_gtp> gtp_encoders{
  {"Add Order Incremental",
   [](auto& v, auto& to) {
     gtp::order order;
     order.id = v.number("order_id");
     order.side = v.letter("side");
     order.size = v.size("size");
     order.instrument = v.number("instrument");
     order.price = v.price("price");
     order.transaction_ns = v.number("transaction_time");
     order.of = static_cast<gtp::book>(v.template number<std::uint8_t>("book_type"));
     order.order_type = v.template number<std::uint8_t>("order_type");
     to.add_order(v.number("timestamp"), order);
   }},
  {"Order Modify",
   [](auto& v, auto& to) {
     auto change = gtp_change(v, 27, 19);
     change.priority_kept = v.flags("flags") == 1;
     change.new_size = v.size("new_quantity");
     change.new_price = v.price("new_price");
     change.transaction_ns = v.at(72, 8);
     to.order_modify(v.utc(), change);
   }},
  {"Order Delete",
   [](auto& v, auto& to) {
     auto change = gtp_change(v, 27, 19);
     change.transaction_ns = v.at(47, 8);
     to.order_delete(v.utc(), change);
   }},
  {"Order Book Clear",
   [](auto& v, auto& to) {
     to.order_book_clear(v.utc(), v.number("instrument"),
                         static_cast<gtp::book>(v.template number<std::uint8_t>("book_type")));
   }},
  {"Trade",
   [](auto& v, auto& to) {
     gtp::trade trade;
     trade.transaction_ns = v.at(11, 8);
     trade.size = v.size("executed");
     trade.instrument = v.at(29, 8);
     trade.price = v.price("price");
     trade.id = v.number("trade_id");
     trade.type = v.template number<std::uint8_t>("trade_type");
     trade.hidden = v.template number<std::uint8_t>("hidden_indicator");
     to.trade(v.utc(), trade);
   }},
  {"Instrument Status",
   [](auto& v, auto& to) {
     const auto end = v.text("new_end_time");
     to.instrument_status(v.utc(), {v.number("instrument"), v.letter("status"),
                                    v.template number<std::uint8_t>("session_change_reason"), end,
                                    static_cast<gtp::book>(v.template number<std::uint8_t>("book_type"))});
   }},
  {"System Event", [](auto& v, auto& to) { to.system_event(v.utc(), v.letter("event")); }},
  {"Statistics Update",
   [](auto& v, auto& to) {
     gtp::statistics_update update;
     update.instrument = v.at(11, 8);
     update.kind = v.template number<std::uint16_t>("statistic_type");
     update.price = v.price("price");
     update.origin = v.letter("indicator");
     to.statistics_update(v.utc(), update);
   }},
  {"Login Request", [](auto& v, auto& to) { to.login_request(v.text("username")); }},
  {"Replay Request",
   [](auto& v, auto& to) {
     to.replay_request(v.template number<std::uint32_t>("first"), v.template number<std::uint32_t>("count"),
                       v.template number<std::uint32_t>("request_id"));
   }},
  {"Recovery Request",
   [](auto& v, auto& to) {
     gtp::recovery_request request;
     request.level = v.template number<std::uint8_t>("level");
     request.instrument = v.number("instrument");
     request.of = static_cast<gtp::book>(v.template number<std::uint8_t>("book_type"));
     request.venue = v.template number<std::uint16_t>("venue");
     request.type = v.template number<std::uint8_t>("recovery_type");
     request.from = v.template number<std::uint32_t>("sequence");
     request.id = v.template number<std::uint32_t>("request_id");
     to.recovery_request(request);
   }},
  {"Recovery Response",
   [](auto& v, auto& to) {
     to.recovery_response(v.template number<std::uint32_t>("sequence"), v.template number<std::uint32_t>("count"),
                          v.letter("status"), v.template number<std::uint32_t>("request_id"));
   }},
  {"Replay and Recovery Complete",
   [](auto& v, auto& to) { to.complete(v.template number<std::uint32_t>("request_id"), v.letter("trading_status")); }},
};

TEST(LseEncoder, WritesEveryVectorOfTheFile) {
  const auto vectors = read_vectors();
  if (vectors.empty()) GTEST_SKIP() << "../shared/data/lse is not there";
  EXPECT_EQ(vectors.size(), 41u);
  for (const auto& v : vectors) {
    SCOPED_TRACE(v.protocol + ": " + v.message);
    if (v.message.starts_with("Unit")) {
      unit_writer unit{v.letter("group")};
      unit.begin(v.number<std::uint32_t>("sequence"));
      message_buffer inside;
      if (v.number("count") == 2) {
        mitch_encoder to{inside};
        to.time(28'801);
        to.order_executed(1, 5, 6, 7);
      }
      for (std::size_t i = 0; i < inside.count(); ++i) unit.add(inside.message(i));
      EXPECT_EQ(unit.count(), v.number("count"));
      EXPECT_EQ(byte_buffer(unit.bytes().begin(), unit.bytes().end()), v.bytes);
      continue;
    }
    message_buffer out;
    if (v.protocol.starts_with("MITCH")) {
      ASSERT_TRUE(mitch_encoders.contains(v.message));
      mitch_encoder to{out};
      mitch_encoders.at(v.message)(v, to);
    } else {
      ASSERT_TRUE(gtp_encoders.contains(v.message));
      gtp_encoder to{out};
      gtp_encoders.at(v.message)(v, to);
    }
    ASSERT_EQ(out.count(), 1u);
    EXPECT_EQ(byte_buffer(out.message(0).begin(), out.message(0).end()), v.bytes);
  }
}

TEST(LseEncoder, WritesPricesAsSignAndMagnitude) {
  // Both examples are the exchange's own.
  EXPECT_EQ(sign_and_magnitude(price_one), 0x0000000005F5E100u);
  EXPECT_EQ(sign_and_magnitude(-price_one), 0x8000000005F5E100u);
  EXPECT_EQ(sign_and_magnitude(0), 0u);
}

TEST(LseEncoder, CutsAndPadsTexts) {
  message_buffer out;
  mitch_encoder{out}.login_request("LONGERTHANSIX", "x");
  EXPECT_EQ(std::string(out.message(0).begin() + 2, out.message(0).end()), "LONGERx         ");
}

} // namespace
} // namespace tickplant::sim::lse
