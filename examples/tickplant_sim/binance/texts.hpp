// The JSON texts of the venue, written directly. Keys and forms as in the spot WebSocket streams and REST documents.
#pragma once

#include "tickplant_sim/binance/market.hpp"
#include "tickplant_sim/binance/product.hpp"

namespace tickplant::sim::binance {

/// "btcusdt@trade" from "BTCUSDT" and "@trade".
std::string stream_name(std::string_view symbol, std::string_view kind);

std::string depth_update_text(std::string_view symbol, const depth_diff& diff, std::int64_t time_ms);
std::string book_ticker_text(std::string_view symbol, const best_quote& quote);
std::string trade_text(std::string_view symbol, const trade& t, std::int64_t time_ms);
std::string aggregate_trade_text(std::string_view symbol, const aggregate_trade& t, std::int64_t time_ms);
/// The futures' forms: transaction time, the id before the diff, the kind of a trade; ids by the product's stride.
std::string futures_depth_update_text(std::string_view symbol, const depth_diff& diff, std::int64_t time_ms);
std::string futures_book_ticker_text(std::string_view symbol, const best_quote& quote, std::int64_t time_ms);
std::string futures_trade_text(std::string_view symbol, const trade& t, std::int64_t time_ms);
std::string mark_price_text(std::string_view symbol, scaled mark, std::int64_t time_ms);
std::string futures_snapshot_text(const level_book& book, std::uint64_t last_update_id, std::size_t limit,
                                  std::int64_t time_ms);

std::string ticker_text(const market& source, std::int64_t time_ms);

/// REST depth answer with at most `limit` levels a side, best first.
std::string snapshot_text(const level_book& book, std::uint64_t last_update_id, std::size_t limit);

/// The same event with its times (E, T and a ticker's O and C) in microseconds, for timeUnit=MICROSECOND connections.
std::string with_microseconds(std::string_view event);

std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

} // namespace tickplant::sim::binance
