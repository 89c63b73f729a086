// Prometheus' text exposition format 0.0.4, put together at a scrape from numbers that many parts counted. Pure.
#pragma once

#include "runtime/telemetry/histogram.hpp"
#include "runtime/telemetry/metric_names.hpp"

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tickplant::telemetry {

/// The Content-Type of the answer.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

class metrics_text {
public:
  /// Names must be label names ([a-zA-Z_][a-zA-Z0-9_]*), values may be any text.
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Samples of one family may come from several parts, in any order; those with the same labels are added up, so that
  /// each series is there once. A histogram's family takes histograms, the others numbers: anything else throws
  /// std::logic_error.
  void add(const metric_family& family, labels with, uint64_t value);
  void add(const metric_family& family, labels with, double value);
  void add(const metric_family& family, labels with, const histogram& value);
  void add(const metric_family& family, uint64_t value) { add(family, {}, value); }
  void add(const metric_family& family, double value) { add(family, {}, value); }

  /// Families and their series in the order of their names and labels, whatever the order of `add` was.
  std::string text() const;

private:
  using sample = std::variant<uint64_t, double, histogram>;
  struct entry {
    const metric_family* family = nullptr;
    std::map<std::string, sample> series; ///< by labels as they are written, without braces
  };

  sample* find_or_put(const metric_family& family, labels with, sample value);

  std::map<std::string_view, entry> families_;
};

} // namespace tickplant::telemetry
