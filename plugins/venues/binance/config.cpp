#include "config.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace tickplant::binance {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;

/// Keys that the host reads itself; a plugin sees them too.
bool is_hosts(std::string_view key) {
  return key.starts_with("symbols") || key.starts_with("capture") || key == "plugin" || key == "required";
}

class reader {
public:
  reader(const sdk::settings& settings, const complaint& complain) : settings_(settings), complain_(complain) {}

  void url(std::string_view key, std::initializer_list<std::string_view> schemes, std::string& out) {
    const auto value = take(key);
    if (!value) return complain_(key, "is missing: give the venue's address");
    for (const auto scheme : schemes)
      if (value->starts_with(scheme) && value->size() > scheme.size()) {
        out = *value;
        return;
      }
    std::string problem = "is '" + std::string{*value} + "': it must begin with";
    for (const auto scheme : schemes) problem.append(" ").append(scheme);
    complain_(key, problem);
  }

  template <class Number>
  void number(std::string_view key, Number least, Number most, Number& out) {
    const auto value = take(key);
    if (!value) return;
    const auto read = sdk::to_number<Number>(*value);
    if (read && *read >= least && *read <= most)
      out = *read;
    else
      wrong(key, *value, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }

  void duration(std::string_view key, uint64_t least, uint64_t most, std::string_view range, uint64_t& out) {
    const auto value = take(key);
    if (!value) return;
    const auto read = sdk::to_duration_ns(*value);
    if (read && *read >= least && *read <= most)
      out = *read;
    else
      wrong(key, *value, "a duration with its unit, " + std::string{range});
  }

  void flag(std::string_view key, bool& out) {
    size_t chosen = out ? 1 : 0;
    word(key, {"false", "true"}, chosen);
    out = chosen == 1;
  }

  void word(std::string_view key, std::initializer_list<std::string_view> words, size_t& chosen) {
    const auto value = take(key);
    if (!value) return;
    const auto found = std::find(words.begin(), words.end(), *value);
    if (found != words.end()) {
      chosen = static_cast<size_t>(found - words.begin());
      return;
    }
    std::string wanted = "one of";
    for (const auto w : words) wanted.append(" ").append(w);
    wrong(key, *value, wanted);
  }

  void unknown_keys() const {
    for (const auto& pair : settings_.pairs()) {
      const auto key = sdk::view(pair.key);
      if (is_hosts(key) || std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      std::string problem = "is not a key of this plugin; known keys:";
      for (const auto k : known_) problem.append(" ").append(k);
      complain_(key, problem);
    }
  }

private:
  std::optional<std::string_view> take(std::string_view key) {
    known_.push_back(key);
    return settings_.find(key);
  }
  void wrong(std::string_view key, std::string_view value, std::string_view wanted) const {
    std::string problem = "is '";
    problem.append(value).append("', wanted ").append(wanted);
    complain_(key, problem);
  }

  const sdk::settings& settings_;
  const complaint& complain_;
  std::vector<std::string_view> known_;
};

} // namespace

config read_config(const sdk::settings& settings, const complaint& complain) {
  config out;
  reader read{settings, complain};
  read.url("lines.stream", {"ws://", "wss://"}, out.stream_url);
  read.url("rest", {"http://", "https://"}, out.rest_url);
  while (out.rest_url.ends_with('/')) out.rest_url.pop_back();
  read.number<uint32_t>("depth_limit", 5, 5'000, out.depth_limit);

  constexpr std::array<std::string_view, 2> speeds{"100ms", "1000ms"};
  size_t speed = 0, trades = 0, directory = 0, unit = 0;
  read.word("depth_speed", {speeds[0], speeds[1]}, speed);
  out.depth_speed = speeds[speed];
  read.word("trades", {"trade", "aggTrade"}, trades);
  out.trades = static_cast<trade_stream>(trades);
  read.word("directory", {"exchange_info", "stream"}, directory);
  out.directory = static_cast<directory_source>(directory);
  read.word("time_unit", {"ms", "us"}, unit);
  out.unit = static_cast<time_unit>(unit);

  read.flag("ticker", out.ticker);
  read.flag("book_ticker", out.book_ticker);
  read.duration("directory_interval", 30 * second_ns, 86'400 * second_ns, "from 30s to 24h", out.directory_interval_ns);
  read.duration("silence", 5 * second_ns, 3'600 * second_ns, "from 5s to 1h", out.silence_ns);
  read.number<uint32_t>("weight_limit", 50, 1'000'000, out.weight_limit);
  read.number<size_t>("buffer_bytes", 64u << 10, 256u << 20, out.buffer_bytes);
  read.unknown_keys();
  return out;
}

} // namespace tickplant::binance
