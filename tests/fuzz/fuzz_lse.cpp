#include "tests/fuzz/venue_driver.hpp"

// The first byte of the input chooses the protocol.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tickplant::sdk::testing::pairs;
  static const auto* ops = static_cast<const tp_venue_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
  static const pairs mitch{{"lines.a", "udp://127.0.0.1:1"},
                           {"lines.b", "udp://127.0.0.1:2"},
                           {"lines.replay.0", "tcp://127.0.0.1:3"},
                           {"lines.replay.1", "tcp://127.0.0.1:4"},
                           {"lines.recovery", "tcp://127.0.0.1:5"},
                           {"hold_messages", "1024"},
                           {"gap_limit", "500"},
                           {"segments.0", "SET1"}};
  static const pairs gtp{{"lines.a", "udp://127.0.0.1:1"},
                         {"lines.b", "udp://127.0.0.1:2"},
                         {"lines.replay", "tcp://127.0.0.1:3"},
                         {"lines.recovery", "tcp://127.0.0.1:5"},
                         {"hold_messages", "1024"},
                         {"gap_limit", "500"},
                         {"protocol", "gtp"}};
  if (size == 0) return 0;
  tickplant::tests::drive(*ops, data[0] & 1 ? gtp : mitch, data + 1, size - 1);
  return 0;
}
