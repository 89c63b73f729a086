#include "tickplant_sim/nasdaq/day_file.hpp"

#include "tickplant_sim/nasdaq/mold_packet.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace tickplant::sim::nasdaq {
namespace {

constexpr std::size_t buffer_bytes = 1 << 20;
// What one call may hand over: about fifty full packets.
constexpr std::size_t most_bytes_a_call = 64 * 1024;

} // namespace

day_file::day_file(std::string path, bool lengths_from_type)
  : path_{std::move(path)}, file_{path_, std::ios::binary}, lengths_from_type_{lengths_from_type},
    buffer_(buffer_bytes) {
  if (!file_) throw std::runtime_error("cannot open day file '" + path_ + "'");
}

void day_file::fail(const std::string& what) const {
  throw std::runtime_error("day file '" + path_ + "' at byte " + std::to_string(offset_) + ": " + what);
}

bool day_file::fill(std::size_t bytes) {
  if (filled_ - used_ >= bytes) return true;
  std::memmove(buffer_.data(), buffer_.data() + used_, filled_ - used_);
  filled_ -= used_;
  used_ = 0;
  file_.read(reinterpret_cast<char*>(buffer_.data() + filled_), static_cast<std::streamsize>(buffer_.size() - filled_));
  filled_ += static_cast<std::size_t>(file_.gcount());
  return filled_ >= bytes;
}

std::span<const std::uint8_t> day_file::next() {
  if (!fill(2)) {
    if (filled_ != used_) fail("ends inside a length field");
    return {};
  }
  auto length = static_cast<std::size_t>(buffer_[used_] << 8 | buffer_[used_ + 1]);
  if (lengths_from_type_) {
    if (!fill(3)) fail("ends inside a message");
    length = message_length(static_cast<char>(buffer_[used_ + 2]));
    if (length == 0) fail("unknown message type, so its length is unknown");
    buffer_[used_] = 0;
    buffer_[used_ + 1] = static_cast<std::uint8_t>(length);
  }
  if (length == 0) return {}; // BinaryFILE: a zero length ends the session
  if (length > longest_message) fail("message of " + std::to_string(length) + " bytes does not fit a datagram");
  if (!fill(2 + length)) fail("ends inside a message of " + std::to_string(length) + " bytes");
  const auto block = std::span<const std::uint8_t>{buffer_}.subspan(used_, 2 + length);
  used_ += block.size();
  offset_ += block.size();
  return block;
}

day_playback::day_playback(const day_playback_options& options)
  : options_{options}, file_{options.path, options.lengths_from_type} {
  read_next();
  if (at_end_)
    throw std::runtime_error("day file '" + options_.path +
                             "' has no message before its end; if its length bytes are "
                             "all zero, add --nasdaq-file-zero-lengths");
  first_ns_ = waiting_ns_;
}

void day_playback::read_next() {
  waiting_ = file_.next();
  at_end_ = waiting_.empty();
  // Time stamps stand at the same place in all messages; one too short to have one goes with its predecessor.
  if (waiting_.size() < 2 + 11) return;
  std::uint64_t stamp = 0;
  for (std::size_t i = 0; i < 6; ++i) stamp = stamp << 8 | waiting_[2 + 5 + i];
  waiting_ns_ = stamp;
}

bool day_playback::is_due(const source_clock& now) const noexcept {
  const auto elapsed = static_cast<double>(now.elapsed_ns);
  if (options_.rate > 0) return static_cast<double>(played_) < options_.rate * (elapsed / 1e9);
  if (options_.speed <= 0 || waiting_ns_ <= first_ns_) return true;
  return static_cast<double>(waiting_ns_ - first_ns_) <= elapsed * options_.speed;
}

void day_playback::advance(const source_clock& now, block_buffer& out) {
  while (!at_end_ && out.size() < most_bytes_a_call && is_due(now)) {
    out.insert(out.end(), waiting_.begin(), waiting_.end());
    ++played_;
    read_next();
  }
}

} // namespace tickplant::sim::nasdaq
