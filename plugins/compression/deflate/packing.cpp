#include "packing.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tickplant::deflate {

namespace {

constexpr size_t largest_block = 0xFFFF;
constexpr int whole_level = 6;
constexpr size_t cut_length = 4; // the length 00 00 FF FF of the empty block that a sync flush ends with

/// Writes length, its complement and the bytes of one stored block.
uint8_t* put_block(uint8_t* to, std::span<const uint8_t> bytes) {
  const auto size = static_cast<uint16_t>(bytes.size());
  const auto inverted = static_cast<uint16_t>(~size);
  *to++ = static_cast<uint8_t>(size & 0xFF);
  *to++ = static_cast<uint8_t>(size >> 8);
  *to++ = static_cast<uint8_t>(inverted & 0xFF);
  *to++ = static_cast<uint8_t>(inverted >> 8);
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

/// A header of a stored block is a byte 0 where it begins at a byte's border. `opens`: with the header in front of the
/// first; `ends_open`: with one behind the last.
int64_t store(std::span<const uint8_t> in, std::span<uint8_t> out, bool opens, bool ends_open) {
  if (in.size() > most_piece) return TP_E_LIMIT;
  const size_t blocks = std::max<size_t>(1, (in.size() + largest_block - 1) / largest_block);
  const size_t size = in.size() + blocks * 5 - (opens ? 0 : 1) + (ends_open ? 1 : 0);
  if (size > out.size()) return static_cast<int64_t>(size);
  uint8_t* to = out.data();
  for (size_t block = 0; block < blocks; ++block) {
    if (block > 0 || opens) *to++ = 0;
    const size_t length = std::min(in.size(), largest_block);
    to = put_block(to, in.first(length));
    in = in.subspan(length);
  }
  if (ends_open) *to++ = 0;
  return static_cast<int64_t>(size);
}

} // namespace

int64_t store_head(std::span<const uint8_t> in, std::span<uint8_t> out) {
  return in.empty() ? 0 : store(in, out, true, false);
}

int64_t store_seam(std::span<const uint8_t> in, std::span<uint8_t> out) {
  return store(in, out, false, false);
}

int64_t store_tail(std::span<const uint8_t> in, std::span<uint8_t> out) {
  return store(in, out, false, true);
}

packing::packing(const config& settings, int window_bits)
  : level_(settings.level), strategy_(settings.is_fixed ? Z_FIXED : Z_DEFAULT_STRATEGY), set_level_(level_),
    set_strategy_(strategy_) {
  if (deflateInit2(&stream_, level_, Z_DEFLATED, -window_bits, settings.mem_level, strategy_) != Z_OK)
    throw std::runtime_error{"zlib cannot make a deflater: no memory"};
}

packing::~packing() {
  deflateEnd(&stream_);
}

int64_t packing::whole(std::span<const uint8_t> in, std::span<uint8_t> out) {
  return pack(in, out, std::max(level_, whole_level), Z_DEFAULT_STRATEGY);
}

int64_t packing::pack(std::span<const uint8_t> in, std::span<uint8_t> out, int level, int strategy) {
  const int64_t stored = store(in, {}, true, true);
  if (stored < 0 || static_cast<size_t>(stored) > out.size()) return stored;
  if (in.empty()) { // a block's header and no block: RFC 7692, section 7.2.3.6
    out[0] = 0;
    return 1;
  }
  if (deflateReset(&stream_) != Z_OK) return TP_E_INTERNAL;
  if (level != set_level_ || strategy != set_strategy_) {
    if (deflateParams(&stream_, level, strategy) != Z_OK) return TP_E_INTERNAL;
    set_level_ = level;
    set_strategy_ = strategy;
  }
  stream_.next_in = const_cast<uint8_t*>(in.data());
  stream_.avail_in = static_cast<uInt>(in.size());
  stream_.next_out = out.data();
  stream_.avail_out = static_cast<uInt>(stored);
  const int answer = ::deflate(&stream_, Z_SYNC_FLUSH);
  if (answer != Z_OK && answer != Z_BUF_ERROR) return TP_E_INTERNAL;
  // With no room left something may still wait inside: the bytes do not get smaller.
  if (stream_.avail_in != 0 || stream_.avail_out == 0) return store(in, out, true, true);
  return stored - static_cast<int64_t>(stream_.avail_out) - static_cast<int64_t>(cut_length);
}

} // namespace tickplant::deflate
