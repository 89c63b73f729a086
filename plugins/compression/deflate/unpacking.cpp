#include "unpacking.hpp"

#include "packing.hpp"

#include <tickplant/plugin.h>

#include <stdexcept>

namespace tickplant::deflate {

namespace {

constexpr int largest_window_bits = 15;
constexpr uint8_t cut_off[] = {0x00, 0x00, 0xFF, 0xFF}; // by the sender; RFC 7692, section 7.2.2
/// z_stream.data_type right behind a block that was not the last, with no bit of a byte left over (zlib.h, inflate).
constexpr int at_border = 128;

} // namespace

unpacking::unpacking() {
  if (inflateInit2(&stream_, -largest_window_bits) != Z_OK)
    throw std::runtime_error{"zlib cannot make an inflater: no memory"};
}

unpacking::~unpacking() {
  inflateEnd(&stream_);
}

unpacking::step unpacking::feed(std::span<const uint8_t> in) {
  stream_.next_in = const_cast<uint8_t*>(in.data());
  stream_.avail_in = static_cast<uInt>(in.size());
  for (;;) {
    if (stream_.avail_out == 0) {
      if (is_spilled_) return step::too_much;
      is_spilled_ = true;
      stream_.next_out = &spare_;
      stream_.avail_out = 1;
    }
    const int answer = ::inflate(&stream_, Z_SYNC_FLUSH);
    if (answer == Z_STREAM_END) return is_spilled_ && stream_.avail_out == 0 ? step::too_much : step::stream_end;
    if (answer != Z_OK && answer != Z_BUF_ERROR) return step::broken;
    if (stream_.avail_out != 0) return stream_.avail_in == 0 ? step::more : step::broken;
  }
}

int64_t unpacking::unpack(std::span<const uint8_t> in, std::span<uint8_t> out) {
  if (in.size() > most_piece) return TP_E_LIMIT;
  if (inflateReset(&stream_) != Z_OK) return TP_E_INTERNAL;
  const size_t room = out.size() < most_piece ? out.size() : most_piece;
  is_spilled_ = false;
  stream_.next_out = out.data();
  stream_.avail_out = static_cast<uInt>(room);
  auto reached = in.empty() ? step::more : feed(in);
  if (reached == step::more) {
    reached = feed(cut_off);
    if (reached == step::stream_end || (reached == step::more && stream_.data_type != at_border))
      reached = step::broken;
  } else if (reached == step::stream_end) {
    // A last block is followed by the header of the empty one whose length was cut off (RFC 7692, section 7.2.3.4).
    reached = stream_.avail_in == 1 && *stream_.next_in == 0 ? step::more : step::broken;
  }
  if (reached == step::too_much) return TP_E_LIMIT;
  if (reached == step::broken) return TP_E_ARGUMENT;
  return static_cast<int64_t>(is_spilled_ ? room : room - stream_.avail_out);
}

} // namespace tickplant::deflate
