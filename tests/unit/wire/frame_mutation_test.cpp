// Valid conversations, broken at random: nothing may crash, and how the bytes are split may never change what is read.
#include "tests/unit/wire/client_frames.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tickplant::wire {
namespace {

using namespace testing;

class conversation {
public:
  explicit conversation(uint32_t seed) : random_(seed) {}

  std::string make() {
    std::string out;
    const size_t frames = below(6) + 1;
    for (size_t i = 0; i != frames; ++i) {
      const bool is_text = below(2) == 0;
      const unsigned kind = is_text ? 1 : 2;
      switch (below(6)) {
        case 0: out += frame(0x89, payload(is_text)); break;
        case 1:
          out += frame(kind, payload(is_text)) + frame(0x8A, "x") + frame(0x00, payload(is_text)) +
                 frame(0x80, payload(is_text));
          break;
        case 2: out += frame(0x80 | kind, std::string(below(300), 'l')); break;
        default: out += frame(0x80 | kind, payload(is_text)); break;
      }
    }
    if (below(4) == 0) out += frame(0x88, "\x03\xE8 done");
    return out;
  }

  void mutate(std::string& bytes) {
    const size_t changes = below(4);
    for (size_t i = 0; i != changes && !bytes.empty(); ++i) {
      const size_t at = below(bytes.size());
      switch (below(4)) {
        case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
        case 1: bytes[at] = static_cast<char>(below(256)); break;
        case 2: bytes.erase(at, below(5)); break;
        default: bytes.insert(at, std::string(below(4), static_cast<char>(below(256)))); break;
      }
    }
  }

  size_t below(size_t limit) { return std::uniform_int_distribution<size_t>{0, limit - 1}(random_); }

private:
  std::string payload(bool is_text) {
    if (!is_text) return std::string(below(40), '\xFE');
    std::string out;
    for (size_t i = below(8); i != 0; --i) out += below(3) == 0 ? "\xE2\x82\xAC" : "price";
    return out;
  }

  std::mt19937 random_;
};

TEST(FrameReader, MutatedConversationsReadTheSameHoweverTheyAreSplit) {
  conversation source{20'251'121};
  size_t faults = 0, messages = 0;
  for (int round = 0; round != 100'000; ++round) {
    auto bytes = source.make();
    source.mutate(bytes);
    const auto whole = events_of(bytes, 0, 200);
    const auto pieces = events_of(bytes, source.below(9) + 1, 200);
    ASSERT_EQ(whole, pieces) << "round " << round;
    for (const auto& event : whole) (event.starts_with("fault") ? faults : messages)++;
  }
  // The mix must exercise both: a reader that refuses or accepts everything would pass the comparison.
  EXPECT_GT(faults, 20'000u);
  EXPECT_GT(messages, 100'000u);
}

} // namespace
} // namespace tickplant::wire
