// What a conformance tape holds, as plain values: steps of the venue, reactions to what the plugin sends, and what has
// to be right at the end. `tape.hpp` reads and prints it. Std only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::sdk::testing {

using tape_bytes = std::vector<uint8_t>;

enum class step_kind : uint8_t {
  wait,  // ns
  unit,  // a datagram, or a binary WebSocket message, on `line`
  text,  // a text WebSocket message on `line`
  bytes, // of the TCP connection `line`
  close, // `line` is closed by the other side
  fail,  // `line` breaks
  http   // from here on, requests whose URL holds `line` are answered by `status` and `data`
};

struct tape_step {
  step_kind kind = step_kind::wait;
  uint64_t ns = 0;
  std::string line;
  tape_bytes data;
  int32_t status = 0;
};

/// Brings what the plugin sent into a step of the reaction: numbers that a venue gives back.
struct tape_echo {
  size_t from = 0, size = 0; // bytes of what was sent, copied over those of the step
  size_t step = 0, to = 0;   // in the reaction's steps
  std::string behind{};      // not empty: instead of them, the digits behind this text, inserted
};

/// What happens when the plugin sends something on `line`, or when `line` comes up.
struct tape_reaction {
  std::string line;
  bool on_up = false;
  std::vector<int> pattern; // of the first bytes of what is sent; -1: any byte, -2: digits; empty: anything
  uint32_t times = UINT32_MAX;
  std::vector<tape_step> steps;
  std::vector<tape_echo> echoes;
};

/// A whole book at the end of the tape, best levels first; prices and quantities as a person writes them ("101.5").
struct tape_book {
  std::string symbol;
  std::vector<std::pair<std::string, std::string>> bids, asks;
};

/// Something else that is shown of an instrument at the end: `key` is one of those of docs/plugin-guide.md.
struct tape_figure {
  std::string symbol, key, value;
};

/// What the plugin has to have sent by the end, at least so often.
struct tape_demand {
  std::string line;
  std::vector<int> pattern; // as in tape_reaction
  uint32_t times = 1;
};

enum class tape_expectation : uint8_t {
  books, // at the end every book is right, and trusted
  stale, // books that cannot be right are marked stale, and at least one is
  any    // right or stale; wrong never
};

struct tape {
  std::string name; // of the file, without its ending
  std::string like; // the tape that tells what is right; empty: this one
  tape_expectation expect = tape_expectation::books;
  uint64_t start_ns = 1'700'000'000'000'000'000;
  uint64_t rest_ns = 60'000'000'000; // time after the last step, for what is still on its way
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> refused; // lines that never come up
  std::vector<tape_step> steps;
  std::vector<tape_reaction> reactions;
  std::vector<tape_book> books;     // what is right, told by the tape itself
  std::vector<tape_figure> figures; // the same
  std::vector<tape_demand> demands;
};

/// A fault in a tape: "line 12: what is wrong".
struct tape_fault : std::runtime_error {
  tape_fault(size_t line, const std::string& problem)
    : std::runtime_error("line " + std::to_string(line) + ": " + problem) {}
};

} // namespace tickplant::sdk::testing
