#include "runtime/net/client/output_tail.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace tickplant::net {

namespace {
// Raw deflate, quick: a window of one block, a small table.
constexpr int window_bits = -14, memory_level = 7, level = 1;
} // namespace

struct tail_packer::streams {
  z_stream out{}, in{};
  streams() {
    if (deflateInit2(&out, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc{};
    if (inflateInit2(&in, window_bits) == Z_OK) return;
    deflateEnd(&out);
    throw std::bad_alloc{};
  }
  streams(const streams&) = delete;
  ~streams() {
    deflateEnd(&out);
    inflateEnd(&in);
  }
};

tail_packer::tail_packer() = default;
tail_packer::~tail_packer() = default;

std::vector<uint8_t> tail_packer::pack(std::span<const uint8_t> plain) {
  if (!streams_) streams_ = std::make_unique<streams>();
  auto& z = streams_->out;
  deflateReset(&z);
  room_.resize(deflateBound(&z, static_cast<uLong>(plain.size())));
  z.next_in = const_cast<Bytef*>(plain.data());
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = room_.data();
  z.avail_out = static_cast<uInt>(room_.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) throw std::logic_error("deflate needs more room than it said");
  return {room_.begin(), room_.end() - static_cast<std::ptrdiff_t>(z.avail_out)};
}

void tail_packer::unpack(std::span<const uint8_t> packed, size_t size, std::vector<uint8_t>& to) {
  to.resize(size);
  auto& z = streams_->in;
  inflateReset(&z);
  z.next_in = const_cast<Bytef*>(packed.data());
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = to.data();
  z.avail_out = static_cast<uInt>(size);
  if (inflate(&z, Z_FINISH) != Z_STREAM_END || z.avail_out != 0) throw std::logic_error("a block of ours is broken");
}

void output_tail::add_data(std::span<const uint8_t> more, tail_packer& packer) {
  data_left_ += more.size();
  add(more, most_plain_data, packer);
}

/// While `most` bytes or less wait they are kept as they are; of more all but the first block's worth is packed.
void output_tail::add(std::span<const uint8_t> more, size_t most, tail_packer& packer) {
  waiting_ += more.size();
  if (blocks_.empty() && back_.empty()) {
    if (left_in_front() + more.size() <= most) {
      front_.erase(front_.begin(), front_.begin() + static_cast<std::ptrdiff_t>(std::exchange(at_, 0)));
      if (front_.capacity() < front_.size() + more.size())
        front_.reserve(std::min(most, front_.size() + std::max(more.size(), front_.size() / 2)));
      front_.insert(front_.end(), more.begin(), more.end());
      return;
    }
    const auto all = std::exchange(front_, {});
    const auto waits = std::span{all}.subspan(std::exchange(at_, 0));
    const size_t first = std::min(waits.size(), block_size);
    front_.assign(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(first));
    add_behind(waits.subspan(first), packer);
    if (const size_t room = blocks_.empty() && back_.empty() ? block_size - first : 0; room > 0) {
      front_.reserve(block_size);
      front_.insert(front_.end(), more.begin(),
                    more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size())));
      more = more.subspan(std::min(room, more.size()));
    }
  }
  add_behind(more, packer);
}

void output_tail::add_behind(std::span<const uint8_t> more, tail_packer& packer) {
  const auto pack = [&](std::span<const uint8_t> plain) {
    blocks_.push_back({packer.pack(plain), static_cast<uint32_t>(plain.size())});
    packed_ += blocks_.back().packed.capacity();
  };
  while (!more.empty()) {
    const size_t count = std::min(more.size(), block_size - back_.size());
    if (count == block_size) {
      pack(more.first(count));
    } else {
      back_.insert(back_.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(count));
      if (back_.size() == block_size) {
        pack(back_);
        back_ = {};
      }
    }
    more = more.subspan(count);
  }
}

std::span<const uint8_t> output_tail::next(tail_packer& packer) {
  if (left_in_front() == 0) {
    front_.clear();
    at_ = 0;
    if (!blocks_.empty()) {
      const auto first = std::move(blocks_.front());
      blocks_.pop_front();
      packed_ -= first.packed.capacity();
      packer.unpack(first.packed, first.size, front_);
    } else {
      front_.swap(back_);
      back_ = {};
    }
  }
  return std::span{front_}.subspan(at_);
}

void output_tail::taken(size_t count) {
  at_ += count;
  waiting_ -= count;
  data_left_ -= std::min(count, data_left_);
}

size_t output_tail::memory() const {
  return front_.capacity() + back_.capacity() + packed_;
}

} // namespace tickplant::net
