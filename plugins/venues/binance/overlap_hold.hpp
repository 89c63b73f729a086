// Frames that are ahead of what a symbol has so far, while two connections deliver the same streams: the connection
// that began later may be the faster one, and what is missing comes by the other (venue document, E, "out of order").
// Bounded in bytes, number and time. Pure; one thread.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace tickplant::binance {

enum class held_kind : uint8_t { depth, trade };

struct held_frame {
  uint32_t instrument, line;
  held_kind kind;
  uint64_t first, last; // of its ids
  uint64_t recv_ns, due_ns;
  std::vector<char> bytes; // padded for the parser
  std::string_view frame() const { return {bytes.data(), bytes.size() - TP_PADDING}; }
};

class overlap_hold {
public:
  static constexpr uint64_t wait_ns = 1'000'000'000;
  static constexpr size_t most_frames = 2'048, most_bytes = 16u << 20;

  bool empty() const { return frames_.empty(); }
  size_t size() const { return frames_.size(); }

  /// False: there is no room, so what is missing has to count as a gap at once.
  bool add(uint32_t instrument, uint32_t line, held_kind kind, uint64_t first, uint64_t last, uint64_t recv_ns,
           std::string_view frame) {
    if (frames_.size() >= most_frames || bytes_ + frame.size() > most_bytes) return false;
    held_frame& f = frames_.emplace_back();
    f = {instrument, line, kind, first, last, recv_ns, recv_ns + wait_ns, std::vector<char>(frame.size() + TP_PADDING)};
    std::memcpy(f.bytes.data(), frame.data(), frame.size());
    bytes_ += frame.size();
    return true;
  }
  /// Takes out a frame for which `ready` is true; of those of one symbol the one with the lowest ids.
  template <class Ready>
  std::optional<held_frame> take(Ready&& ready) {
    size_t best = frames_.size();
    for (size_t i = 0; i < frames_.size(); ++i)
      if (ready(frames_[i]) && (best == frames_.size() || frames_[i].first < frames_[best].first)) best = i;
    if (best == frames_.size()) return std::nullopt;
    held_frame out = std::move(frames_[best]);
    frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(best));
    bytes_ -= out.frame().size();
    return out;
  }
  /// When the first one has waited long enough; UINT64_MAX if none waits.
  uint64_t due_ns() const {
    uint64_t due = UINT64_MAX;
    for (const auto& f : frames_) due = f.due_ns < due ? f.due_ns : due;
    return due;
  }
  void forget(uint32_t instrument) {
    std::erase_if(frames_, [&](const held_frame& f) {
      if (f.instrument != instrument) return false;
      bytes_ -= f.frame().size();
      return true;
    });
  }

private:
  std::vector<held_frame> frames_;
  size_t bytes_ = 0;
};

} // namespace tickplant::binance
