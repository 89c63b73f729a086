#include "config.hpp"

#include <tickplant/config_reader.hpp>

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace tickplant::binance {
namespace {

constexpr uint64_t second_ns = 1'000'000'000;
constexpr size_t most_addresses = 16;

/// Keys that the host reads itself; a plugin sees them too.
bool is_hosts(std::string_view key) {
  return key.starts_with("symbols") || key.starts_with("capture") || key == "plugin" || key == "required";
}

class reader {
public:
  reader(const sdk::settings& settings, const complaint& complain) : settings_(settings), complain_(complain) {}

  /// One address or a list of them.
  void urls(std::string_view key, std::initializer_list<std::string_view> schemes, bool needed,
            std::vector<std::string>& out) {
    lists_.push_back(key);
    const auto values = settings_.list(key);
    if (values.empty() && needed) complain_(key, "is missing: give the venue's address, or a list of them");
    if (values.size() > most_addresses) complain_(key, "has more than 16 addresses");
    for (const std::string_view value : values) {
      const auto fits = [&](std::string_view scheme) {
        return value.starts_with(scheme) && value.size() > scheme.size();
      };
      if (std::any_of(schemes.begin(), schemes.end(), fits)) {
        out.emplace_back(value);
        continue;
      }
      std::string problem = "is '" + std::string{value} + "': it must begin with";
      for (const auto scheme : schemes) problem.append(" ").append(scheme);
      complain_(key, problem);
    }
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
      if (is_hosts(key) || std::find(known_.begin(), known_.end(), key) != known_.end() || is_listed(key)) continue;
      std::string problem = "is not a key of this plugin; known keys:";
      for (const auto& list : {lists_, known_})
        for (const auto k : list) problem.append(" ").append(k);
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

  /// "rest" and "rest.0" for a list "rest".
  bool is_listed(std::string_view key) const {
    return std::any_of(lists_.begin(), lists_.end(), [&](auto list) { return sdk::is_list_key(key, list); });
  }

  const sdk::settings& settings_;
  const complaint& complain_;
  std::vector<std::string_view> known_, lists_;
};

/// The depth of snapshots: any number in range, or one of those that the product knows.
void read_depth(reader& read, const product_facts& facts, config& out, const complaint& complain) {
  read.number<uint32_t>("depth_limit", 5, facts.deepest, out.depth_limit);
  const auto& known = facts.depth_limits;
  if (known.empty() || std::find(known.begin(), known.end(), out.depth_limit) != known.end()) return;
  std::string problem = "is " + std::to_string(out.depth_limit) + ", which this product does not know; wanted one of";
  for (const uint32_t limit : known) problem.append(" ").append(std::to_string(limit));
  complain("depth_limit", problem);
}

void read_speed(reader& read, const product_facts& facts, config& out) {
  size_t speed = facts.default_speed;
  if (facts.speeds.size() == 2)
    read.word("depth_speed", {facts.speeds[0].word, facts.speeds[1].word}, speed);
  else
    read.word("depth_speed", {facts.speeds[0].word, facts.speeds[1].word, facts.speeds[2].word}, speed);
  out.depth_suffix = facts.speeds[speed].suffix;
}

/// Asks the venue for the unit that the settings name.
void ask_for_microseconds(std::vector<std::string>& urls) {
  for (auto& url : urls)
    if (url.find("timeUnit=") == std::string::npos)
      url += url.find('?') == std::string::npos ? "?timeUnit=MICROSECOND" : "&timeUnit=MICROSECOND";
}

} // namespace

config read_config(const sdk::settings& settings, const complaint& complain) {
  config out;
  reader read{settings, complain};
  size_t product = 0, directory = 0, unit = 0;
  read.word("product", {"spot", "usdm", "coinm"}, product);
  out.product = static_cast<binance::product>(product);
  const product_facts& facts = facts_of(out.product);
  const bool futures = is_futures(out.product);

  read.urls("lines.stream", {"ws://", "wss://"}, true, out.stream_urls);
  read.urls("lines.market", {"ws://", "wss://"}, false, out.market_urls);
  read.urls("rest", {"http://", "https://"}, true, out.rest_urls);
  for (auto& url : out.rest_urls)
    while (url.ends_with('/')) url.pop_back();
  read_depth(read, facts, out, complain);
  read_speed(read, facts, out);

  // The futures document knows merged trades alone (venue document, G, "trades").
  size_t trades = futures ? 1 : 0;
  read.word("trades", {"trade", "aggTrade"}, trades);
  out.trades = static_cast<trade_stream>(trades);
  read.word("directory", {"exchange_info", "stream"}, directory);
  out.directory = static_cast<directory_source>(directory);
  read.word("time_unit", {"ms", "us", "millisecond", "microsecond"}, unit);
  out.unit = static_cast<time_unit>(unit % 2);
  if (out.unit == time_unit::microseconds) {
    if (futures) complain("time_unit", "is microseconds: the venue has that choice for spot alone");
    ask_for_microseconds(out.stream_urls);
    ask_for_microseconds(out.market_urls);
  }

  out.mark_price = futures;
  read.flag("ticker", out.ticker);
  read.flag("book_ticker", out.book_ticker);
  read.flag("mark_price", out.mark_price);
  if (out.mark_price && !futures) {
    complain("mark_price", "is true: spot has no mark price");
    out.mark_price = false;
  }
  read.duration("directory_interval", 30 * second_ns, 86'400 * second_ns, "from 30s to 24h", out.directory_interval_ns);
  read.duration("silence", 5 * second_ns, 3'600 * second_ns, "from 5s to 1h", out.silence_ns);
  read.duration("renew_after", 10 * second_ns, 86'100 * second_ns, "from 10s to 1435m", out.renew_ns);
  read.duration("overlap", second_ns, 300 * second_ns, "from 1s to 5m", out.overlap_ns);
  out.streams_limit = facts.streams_limit;
  out.controls_limit = facts.controls_limit;
  out.weight_limit = facts.weight_limit;
  read.number<uint32_t>("streams_limit", 5, 1'024, out.streams_limit);
  read.number<uint32_t>("controls_limit", 2, 100, out.controls_limit);
  read.number<uint32_t>("connects_limit", 1, 10'000, out.connects_limit);
  read.number<uint32_t>("weight_limit", 50, 1'000'000, out.weight_limit);
  read.number<size_t>("buffer_bytes", 64u << 10, 256u << 20, out.buffer_bytes);
  read.unknown_keys();
  return out;
}

} // namespace tickplant::binance
