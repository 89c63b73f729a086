// A conformance tape: what one venue says to a plugin, step by step, and how its recovery services react. Plain text,
// so that a stranger can write one by hand, and a program can print one (`to_text`). The grammar stands in
// docs/plugin-guide.md, "Proving a venue"; `tickplant-replay --conformance PLUGIN --tapes DIR` plays tapes.
// Plain values; std only; no thread, no clock.
#pragma once

#include "tape_model.hpp"
#include "tape_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tickplant::sdk::testing {

namespace tape_detail {

inline std::string to_hex(const tape_bytes& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t b : bytes) {
    text += digits[b >> 4];
    text += digits[b & 15];
  }
  return text.empty() ? "-" : text;
}

inline std::string ns_text(uint64_t ns) {
  if (ns % 1'000'000'000 == 0) return std::to_string(ns / 1'000'000'000) + "s";
  if (ns % 1'000'000 == 0) return std::to_string(ns / 1'000'000) + "ms";
  if (ns % 1'000 == 0) return std::to_string(ns / 1'000) + "us";
  return std::to_string(ns) + "ns";
}

inline std::string pattern_text(const std::vector<int>& pattern) {
  std::string text;
  bool has_digits = false;
  for (const int one : pattern) has_digits |= one == -2;
  if (!has_digits) {
    for (const int one : pattern) text += one < 0 ? std::string{"??"} : to_hex({static_cast<uint8_t>(one)});
    return text;
  }
  text = "\"";
  for (const int one : pattern) {
    if (one == -1 || one == -2)
      text += one == -1 ? "\\?" : "\\d";
    else if (one < ' ' || one > '~' || one == '"' || one == '\\')
      text += "\\x" + to_hex({static_cast<uint8_t>(one)});
    else
      text += static_cast<char>(one);
  }
  return text + '"';
}

inline std::string echo_text(const tape_echo& e) {
  if (!e.behind.empty()) return "digits " + e.behind + ' ' + std::to_string(e.to);
  return "echo " + std::to_string(e.from) + ' ' + std::to_string(e.size) + ' ' + std::to_string(e.to);
}

inline std::string step_text(const tape_step& s) {
  const std::string as_text{s.data.begin(), s.data.end()};
  switch (s.kind) {
    case step_kind::wait: return "wait " + ns_text(s.ns);
    case step_kind::unit: return "unit " + s.line + ' ' + to_hex(s.data);
    case step_kind::bytes: return "bytes " + s.line + ' ' + to_hex(s.data);
    case step_kind::text: return "text " + s.line + ' ' + as_text;
    case step_kind::close: return "close " + s.line;
    case step_kind::fail: return "fail " + s.line;
    case step_kind::http: return "http " + s.line + ' ' + std::to_string(s.status) + ' ' + as_text;
  }
  return {};
}

} // namespace tape_detail

/// Into a step's bytes. What does not reach is left out.
inline void apply_echo(const tape_echo& echo, const uint8_t* sent, size_t size, tape_bytes& data) {
  if (echo.behind.empty()) {
    for (size_t b = 0; b < echo.size && echo.from + b < size && echo.to + b < data.size(); ++b)
      data[echo.to + b] = sent[echo.from + b];
    return;
  }
  const std::string_view text{reinterpret_cast<const char*>(sent), size};
  const size_t at = text.find(echo.behind);
  if (at == std::string_view::npos || echo.to > data.size()) return;
  const auto rest = text.substr(at + echo.behind.size());
  const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  data.insert(data.begin() + static_cast<std::ptrdiff_t>(echo.to), digits.begin(), digits.end());
}

/// Whether what was sent begins as the pattern wants.
inline bool fits(const std::vector<int>& pattern, const uint8_t* sent, size_t size) {
  const auto is_digit = [&](size_t at) { return at < size && sent[at] >= '0' && sent[at] <= '9'; };
  size_t at = 0;
  for (const int one : pattern) {
    if (at >= size || (one == -2 && !is_digit(at)) || (one >= 0 && one != sent[at])) return false;
    ++at;
    while (one == -2 && is_digit(at)) ++at;
  }
  return true;
}

/// Throws tape_fault.
inline tape parse_tape(std::string_view text) {
  return tape_detail::parser{text}.parse();
}

inline std::string to_text(const tape& from) {
  std::string text = "tape 1\n";
  const auto add = [&text](const std::string& line) { text += line + '\n'; };
  if (!from.like.empty()) add("like " + from.like);
  static constexpr const char* expectations[] = {"books", "stale", "any"};
  add(std::string{"expect "} + expectations[static_cast<size_t>(from.expect)]);
  add("at " + std::to_string(from.start_ns));
  add("rest " + tape_detail::ns_text(from.rest_ns));
  for (const auto& [key, value] : from.settings) add("set " + key + ' ' + value);
  for (const auto& line : from.refused) add("refuse " + line);
  for (const auto& reaction : from.reactions) {
    std::string head = (reaction.on_up ? "up " : "when ") + reaction.line;
    if (reaction.times != UINT32_MAX) head += " times=" + std::to_string(reaction.times);
    if (!reaction.pattern.empty()) head += ' ' + tape_detail::pattern_text(reaction.pattern);
    add(head);
    for (size_t i = 0; i < reaction.steps.size(); ++i) {
      add("  " + tape_detail::step_text(reaction.steps[i]));
      for (const auto& echo : reaction.echoes)
        if (echo.step == i) add("  " + tape_detail::echo_text(echo));
    }
    add("end");
  }
  for (const auto& one : from.books) {
    std::string line = "book " + one.symbol;
    for (const auto& [price, quantity] : one.bids) line += " bid " + price + ' ' + quantity;
    for (const auto& [price, quantity] : one.asks) line += " ask " + price + ' ' + quantity;
    add(line);
  }
  for (const auto& one : from.figures) add("shows " + one.symbol + ' ' + one.key + ' ' + one.value);
  for (const auto& one : from.demands)
    add("wants " + one.line + " times=" + std::to_string(one.times) +
        (one.pattern.empty() ? "" : ' ' + tape_detail::pattern_text(one.pattern)));
  for (const auto& step : from.steps) add(tape_detail::step_text(step));
  return text;
}

} // namespace tickplant::sdk::testing
