#include "tests/fuzz/venue_driver.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* ops = static_cast<const tp_venue_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
  // Channel 0, as the driver resynchronises that one.
  static const tickplant::sdk::testing::pairs settings{{"lines.a", "udp://127.0.0.1:1"},
                                                       {"lines.b", "udp://127.0.0.1:2"},
                                                       {"lines.request", "tcp://127.0.0.1:3"},
                                                       {"lines.retransmission", "udp://127.0.0.1:4"},
                                                       {"lines.refresh", "udp://127.0.0.1:5"},
                                                       {"lines.summary", "udp://127.0.0.1:6"},
                                                       {"hold_messages", "1024"},
                                                       {"channel", "0"}};
  tickplant::tests::drive(*ops, settings, data, size);
  return 0;
}
