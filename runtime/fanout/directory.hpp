// Names of instruments, as one network loop knows them: which venue has which symbol, and whether a venue has told all.
// One thread. Filled by the feed loops' announcements, asked at SUBSCRIBE.
#pragma once

#include "runtime/fanout/wildcard.hpp"
#include "runtime/model/ids.hpp"
#include "runtime/model/instrument.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tickplant::fanout {

/// How a name came out: an instrument; not yet known, as a venue's directory is incomplete; or no such symbol.
struct resolution {
  enum class kind : uint8_t { found, pending, unknown } what = kind::unknown;
  model::instrument_id id{};
};

class directory {
public:
  /// Venues in the configuration's order, upper-case names. Replaces nothing that is known of a venue that stays.
  void set_venues(const std::vector<std::string>& names);
  void add(model::instrument_id id, model::instrument_ptr instrument);
  void remove(model::instrument_id id);
  /// The venue has defined every instrument that it has.
  void complete(std::string_view venue);
  /// The venue has gone or started anew: names not found may come again.
  void incomplete(std::string_view venue);

  /// `VENUE:SYMBOL` names one; a plain symbol is that of the first venue in order that has it,
  /// consolidated instruments aside.
  resolution resolve(std::string_view name) const;
  /// The instrument, or null.
  model::instrument_ptr find(model::instrument_id id) const;
  /// Whether the venue has told everything; false for one that does not exist.
  bool is_complete(std::string_view venue) const;
  bool has_venue(std::string_view venue) const { return find_venue(venue) != nullptr; }
  std::vector<std::string> venues() const;
  size_t size() const { return by_id_.size(); }
  /// All instruments in the order of venue and symbol.
  std::vector<model::instrument_id> all() const;
  /// All that were added and not removed, in no order; also those whose symbol has another identity by now.
  std::vector<model::instrument_id> ids() const;
  /// Those of a wildcard, in the same order.
  std::vector<model::instrument_id> matching(const wildcard& pattern) const;
  /// Whether more may come under it: a venue that it means has not told all.
  bool is_open(const wildcard& pattern) const;

private:
  struct text_hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct venue_names {
    std::string name;
    bool is_complete = false;
    std::unordered_map<std::string, model::instrument_id, text_hash, std::equal_to<>> symbols;
  };
  void append(const venue_names& venue, const wildcard* pattern, std::vector<model::instrument_id>& to) const;
  venue_names* find_venue(std::string_view name);
  const venue_names* find_venue(std::string_view name) const;

  std::vector<venue_names> venues_;
  std::unordered_map<uint32_t, model::instrument_ptr> by_id_;
};

} // namespace tickplant::fanout
