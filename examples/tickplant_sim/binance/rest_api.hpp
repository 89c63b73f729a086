// The REST requests a market data client needs: ping, time, exchangeInfo and depth, with request weights. No sockets.
#pragma once

#include "tickplant_sim/binance/feed.hpp"
#include "tickplant_sim/binance/product.hpp"

namespace tickplant::sim::binance {

struct rest_answer {
  unsigned status = 200;
  std::string body;
  std::uint32_t used_weight = 0;                // X-MBX-USED-WEIGHT-1M
  std::optional<std::uint32_t> retry_after_s{}; // with 429
};

/// Weight used in the running minute of the clock.
class weight_budget {
public:
  explicit weight_budget(std::uint32_t limit) noexcept : limit_{limit} {}

  /// False when the limit is passed; the weight counts either way.
  bool spend(std::uint32_t weight, std::int64_t now_ms) noexcept;
  std::uint32_t used() const noexcept { return used_; }
  std::uint32_t limit() const noexcept { return limit_; }
  static std::uint32_t seconds_to_next_minute(std::int64_t now_ms) noexcept;

private:
  std::uint32_t limit_;
  std::uint32_t used_ = 0;
  std::int64_t minute_ = -1;
};

class rest_api {
public:
  using reply = std::function<void(rest_answer)>;

  /// One budget for all clients: on loopback they have one address. `source` must outlive the object.
  rest_api(feed& source, std::uint32_t weight_limit, product which = product::spot)
    : feed_{source}, budget_{weight_limit}, which_{which} {}

  /// Answers once, possibly later and then from the loop of the feed.
  void handle(std::string_view method, std::string_view target, std::int64_t now_ms, reply answer);

  std::uint64_t requests() const noexcept { return requests_; }
  std::uint64_t refused() const noexcept { return refused_; }

private:
  rest_answer error(unsigned status, int code, std::string_view text);
  rest_answer success(const nlohmann::json& body);
  rest_answer exchange_info(std::string_view symbol, std::string_view symbols, std::int64_t now_ms);
  void depth(std::string_view symbol, std::string_view limit, std::int64_t now_ms, const reply& answer);
  bool spend(std::uint32_t weight, std::int64_t now_ms, const reply& answer);

  feed& feed_;
  weight_budget budget_;
  product which_;
  std::uint64_t requests_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace tickplant::sim::binance
