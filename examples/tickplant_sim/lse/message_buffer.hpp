// Little-endian messages of the London feeds, one after another, with the place where each ends. Facts of the wire:
// MIT303 Level 2 MITCH 11.9 and LSE GTP002 26.2. Owned by whoever encodes; not thread safe.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tickplant::sim::lse {

using byte_buffer = std::vector<std::uint8_t>;

/// Prices with eight decimals, as a signed number; the wire has sign and magnitude.
using price8 = std::int64_t;
inline constexpr price8 price_one = 100'000'000;

constexpr std::uint64_t sign_and_magnitude(price8 price) noexcept {
  const auto bits = static_cast<std::uint64_t>(price);
  return price < 0 ? std::uint64_t{1} << 63 | (0 - bits) : bits;
}

class message_buffer {
public:
  std::size_t count() const noexcept { return ends_.size(); }
  bool empty() const noexcept { return ends_.empty(); }
  std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  std::span<const std::uint8_t> message(std::size_t index) const noexcept {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::span{bytes_}.subspan(begin, ends_[index] - begin);
  }
  void clear() noexcept {
    bytes_.clear();
    ends_.clear();
  }

  /// Makes room for one message of zeros and returns where it begins; valid until the next call.
  std::uint8_t* extend(std::size_t length) {
    const auto begin = bytes_.size();
    bytes_.resize(begin + length);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    return bytes_.data() + begin;
  }

private:
  byte_buffer bytes_;
  std::vector<std::uint32_t> ends_;
};

/// Writes the fields of one message in their order; asserts in the end that they fill it exactly.
class field_writer {
public:
  field_writer(message_buffer& out, std::size_t length) : at_{out.extend(length)}, end_{at_ + length} {}
  field_writer(const field_writer&) = delete;
  field_writer& operator=(const field_writer&) = delete;
  ~field_writer() { assert(at_ == end_); }

  template <std::size_t Bytes>
  field_writer& number(std::uint64_t value) noexcept {
    for (std::size_t i = 0; i < Bytes; ++i) at_[i] = static_cast<std::uint8_t>(value >> (8 * i));
    at_ += Bytes;
    return *this;
  }
  field_writer& u8(std::uint64_t value) noexcept { return number<1>(value); }
  field_writer& u16(std::uint64_t value) noexcept { return number<2>(value); }
  field_writer& u32(std::uint64_t value) noexcept { return number<4>(value); }
  field_writer& u64(std::uint64_t value) noexcept { return number<8>(value); }
  field_writer& price(price8 value) noexcept { return number<8>(sign_and_magnitude(value)); }
  field_writer& letter(char value) noexcept { return number<1>(static_cast<std::uint8_t>(value)); }
  /// Left aligned, padded with spaces; longer text is cut.
  field_writer& text(std::string_view value, std::size_t width) noexcept {
    const auto used = std::min(value.size(), width);
    if (used > 0) std::memcpy(at_, value.data(), used);
    std::memset(at_ + used, ' ', width - used);
    at_ += width;
    return *this;
  }
  field_writer& zeros(std::size_t width) noexcept {
    at_ += width;
    return *this;
  }

private:
  std::uint8_t* at_;
  std::uint8_t* end_;
};

} // namespace tickplant::sim::lse
