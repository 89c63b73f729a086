#include "runtime/tools/replay/itch_file.hpp"

#include "runtime/tools/replay/session_day.hpp"

#include <tickplant/bytes.hpp>

#include <algorithm>
#include <filesystem>

namespace tickplant::replay {

namespace {

constexpr size_t chunk_size = 64u << 10, prefix_size = 2, head_size = 11;
constexpr size_t longest_message = 65'535;

/// Bytes 5 to 10 of every message: nanoseconds since midnight. Reads from byte 3 on.
uint64_t since_midnight(const uint8_t* message) {
  return sdk::be64(message + head_size - sizeof(uint64_t)) & 0xFFFF'FFFF'FFFF;
}

} // namespace

itch_file::itch_file(const std::vector<std::string>& paths, bool whole, const std::string& date)
  : files_(paths, whole), midnight_ns_(midnight_of(date, paths.front())), last_ns_(midnight_ns_) {
  for (size_t i = 0; i < paths.size(); ++i) {
    input_window window{paths[i], false};
    window.fill(prefix_size + 1);
    const auto first = window.bytes();
    const bool zero = first.size() > prefix_size && first[0] == 0 && first[1] == 0;
    if (i > 0 && zero != zero_lengths_)
      throw input_fault{paths[i], 0,
                        zero ? "has length prefixes of zero, unlike the file before it"
                             : "has length prefixes, unlike the file before it"};
    zero_lengths_ = zero;
  }
  advance();
}

bool itch_file::advance() {
  window_ = files_.advance();
  if (!window_) return false;
  if (zero_lengths_) { // the clock stands: a chunk does not begin with a message
    window_->fill(prefix_size + head_size);
    const auto bytes = window_->bytes();
    if (bytes.size() >= prefix_size + head_size)
      last_ns_ = std::max(last_ns_, midnight_ns_ + since_midnight(bytes.data() + prefix_size));
  }
  return true;
}

/// All records are parts of a file: what else a record has stays empty.
inline void itch_file::fill(record& into, const uint8_t* data, size_t size) const {
  into.data = data;
  into.size = static_cast<uint32_t>(size);
  into.ns = last_ns_;
}

/// Messages that lie whole in the window, as far as none needs a second look; how many.
size_t itch_file::cut_whole(std::span<record> into) {
  const auto bytes = window_->bytes();
  const uint8_t* at = bytes.data();
  const uint8_t* const end = at + bytes.size();
  size_t count = 0;
  for (; count < into.size() && end - at >= static_cast<ptrdiff_t>(prefix_size); ++count) {
    const size_t size = sdk::be16(at);
    if (size < head_size || prefix_size + size > static_cast<size_t>(end - at)) break;
    last_ns_ = std::max(last_ns_, midnight_ns_ + since_midnight(at + prefix_size));
    fill(into[count], at + prefix_size, size);
    at += prefix_size + size;
  }
  window_->skip(static_cast<size_t>(at - bytes.data()));
  return count;
}

bool itch_file::cut(record& into, bool may_fill) {
  const size_t wanted = zero_lengths_ ? chunk_size : prefix_size + longest_message;
  if (may_fill && window_->bytes().size() < wanted) window_->fill(wanted);
  const auto bytes = window_->bytes();
  if (zero_lengths_) {
    const size_t size = std::min(bytes.size(), chunk_size);
    if (size == 0 || (!may_fill && size < chunk_size)) return false;
    fill(into, bytes.data(), size);
    window_->skip(size);
    return true;
  }
  if (bytes.size() < prefix_size) {
    if (may_fill && !bytes.empty())
      throw input_fault{window_->path(), window_->offset(), "the file ends inside a length prefix"};
    return false;
  }
  const size_t size = static_cast<size_t>(bytes[0]) << 8 | bytes[1];
  if (size == 0) { // the end of the session: nothing may follow
    if (!may_fill) return false;
    if (bytes.size() > prefix_size)
      throw input_fault{window_->path(), window_->offset(),
                        "a length of zero, which marks the end, is followed by more data"};
    window_->skip(prefix_size);
    return false;
  }
  if (bytes.size() < prefix_size + size) {
    if (!may_fill) return false;
    throw input_fault{window_->path(), window_->offset(),
                      "the file ends inside a message: " + std::to_string(bytes.size() - prefix_size) + " of " +
                        std::to_string(size) + " bytes"};
  }
  const uint8_t* message = bytes.data() + prefix_size;
  if (size >= head_size) last_ns_ = std::max(last_ns_, midnight_ns_ + since_midnight(message));
  fill(into, message, size);
  window_->skip(prefix_size + size);
  return true;
}

std::span<const record> itch_file::next(size_t most) {
  if (batch_.size() < most) batch_.resize(most);
  size_t count = 0;
  files_.drop_done();
  while (count < most && window_) {
    // Only before the first record of a batch may the window move, as the others' bytes lie in it.
    if (cut(batch_[count], count == 0)) {
      ++count;
      if (!zero_lengths_) count += cut_whole(std::span{batch_}.subspan(count, most - count));
    } else if (count > 0 || !advance()) {
      break;
    }
  }
  return std::span{batch_}.first(count);
}

} // namespace tickplant::replay
