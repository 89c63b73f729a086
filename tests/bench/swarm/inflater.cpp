#include "inflater.hpp"

#include <simdjson.h>

#include <algorithm>
#include <new>

namespace tickplant::load {

inflater::inflater() : text_(256 * 1024) {
  constexpr int raw = -15; // no header, the largest window
  if (::inflateInit2(&stream_, raw) != Z_OK) throw std::bad_alloc{};
}

inflater::~inflater() {
  ::inflateEnd(&stream_);
}

std::optional<std::string_view> inflater::whole(std::string_view packed, size_t most) {
  constexpr std::string_view cut_off{"\x00\x00\xff\xff", 4}; // by the sender: RFC 7692, 7.2.1
  if (::inflateReset(&stream_) != Z_OK) return std::nullopt;
  size_t size = 0;
  for (const auto part : {packed, cut_off}) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream_.avail_in = static_cast<uInt>(part.size());
    do {
      const size_t room = text_.size() - simdjson::SIMDJSON_PADDING - size;
      stream_.next_out = reinterpret_cast<Bytef*>(text_.data() + size);
      stream_.avail_out = static_cast<uInt>(room);
      const int answer = ::inflate(&stream_, Z_SYNC_FLUSH);
      size += room - stream_.avail_out;
      if (size > most || (answer != Z_OK && answer != Z_BUF_ERROR)) return std::nullopt;
      if (stream_.avail_out == 0)
        text_.resize(text_.size() * 2);
      else if (answer == Z_BUF_ERROR)
        break;
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    if (stream_.avail_in > 0) return std::nullopt;
  }
  return std::string_view{text_.data(), size};
}

} // namespace tickplant::load
