#include "runtime/telemetry/metrics.hpp"

#include "runtime/telemetry/clean_text.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace tickplant::telemetry {

namespace {

template <class Number>
void append_number(std::string& to, Number value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  to.append(digits, end);
}

void append_value(std::string& to, double value) {
  if (std::isnan(value))
    to += "NaN";
  else if (std::isinf(value))
    to += value > 0 ? "+Inf" : "-Inf";
  else
    append_number(to, value);
}

void append_escaped(std::string& to, std::string_view text, bool with_quotes) {
  std::string clean;
  append_utf8(clean, text);
  for (const char c : clean)
    if (c == '\n')
      to += "\\n";
    else if (c == '\\' || (with_quotes && c == '"'))
      (to += '\\') += c;
    else
      to += c;
}

std::string label_text(metrics_text::labels with) {
  std::string to;
  for (const auto& [name, value] : with) {
    if (!to.empty()) to += ',';
    to += name;
    to += "=\"";
    append_escaped(to, value, true);
    to += '"';
  }
  return to;
}

std::string_view name_of(metric_type type) {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
  }
  return "untyped";
}

void append_name(std::string& to, std::string_view name, std::string_view suffix, const std::string& labels,
                 std::string_view bound = {}) {
  to += name;
  to += suffix;
  if (labels.empty() && bound.empty()) {
    to += ' ';
    return;
  }
  to += '{';
  to += labels;
  if (!bound.empty()) {
    if (!labels.empty()) to += ',';
    ((to += "le=\"") += bound) += '"';
  }
  to += "} ";
}

void append_histogram(std::string& to, std::string_view name, const std::string& labels, const histogram& value) {
  uint64_t below = 0;
  for (size_t i = 0; i < histogram::bounds; ++i) {
    below += value.buckets[i];
    std::string bound;
    append_number(bound, static_cast<double>(histogram::bound_ns(i)) * 1e-9);
    append_name(to, name, "_bucket", labels, bound);
    append_number(to, below);
    to += '\n';
  }
  append_name(to, name, "_bucket", labels, "+Inf");
  append_number(to, value.count);
  to += '\n';
  append_name(to, name, "_sum", labels);
  append_value(to, static_cast<double>(value.sum_ns) * 1e-9);
  to += '\n';
  append_name(to, name, "_count", labels);
  append_number(to, value.count);
  to += '\n';
}

} // namespace

metrics_text::sample* metrics_text::find_or_put(const metric_family& family, labels with, sample value) {
  if ((family.type == metric_type::histogram) != std::holds_alternative<histogram>(value))
    throw std::logic_error(std::string{family.name} + ": a histogram's family takes histograms, the others numbers");
  auto& found = families_[family.name];
  found.family = &family;
  const auto [at, is_new] = found.series.try_emplace(label_text(with), value);
  return is_new ? nullptr : &at->second;
}

void metrics_text::add(const metric_family& family, labels with, uint64_t value) {
  auto* const old = find_or_put(family, with, value);
  if (!old) return;
  if (auto* const number = std::get_if<uint64_t>(old))
    *number += value;
  else
    std::get<double>(*old) += static_cast<double>(value);
}

void metrics_text::add(const metric_family& family, labels with, double value) {
  auto* const old = find_or_put(family, with, value);
  if (!old) return;
  if (const auto* const number = std::get_if<uint64_t>(old))
    value += static_cast<double>(*number);
  else
    value += std::get<double>(*old);
  *old = value;
}

void metrics_text::add(const metric_family& family, labels with, const histogram& value) {
  if (auto* const old = find_or_put(family, with, value)) std::get<histogram>(*old).merge(value);
}

std::string metrics_text::text() const {
  std::string to;
  for (const auto& [name, each] : families_) {
    ((to += "# HELP ") += name) += ' ';
    append_escaped(to, each.family->help, false);
    (((to += "\n# TYPE ") += name) += ' ') += name_of(each.family->type);
    to += '\n';
    for (const auto& [with, value] : each.series) {
      if (const auto* const durations = std::get_if<histogram>(&value)) {
        append_histogram(to, name, with, *durations);
        continue;
      }
      append_name(to, name, "", with);
      if (const auto* const number = std::get_if<uint64_t>(&value))
        append_number(to, *number);
      else
        append_value(to, std::get<double>(value));
      to += '\n';
    }
  }
  return to;
}

} // namespace tickplant::telemetry
