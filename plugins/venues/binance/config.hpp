// Settings of one instance: parsed from the host's key and value pairs, with every fault named at once.
#pragma once

#include <tickplant/plugin.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tickplant::binance {

enum class trade_stream : uint8_t { trade, agg_trade };
enum class directory_source : uint8_t { exchange_info, stream };
enum class time_unit : uint8_t { milliseconds, microseconds };

struct config {
  std::string stream_url; // lines.stream
  std::string rest_url;   // without a slash at its end
  uint32_t depth_limit = 1'000;
  std::string depth_speed = "100ms";
  trade_stream trades = trade_stream::trade;
  directory_source directory = directory_source::exchange_info;
  time_unit unit = time_unit::milliseconds;
  bool ticker = true, book_ticker = true;
  uint64_t directory_interval_ns = 300'000'000'000;
  uint64_t silence_ns = 60'000'000'000;
  uint32_t weight_limit = 5'000;  // per minute
  size_t buffer_bytes = 4u << 20; // per symbol
};

using complaint = std::function<void(std::string_view key, std::string_view problem)>;

/// Reads the settings; each fault is told to `complain`, and its key keeps the default.
config read_config(const sdk::settings& settings, const complaint& complain);

} // namespace tickplant::binance
