#include <tickplant/letter_handles.hpp>

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tickplant::sdk {
namespace {

TEST(SdkLetterHandles, AsksTheHostOnceForALetterAndAgainWhereItHadNoRoom) {
  struct texts {
    std::vector<std::string> asked;
    bool is_full = false;
  } seen;
  tp_venue_host table{};
  table.text = [](tp_ctx* ctx, tp_str text) -> uint32_t {
    auto& of = *reinterpret_cast<texts*>(ctx);
    of.asked.emplace_back(view(text));
    return of.is_full ? 0 : static_cast<uint32_t>(of.asked.size()) + 100;
  };
  letter_handles letters{venue_host{&table, reinterpret_cast<tp_ctx*>(&seen)}};
  EXPECT_EQ(letters.of('H'), 101u);
  EXPECT_EQ(letters.of(0xFF), 102u);
  EXPECT_EQ(letters.of('H'), 101u);
  EXPECT_THAT(seen.asked, ::testing::ElementsAre("H", "\xFF"));
  seen.is_full = true;
  EXPECT_EQ(letters.of('T'), 0u);
  seen.is_full = false;
  EXPECT_EQ(letters.of('T'), 104u);
}

} // namespace
} // namespace tickplant::sdk
