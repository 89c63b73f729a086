// The quote of document 000, "Example Market Data Message" (requirement S0-29), as the host hands it over.
#pragma once

#include <tickplant/dialect.hpp>

namespace tickplant::hft::testing {

struct sample_quote {
  tp_level bids[2] = {{17525, 1000, 5, 0}, {17524, 2500, 12, 0}};
  tp_level asks[2] = {{17527, 800, 3, 0}, {17528, 1500, 7, 0}};
  tp_element element{};

  sample_quote() {
    auto& e = element;
    e.struct_size = sizeof e;
    e.price_exponent = e.shown_exponent = -2;
    e.quantity_exponent = 0;
    e.symbol = sdk::to_tp("AAPL");
    e.venue = sdk::to_tp("NASDAQ");
    e.price = 17526;
    e.change = 215;
    e.change_percent = 12400;
    e.bid = 17525;
    e.ask = 17527;
    e.bid_quantity = 1000;
    e.ask_quantity = 800;
    e.open = 17410;
    e.high = 17650;
    e.low = 17380;
    e.previous_close = 17311;
    e.last_price = e.last_quantity = TP_NONE;
    e.volume = {12'500'000, 0};
    e.bids = bids;
    e.asks = asks;
    e.bid_count = e.ask_count = 2;
    e.venue_ns = 1699459199950'123456;
    e.epoch = 1699000000;
    e.sequence = 42;
    e.previous_sequence = 40;
    e.conflated = 1;
    e.tick_ns = 1699459200000'654321;
  }
  sample_quote(const sample_quote&) = delete;
};

} // namespace tickplant::hft::testing
