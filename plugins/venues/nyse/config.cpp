#include "config.hpp"

#include <algorithm>

namespace tickplant::nyse {

namespace {

constexpr std::string_view keys[] = {"lines.a",
                                     "lines.b",
                                     "lines.retransmission",
                                     "lines.refresh",
                                     "interface",
                                     "source_id",
                                     "product",
                                     "channel",
                                     "reorder_window",
                                     "hold_messages",
                                     "gap_limit",
                                     "prove_window",
                                     "silence",
                                     "retransmission_messages",
                                     "retransmission_in_flight",
                                     "retransmission_timeout",
                                     "retransmission_attempts",
                                     "refresh_timeout",
                                     "refresh_attempts",
                                     "refresh_in_flight",
                                     "refresh_all_above",
                                     "quotas.retransmissions",
                                     "quotas.refreshes",
                                     "quotas.full_refreshes",
                                     "quotas.full_mappings",
                                     "quotas.logins",
                                     "time_zone",
                                     "plugin",
                                     "required"};
constexpr std::string_view list_keys[] = {"lines.request", "lines.summary", "only_sources"};
constexpr std::string_view channel_keys[] = {"a", "b", "retransmission", "refresh", "summary"};
constexpr sdk::known_keys known{keys, list_keys, {}, ", channels.<id>.a, .b, .retransmission, .refresh, .summary"};

/// "channels.7.retransmission" -> 7 and "retransmission".
std::optional<std::pair<uint8_t, std::string_view>> channel_key(std::string_view key) {
  constexpr std::string_view prefix = "channels.";
  if (!key.starts_with(prefix)) return std::nullopt;
  key.remove_prefix(prefix.size());
  const size_t dot = key.find('.');
  const auto id = sdk::to_number<uint8_t>(key.substr(0, dot));
  if (!id || dot == std::string_view::npos) return std::nullopt;
  const auto name = key.substr(dot + 1);
  for (const auto known_key : channel_keys)
    if (name == known_key || (known_key == "summary" && sdk::is_list_key(name, known_key))) return std::pair{*id, name};
  return std::nullopt;
}

void tcp(const sdk::config_reader& read, std::string_view key, std::string_view value, std::string& into) {
  read.address(key, value, {"tcp://"}, "TCP", "tcp://HOST:PORT", into);
}

/// A list whose members are read one by one under their own keys.
template <class Read>
void read_list(const sdk::config_reader& read, const std::string& key, size_t most, Read&& one) {
  const auto values = read.list(key);
  if (values.size() > most)
    read.complain(key, "names " + std::to_string(values.size()) + " addresses; at most " + std::to_string(most) +
                         " are used");
  for (size_t i = 0; i < std::min(values.size(), most); ++i) one(values[i].first, values[i].second);
}

void read_channel(const sdk::config_reader& read, const std::string& prefix, channel_options& into) {
  read.udp(prefix + "a", into.a);
  read.udp(prefix + "b", into.b);
  read.udp(prefix + "retransmission", into.retransmission);
  if (const auto refresh = read.find(prefix + "refresh")) {
    if (sdk::is_url(*refresh, "udp://") || sdk::is_url(*refresh, "tcp://"))
      into.refresh = *refresh;
    else
      read.complain(prefix + "refresh", "'" + std::string{*refresh} +
                                          "' is no address; wanted udp://ADDRESS:PORT, or tcp://HOST:PORT for a " +
                                          "stream of the same packets");
  }
  read_list(read, prefix + "summary", most_summaries, [&](const std::string& key, std::string_view value) {
    std::string url;
    read.udp(key, value, url);
    if (!url.empty()) into.summaries.push_back(url);
  });
  if (!read.find(prefix + "a") && !read.find(prefix + "b") && !read.find(prefix + "refresh"))
    read.complain(prefix + "a", "is missing; wanted at least one of " + prefix + "a and " + prefix + "b, or " + prefix +
                                  "refresh alone for its pictures");
  read.refuse_same_lines(prefix + "a", prefix + "b", into.a, into.b);
}

void read_channels(const sdk::config_reader& read, options& result) {
  std::vector<uint8_t> ids;
  for (const auto& pair : read.all().pairs())
    if (const auto key = channel_key(sdk::view(pair.key)); key && std::ranges::find(ids, key->first) == ids.end())
      ids.push_back(key->first);
  std::ranges::sort(ids);
  const bool has_lines = std::ranges::any_of(read.all().pairs(), [](const tp_pair& pair) {
    const auto key = sdk::view(pair.key);
    return key.starts_with("lines.") && !key.starts_with("lines.request");
  });
  if (!ids.empty() && (has_lines || read.find("channel")))
    read.complain("channels", "cannot go together with channel and lines.*; write that channel as channels.<id>.* too");
  if (ids.size() > most_channels)
    read.complain("channels", "names " + std::to_string(ids.size()) + " channels; at most 64 are allowed");
  ids.resize(std::min(ids.size(), most_channels));
  if (ids.empty()) {
    channel_options only;
    read.number("channel", 0, 255, only.channel);
    read_channel(read, "lines.", only);
    result.channels.push_back(std::move(only));
    return;
  }
  for (const uint8_t id : ids) {
    channel_options one;
    one.channel = id;
    read_channel(read, "channels." + std::to_string(id) + '.', one);
    result.channels.push_back(std::move(one));
  }
}

void read_product(const sdk::config_reader& read, options& result) {
  constexpr std::pair<std::string_view, uint8_t> names[] = {
    {"nyse", 11}, {"american", 59}, {"national", 109}, {"arca", 157}, {"texas", 209}};
  const auto product = read.find("product");
  if (!product) return;
  for (const auto& [name, id] : names)
    if (*product == name) {
      result.product = id;
      return;
    }
  if (const auto id = sdk::to_number<uint8_t>(*product))
    result.product = *id;
  else
    read.refuse("product", *product, "nyse, american, arca, national, texas or a product id from 0 to 255");
}

void read_source(const sdk::config_reader& read, options& result) {
  read.text("source_id", result.source_id);
  const bool is_plain =
    std::ranges::all_of(result.source_id, [](char letter) { return letter > ' ' && letter <= '~'; });
  if (result.source_id.size() > 10 || !is_plain)
    read.refuse("source_id", result.source_id, "1 to 10 visible ASCII characters");
}

} // namespace

options read_options(const sdk::settings& settings, const sdk::complain_fn& complain) {
  options result;
  const sdk::config_reader read{settings, complain};
  for (const auto& pair : settings.pairs())
    if (const auto key = sdk::view(pair.key); !known.contains(key) && !channel_key(key))
      read.refuse_unknown(key, known);
  constexpr uint64_t ms = 1'000'000, second = 1'000 * ms;
  read_channels(read, result);
  read_list(read, "lines.request", most_servers, [&](const std::string& key, std::string_view value) {
    std::string url;
    tcp(read, key, value, url);
    if (!url.empty()) result.servers.push_back(url);
  });
  read.text("interface", result.from_interface);
  result.only_sources = read.joined("only_sources");
  read_source(read, result);
  read_product(read, result);
  read.duration("reorder_window", 0, second, "0ms to 1s", result.reorder_window_ns);
  read.duration("silence", 100 * ms, 3'600 * second, "100ms to 1h", result.silence_ns);
  read.duration("prove_window", 0, 10 * second, "0ms to 10s", result.prove_window_ns);
  read.number("hold_messages", 1'024, 4'194'304, result.hold_messages);
  read.number("gap_limit", 1, 1'000'000'000, result.gap_limit);
  read.number("retransmission_messages", 1, 1'000, result.retransmission.messages);
  read.number("retransmission_in_flight", 1, 64, result.retransmission.in_flight);
  read.duration("retransmission_timeout", 10 * ms, 60 * second, "10ms to 1m", result.retransmission.timeout_ns);
  read.number("retransmission_attempts", 1, 10, result.retransmission.attempts);
  read.duration("refresh_timeout", 100 * ms, 60 * second, "100ms to 1m", result.refresh.timeout_ns);
  read.number("refresh_attempts", 1, 10, result.refresh.attempts);
  read.number("refresh_in_flight", 1, 64, result.refresh.in_flight);
  read.number("refresh_all_above", 0, 100'000, result.refresh.all_above);
  constexpr std::pair<std::string_view, quota> quotas[] = {{"quotas.retransmissions", quota::retransmissions},
                                                           {"quotas.refreshes", quota::refreshes},
                                                           {"quotas.full_refreshes", quota::full_refreshes},
                                                           {"quotas.full_mappings", quota::full_mappings},
                                                           {"quotas.logins", quota::logins}};
  for (const auto& [key, which] : quotas) read.number(key, 0, 1'000'000, result.quotas[static_cast<size_t>(which)]);
  read.text("time_zone", result.time_zone);
  return result;
}

} // namespace tickplant::nyse
