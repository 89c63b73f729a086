// Settings of one instance: parsed from the host's key and value pairs, with every fault named at once.
#pragma once

#include "product.hpp"

#include <tickplant/plugin.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::binance {

enum class trade_stream : uint8_t { trade, agg_trade };
enum class directory_source : uint8_t { exchange_info, stream };
enum class time_unit : uint8_t { milliseconds, microseconds };

struct config {
  binance::product product = product::spot;
  // Addresses of one purpose carry the same; the first is tried first, the others when it fails.
  std::vector<std::string> stream_urls; // lines.stream
  std::vector<std::string> market_urls; // lines.market: trades and statistics, where the venue parts them
  std::vector<std::string> rest_urls;   // without a slash at their end
  uint32_t depth_limit = 1'000;
  std::string depth_suffix = "@depth@100ms"; // of stream names
  trade_stream trades = trade_stream::trade;
  directory_source directory = directory_source::exchange_info;
  time_unit unit = time_unit::milliseconds;
  bool ticker = true, book_ticker = true, mark_price = false;
  uint64_t directory_interval_ns = 300'000'000'000;
  uint64_t silence_ns = 60'000'000'000;
  uint64_t renew_ns = 84'600'000'000'000; // age at which a connection is replaced
  uint64_t overlap_ns = 5'000'000'000;    // for which old and new one both deliver
  uint32_t streams_limit = 1'024;         // of one connection
  uint32_t controls_limit = 5;            // client messages a second and connection
  uint32_t connects_limit = 300;          // tries in five minutes, of all connections together
  uint32_t weight_limit = 5'000;          // per minute
  size_t buffer_bytes = 4u << 20;         // per symbol
};

using complaint = std::function<void(std::string_view key, std::string_view problem)>;

/// Reads the settings; each fault is told to `complain`, and its key keeps the default.
config read_config(const sdk::settings& settings, const complaint& complain);

} // namespace tickplant::binance
