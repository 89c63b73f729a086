#include "snapshot.hpp"

namespace harbour {

void snapshot::forget_all() {
  wanted_.clear();
  open_ = false;
}

std::array<uint8_t, 6> snapshot::request() const {
  const uint16_t id = wanted_.size() == 1 ? *wanted_.begin() : every_instrument;
  return {'S', 'N', 'A', 'P', static_cast<uint8_t>(id), static_cast<uint8_t>(id >> 8)};
}

int64_t snapshot::take(std::span<const uint8_t> bytes) {
  size_t at = 0;
  while (bytes.size() - at >= 3) {
    const size_t size = sdk::le16(&bytes[at]);
    if (size < 3) return -1;
    if (size > bytes.size() - at) break;
    if (!frame(bytes[at + 2], bytes.subspan(at + 3, size - 3))) return -1;
    at += size;
  }
  return static_cast<int64_t>(at);
}

bool snapshot::frame(uint8_t type, std::span<const uint8_t> body) {
  switch (type) {
    case 'B':
      if (body.size() < 10) return false;
      id_ = sdk::le16(body.data());
      number_ = sdk::le64(body.data() + 2);
      open_ = true;
      begin(id_, number_);
      return true;
    case 'L':
      if (body.size() < level_bytes - 2 || !open_ || sdk::le16(body.data()) != id_) return false;
      level(body);
      return true;
    case 'E':
      if (body.size() < 2 || !open_ || sdk::le16(body.data()) != id_) return false;
      open_ = false;
      wanted_.erase(id_);
      end(id_, number_);
      return true;
    case 'Z': wanted_.clear(); return true; // an instrument that is not in it does not exist
    default: return true;
  }
}

} // namespace harbour
