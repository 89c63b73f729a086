// The NASDAQ plugin: the first byte chooses which lines it has; servers of TCP lines have answered the first login.
#include "tests/fuzz/venue_driver.hpp"

namespace {

using tickplant::sdk::testing::pairs;

std::vector<uint8_t> accepted() {
  const std::string packet = std::string("\0\x1F", 2) + "A" + "TST0000001" + std::string(19, ' ') + "1";
  return {packet.begin(), packet.end()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* ops = static_cast<const tp_venue_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
  static const pairs settings[] = {{{"lines.a", "udp://127.0.0.1:1"},
                                    {"lines.b", "udp://127.0.0.1:2"},
                                    {"lines.rerequest", "udp://127.0.0.1:3"},
                                    {"hold_messages", "1024"}},
                                   {{"lines.soup", "tcp://127.0.0.1:4"}, {"hold_messages", "1024"}},
                                   {{"lines.a", "udp://127.0.0.1:1"},
                                    {"lines.soup", "tcp://127.0.0.1:4"},
                                    {"lines.glimpse", "tcp://127.0.0.1:5"},
                                    {"gap_limit", "100"},
                                    {"hold_messages", "1024"}},
                                   {{"lines.glimpse", "tcp://127.0.0.1:5"}, {"hold_messages", "1024"}}};
  static const std::vector<tickplant::tests::stream_start> starts{{"soup", accepted()}, {"glimpse", accepted()}};
  if (size == 0) return 0;
  tickplant::tests::drive(*ops, settings[data[0] % 4], data + 1, size - 1, starts);
  return 0;
}
