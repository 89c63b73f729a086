// The manifest and the table as the host meets them.
#include "recorder.hpp"
#include "sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::hft::testing {
namespace {

TEST(hft_ops, ManifestNamesTheDialect) {
  const tp_plugin* plugin = tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR);
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->kind, TP_KIND_DIALECT);
  EXPECT_EQ(plugin->event_size, sizeof(tp_element));
  EXPECT_EQ(sdk::view(plugin->name), "hft");
  EXPECT_EQ(tp_plugin_entry(TP_ABI_MAJOR + 1, 0), nullptr);
}

TEST(hft_ops, DefaultsAreThoseOfTheDocument) {
  recorder host;
  EXPECT_EQ(host.ops->frame_flags, uint32_t{TP_FRAME_TEXT});
  EXPECT_EQ(host.ops->max_elements, 0u);
  EXPECT_EQ(host.ops->default_frequency_ms, 100u);
  EXPECT_EQ(host.ops->default_data_types, uint32_t{TP_DATA_QUOTES | TP_DATA_ORDER_BOOK});
  EXPECT_EQ(host.ops->default_depth, 5u);
  EXPECT_EQ(sdk::view(host.ops->separator), ",");
  EXPECT_EQ(sdk::view(host.ops->tail), "]}");
}

TEST(hft_ops, ComplainsAboutSettings) {
  recorder host;
  const tp_pair pair{sdk::to_tp("colour"), sdk::to_tp("red")};
  const tp_config config{sizeof config, 1, &pair};
  EXPECT_EQ(host.ops->validate(&config, host.table(), host.ctx()), TP_OK);
  EXPECT_THAT(host.complaints, ::testing::ElementsAre("colour: the dialect hft has no settings: remove this key"));
}

TEST(hft_ops, AsksForALargerBufferWithoutWritingBeyondTheOneOffered) {
  recorder host;
  const sample_quote sample;
  const tp_variant variant{sizeof variant, TP_DATA_QUOTES | TP_DATA_ORDER_BOOK, 5, 0, 0, 0};
  const tp_envelope envelope{sizeof envelope, 1, 1, 1, 0, 0};
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = TP_REPLY_WELCOME;
  const auto check = [&](auto&& print) {
    const int64_t needed = print(nullptr, size_t{0});
    ASSERT_GT(needed, 0);
    for (size_t capacity = 0; capacity <= static_cast<size_t>(needed); ++capacity) {
      std::vector<uint8_t> out(capacity + 1, 0xA5);
      ASSERT_EQ(print(out.data(), capacity), needed);
      ASSERT_EQ(out.back(), 0xA5);
    }
  };
  check([&](uint8_t* out, size_t n) { return host.ops->element(host.self, &sample.element, &variant, out, n); });
  check([&](uint8_t* out, size_t n) { return host.ops->envelope(host.self, &envelope, &variant, out, n); });
  check([&](uint8_t* out, size_t n) { return host.ops->reply(host.self, &reply, out, n); });
}

} // namespace
} // namespace tickplant::hft::testing
