// Reads a plugin's settings one key after the other: where a value is wrong it complains, by key, with what was found
// and what is wanted, and leaves the default as it is, so that one start or reload tells of all faults. Borrows the
// settings for the call that hands them over. One thread; nothing is thrown. Durations in nanoseconds.
#pragma once

#include <tickplant/plugin.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::sdk {

/// Takes one fault: the key, and what is wrong in words that go behind it.
using complain_fn = std::function<void(std::string_view key, std::string_view problem)>;

/// Whether a text is `scheme` ("udp://", ...), a host, a colon and a port from 1 to 65535, and nothing behind.
inline bool is_url(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme)) return false;
  url.remove_prefix(scheme.size());
  const size_t colon = url.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = to_number<uint16_t>(url.substr(colon + 1));
  return port && *port != 0 && url.find_first_of(" /?#") == std::string_view::npos;
}

/// Whether `key` is the list `name`, or the member "name.0" of it.
inline bool is_list_key(std::string_view key, std::string_view name) {
  return key == name || (key.starts_with(name) && key.size() > name.size() + 1 && key[name.size()] == '.' &&
                         to_number<uint32_t>(key.substr(name.size() + 1)));
}

/// Which keys a plugin knows: those of a single value, lists, and those that begin with a prefix. `more` is what the
/// list of known keys ends in, for keys that it cannot name one by one. Tables of literals.
struct known_keys {
  std::span<const std::string_view> single, lists, prefixes;
  std::string_view more = {};

  bool contains(std::string_view key) const {
    // Those that the host reads, and a plugin sees too.
    if (key == "plugin" || key == "required" || key.starts_with("symbols") || key.starts_with("capture")) return true;
    return std::ranges::find(single, key) != single.end() ||
           std::ranges::any_of(lists, [key](std::string_view name) { return is_list_key(key, name); }) ||
           std::ranges::any_of(prefixes, [key](std::string_view prefix) { return key.starts_with(prefix); });
  }
  std::string text() const {
    std::string all;
    for (const auto& keys : {single, lists})
      for (const auto key : keys) all.append(all.empty() ? "" : ", ").append(key);
    return all.append(more);
  }
};

class config_reader {
public:
  config_reader(const settings& from, const complain_fn& complain) : settings_(from), complain_(complain) {}

  const settings& all() const { return settings_; }
  std::optional<std::string_view> find(std::string_view key) const { return settings_.find(key); }
  /// Whether there is a value, or a list of them.
  bool has(std::string_view key) const { return find(key) || find(std::string{key} + ".0"); }

  void complain(std::string_view key, std::string_view problem) const { complain_(key, problem); }
  /// "'12x' is not allowed; wanted " and what is wanted.
  void refuse(std::string_view key, std::string_view value, std::string_view wanted) const {
    complain(key, "'" + std::string{value} + "' is not allowed; wanted " + std::string{wanted});
  }
  /// A key that nobody knows; `keys` tells which there are.
  void refuse_unknown(std::string_view key, const known_keys& keys) const {
    complain(key, "is no setting of this plugin; it knows " + keys.text());
  }
  void refuse_unknown(const known_keys& keys) const {
    for (const auto& pair : settings_.pairs())
      if (!keys.contains(view(pair.key))) refuse_unknown(view(pair.key), keys);
  }

  void text(std::string_view key, std::string& into) const {
    const auto value = find(key);
    if (!value) return;
    if (value->empty())
      complain(key, "is empty; leave the key out or give a value");
    else
      into = *value;
  }
  template <class Number>
  void number(std::string_view key, uint64_t least, uint64_t most, Number& into) const {
    const auto value = find(key);
    if (!value) return;
    const auto parsed = to_number<uint64_t>(*value);
    if (parsed && *parsed >= least && *parsed <= most)
      into = static_cast<Number>(*parsed);
    else
      refuse(key, *value, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  /// `allowed` is the range in words: "1ms to 1m".
  void duration(std::string_view key, uint64_t least_ns, uint64_t most_ns, std::string_view allowed,
                uint64_t& into) const {
    const auto value = find(key);
    if (!value) return;
    const auto parsed = to_duration_ns(*value);
    if (parsed && *parsed >= least_ns && *parsed <= most_ns)
      into = *parsed;
    else
      refuse(key, *value, "a duration with its unit, " + std::string{allowed});
  }

  /// An address of one of `schemes`; what is wanted in words: transport "TCP", forms "tcp://HOST:PORT".
  void address(std::string_view key, std::string_view value, std::initializer_list<std::string_view> schemes,
               std::string_view transport, std::string_view forms, std::string& into) const {
    if (std::ranges::any_of(schemes, [value](std::string_view scheme) { return is_url(value, scheme); }))
      into = value;
    else
      complain(key, "'" + std::string{value} + "' is no " + std::string{transport} + " address; wanted " +
                      std::string{forms} + " with a port from 1 to 65535");
  }
  void udp(std::string_view key, std::string_view value, std::string& into) const {
    address(key, value, {"udp://"}, "UDP", "udp://ADDRESS:PORT", into);
  }
  void udp(std::string_view key, std::string& into) const {
    if (const auto value = find(key)) udp(key, *value, into);
  }
  /// Lines A and B of a pair that are one.
  void refuse_same_lines(std::string_view key_a, std::string_view key_b, const std::string& a,
                         const std::string& b) const {
    if (!a.empty() && a == b)
      complain(key_b, "is the same address as " + std::string{key_a} +
                        "; the two lines of a pair have addresses of their own");
  }

  /// A list, or a lone value, as pairs of the key that each stands under and the value.
  std::vector<std::pair<std::string, std::string_view>> list(std::string_view key) const {
    std::vector<std::pair<std::string, std::string_view>> found;
    const bool has_lone = find(key).has_value();
    size_t number = 0;
    for (const auto value : settings_.list(key)) {
      const bool is_lone = has_lone && found.empty();
      found.emplace_back(is_lone ? std::string{key} : std::string{key} + '.' + std::to_string(number), value);
      number += is_lone ? 0 : 1;
    }
    return found;
  }
  /// The values of a list, joined by commas, as `tp_line_spec::only_sources` wants them.
  std::string joined(std::string_view key) const {
    std::string all;
    for (const auto value : settings_.list(key)) all.append(all.empty() ? "" : ",").append(value);
    return all;
  }

private:
  const settings& settings_;
  const complain_fn& complain_;
};

} // namespace tickplant::sdk
