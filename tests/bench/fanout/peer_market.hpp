// The market of the peers that are written in C++: symbols that tick as those of the synthetic venue do, and a message
// of about 450 bytes for each tick, of the same keys as ours. Times come in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::peer {

struct market_options {
  uint32_t symbols = 100;
  double hz = 10;
  uint32_t wait_for = 0;  ///< clients before whom a peer that has trouble with newcomers does not begin
  bool is_spread = false; ///< ticks of a period one after another over it, else all together
};

/// Which ticks are due: numbered over all symbols when spread, else by rounds of all symbols.
class tick_clock {
public:
  explicit tick_clock(const market_options& options, uint64_t start_ns)
    : step_ns_(1e9 / options.hz / (options.is_spread ? options.symbols : 1)), start_ns_(start_ns),
      most_(options.is_spread ? options.symbols : 1) {}

  /// Calls `tick(number)` for each that is due. Whole periods that were missed are left out.
  template <class Tick>
  void run(uint64_t now_ns, Tick tick) {
    const auto due = static_cast<uint64_t>(static_cast<double>(now_ns - start_ns_) / step_ns_);
    if (due >= next_ + most_) next_ = due - most_ + 1;
    for (; next_ <= due; ++next_) tick(next_);
  }
  uint64_t next_ns() const { return start_ns_ + static_cast<uint64_t>(step_ns_ * static_cast<double>(next_)) + 1; }

private:
  double step_ns_;
  uint64_t start_ns_, next_ = 0, most_;
};

inline std::string symbol_name(uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "S%03u", number);
  return text;
}

/// The numbers of all known symbols in a SUBSCRIBE.
inline std::vector<uint32_t> symbols_in(std::string_view request, uint32_t known) {
  std::vector<uint32_t> found;
  for (size_t at = request.find("\"S"); at != std::string_view::npos; at = request.find("\"S", at + 1)) {
    uint32_t number = 0;
    size_t digits = at + 2;
    for (; digits < request.size() && request[digits] >= '0' && request[digits] <= '9' && digits < at + 10; ++digits)
      number = number * 10 + static_cast<uint32_t>(request[digits] - '0');
    if (digits > at + 2 && number < known) found.push_back(number);
  }
  return found;
}

/// One element of `symbols`, by a generator that is no more than different numbers at each tick.
class quote_writer {
public:
  explicit quote_writer(uint32_t symbol) : name_(symbol_name(symbol)), state_(symbol + 1), price_(10'000 + symbol) {}

  void append(std::string& to, std::string_view exchange, uint64_t epoch, uint64_t sent_us) {
    price_ = std::max<uint64_t>(1'000, price_ + draw() % 21 - 10);
    to += "{\"symbol\":\"" + name_ + "\",\"exchange\":\"";
    to += exchange;
    to += '"';
    key(to, "price", price_);
    key(to, "bid", price_ - 1);
    key(to, "ask", price_ + 1);
    number(to, "bidSize", 100 + draw() % 2'000);
    number(to, "askSize", 100 + draw() % 2'000);
    number(to, "volume", volume_ += 100 + draw() % 2'000);
    key(to, "change", price_ / 100);
    key(to, "changePercent", price_ / 90);
    key(to, "high", price_ * 102 / 100);
    key(to, "low", price_ * 98 / 100);
    key(to, "open", 10'000);
    key(to, "previousClose", 10'000);
    number(to, "timestamp", 1'700'000'000'000 + sequence_);
    level(to, "bids", price_ - 1);
    level(to, "asks", price_ + 1);
    to.append(",\"stream\":\"").append(exchange).append(":").append(name_).append("/STATE\"");
    number(to, "epoch", epoch);
    number(to, "sequence", ++sequence_);
    number(to, "prevSequence", sequence_ - 1);
    if (sent_us != 0) number(to, "sentUs", sent_us);
    to += '}';
  }

private:
  uint64_t draw() { return (state_ = state_ * 6364136223846793005ull + 1442695040888963407ull) >> 33; }
  static void cents(std::string& to, uint64_t value) {
    to += std::to_string(value / 100);
    to += value % 100 < 10 ? ".0" : ".";
    to += std::to_string(value % 100);
  }
  static void key(std::string& to, const char* name, uint64_t price) {
    to.append(",\"").append(name).append("\":");
    cents(to, price);
  }
  static void number(std::string& to, const char* name, uint64_t value) {
    to.append(",\"").append(name).append("\":").append(std::to_string(value));
  }
  void level(std::string& to, const char* name, uint64_t price) {
    to.append(",\"").append(name).append("\":[{\"price\":");
    cents(to, price);
    number(to, "size", 100 + draw() % 2'000);
    number(to, "orders", 1 + draw() % 9);
    to += "}]";
  }

  std::string name_;
  uint64_t state_, price_, volume_ = 1'000'000, sequence_ = 0;
};

} // namespace tickplant::peer
