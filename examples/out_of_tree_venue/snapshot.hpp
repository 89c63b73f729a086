// The conversation with the snapshot server: which instruments are to be asked for, and its frames as they come. Pure.
#pragma once

#include "protocol.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <span>

namespace harbour {

class snapshot {
public:
  std::function<void(uint16_t id, uint64_t number)> begin;
  std::function<void(std::span<const uint8_t> level)> level;
  std::function<void(uint16_t id, uint64_t number)> end;

  void want(uint16_t id) { wanted_.insert(id); }
  void forget_all();
  bool is_needed() const { return !wanted_.empty(); }

  /// The request for what is wanted.
  std::array<uint8_t, 6> request() const;
  /// How many bytes are whole frames and were used; -1: this is no answer of the server.
  int64_t take(std::span<const uint8_t> bytes);
  /// The connection is gone: what is half told counts as not told.
  void broken_off() { open_ = false; }

private:
  bool frame(uint8_t type, std::span<const uint8_t> body);

  std::set<uint16_t> wanted_;
  bool open_ = false;
  uint16_t id_ = 0;
  uint64_t number_ = 0;
};

} // namespace harbour
