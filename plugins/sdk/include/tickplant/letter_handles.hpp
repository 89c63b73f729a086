// Handles of one-letter texts (condition codes, states) that events carry: the host is asked once per letter. One
// instance, one thread; no errors: the host answers 0, which means no text, when its table is full.
#pragma once

#include <tickplant/venue.hpp>

#include <array>
#include <cstdint>

namespace tickplant::sdk {

class letter_handles {
public:
  explicit letter_handles(venue_host host) : host_(host) {}

  uint32_t of(uint8_t letter) {
    uint32_t& handle = handles_[letter];
    if (handle == 0) handle = host_.text({reinterpret_cast<const char*>(&letter), 1});
    return handle;
  }

private:
  venue_host host_;
  std::array<uint32_t, 256> handles_{};
};

} // namespace tickplant::sdk
