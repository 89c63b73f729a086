// What waits for a client because its socket takes no more: bytes as they are sent, and behind them, while much waits,
// blocks that are packed by zlib. An answer of some hundred KiB (a thousand names, each with its lines) takes a tenth
// of that so, and a client that does not read for a while costs no more than others. One thread.
#pragma once

#include "runtime/wire/rfc6455.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tickplant::net {

/// Packs blocks, each for itself. One for all tails of a set; takes its memory when it is needed first.
class tail_packer {
public:
  tail_packer();
  ~tail_packer();
  tail_packer(const tail_packer&) = delete;
  std::vector<uint8_t> pack(std::span<const uint8_t> plain);
  /// `packed` as it came from `pack`.
  void unpack(std::span<const uint8_t> packed, size_t size, std::vector<uint8_t>& to);

private:
  struct streams;
  std::unique_ptr<streams> streams_;
  std::vector<uint8_t> room_;
};

/// While there is one the client is blocked.
class output_tail {
public:
  static constexpr size_t block_size = 16 * 1024; // a whole TLS record: one that was offered is never packed
  static constexpr size_t most_plain_data = 80 * 1024, most_plain = 2 * block_size;

  /// The rest of one write.
  void add_data(std::span<const uint8_t> more, tail_packer& packer);
  /// Replies and control frames, behind everything.
  void add_reply(std::span<const uint8_t> more, tail_packer& packer) { add(more, most_plain, packer); }

  /// What is sent next; empty: nothing waits.
  std::span<const uint8_t> next(tail_packer& packer);
  void taken(size_t count);

  size_t waiting() const { return waiting_ + (body ? body->size() - body_at : 0); }
  size_t waiting_replies() const { return waiting_ - data_left_; }
  /// Bytes of memory, whatever they stand for; a shared body apart.
  size_t memory() const;

  uint32_t since = 0;                      // step of the timer wheel at which the client was blocked
  std::shared_ptr<const std::string> body; // of a response, behind all bytes; shared with others
  size_t body_at = 0;
  bool has_pong = false, has_close = false; // made when their turn comes: of pongs the newest alone
  uint8_t pong_size = 0;
  std::array<uint8_t, wire::max_control_payload> pong{};

private:
  struct block {
    std::vector<uint8_t> packed;
    uint32_t size;
  };
  void add(std::span<const uint8_t> more, size_t most, tail_packer& packer);
  void add_behind(std::span<const uint8_t> more, tail_packer& packer);
  size_t left_in_front() const { return front_.size() - at_; }

  std::vector<uint8_t> front_, back_; // [at_, end) of front_ is sent next; back_ is not a whole block yet
  std::deque<block> blocks_;          // between them
  size_t at_ = 0, packed_ = 0;
  size_t waiting_ = 0, data_left_ = 0; // plain bytes, without the body
};

} // namespace tickplant::net
