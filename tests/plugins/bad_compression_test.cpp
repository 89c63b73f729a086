// Compression plugins that are wrong in one way each: what is wrong is told, and nothing of it reaches a client.
#include "runtime/plugin/compression_host.hpp"
#include "runtime/plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tickplant::plugin {
namespace {

using testing::HasSubstr;

struct instance {
  explicit instance(const std::string& name, bool is_usable = true)
    : host(plugins.compression(std::string{TP_BAD_PLUGINS} + "/compression_" + name + ".so"), {}, {}) {
    EXPECT_EQ(host.create(), is_usable);
  }
  std::string fault_after(int64_t answer, int64_t wanted) const {
    EXPECT_EQ(answer, wanted);
    EXPECT_EQ(host.faults(), 1u);
    EXPECT_EQ(out, std::vector<uint8_t>{'<'}) << "what was there stays as it was";
    return host.last_fault();
  }
  registry plugins{{}};
  compression_host host;
  std::vector<uint8_t> in = std::vector<uint8_t>(100, 'x'), out{'<'};
};

TEST(BadCompression, TheGoodOneWorks) {
  instance good{"good"};
  EXPECT_EQ(good.host.threshold(), 10u);
  EXPECT_EQ(good.host.group_count(), 2u);
  EXPECT_EQ(good.host.part(1, good.in, good.out), 100);
  EXPECT_EQ(good.host.unpack(1, good.in, 100, good.out), 100);
  agreement agreed;
  EXPECT_TRUE(good.host.negotiate("copy", agreed));
  EXPECT_EQ(agreed.answer, "copy");
  EXPECT_FALSE(agreed.may_send_compressed);
  EXPECT_EQ(good.host.faults(), 0u);
}

TEST(BadCompression, IsRefusedWithoutAFunction) {
  try {
    instance bad{"missing_function"};
    FAIL() << "loaded";
  } catch (const plugin_fault& fault) {
    EXPECT_THAT(fault.what(), HasSubstr("seam is null, wanted a function"));
  }
}

TEST(BadCompression, IsBrokenWithoutAGroup) {
  instance bad{"no_groups", false};
  EXPECT_EQ(bad.host.why_broken(), "traits tells 0 groups, wanted 1 to 16");
}

TEST(BadCompression, IsNotAskedForEver) {
  instance bad{"never_enough"};
  EXPECT_THAT(bad.fault_after(bad.host.part(0, bad.in, bad.out), TP_E_INTERNAL), HasSubstr("larger buffer each time"));
}

TEST(BadCompression, IsNotGivenAnyMemoryItWants) {
  instance bad{"huge"};
  EXPECT_THAT(bad.fault_after(bad.host.part(0, bad.in, bad.out), TP_E_LIMIT), HasSubstr("at most 16777216"));
}

TEST(BadCompression, MayAnswerAnyNegativeNumber) {
  instance bad{"negative"};
  EXPECT_THAT(bad.fault_after(bad.host.part(0, bad.in, bad.out), INT64_MIN), HasSubstr("part: "));
  EXPECT_EQ(bad.host.unpack(0, bad.in, 100, bad.out), INT64_MIN);
  EXPECT_EQ(bad.host.faults(), 2u);
  EXPECT_EQ(bad.host.refused(), 0u) << "no client is to blame";
}

TEST(BadCompression, CannotClaimMoreThanItHadRoomFor) {
  instance bad{"boasts"};
  EXPECT_THAT(bad.fault_after(bad.host.unpack(0, bad.in, 50, bad.out), TP_E_INTERNAL),
              HasSubstr("answered 51 bytes where 50 fit"));
}

TEST(BadCompression, CannotAgreeToNonsense) {
  instance bad{"odd_agreements"};
  agreement agreed;
  EXPECT_FALSE(bad.host.negotiate("empty", agreed));
  EXPECT_EQ(bad.host.faults(), 0u) << "declining is no fault";
  for (const auto& [offer, fault] : {std::pair{"split", "bytes that no header may have"},
                                     {"more", "larger buffer each time"},
                                     {"less", "again"},
                                     {"huge", "at most 1024 are given"},
                                     {"other", "group 2 is agreed, there are 2"}}) {
    EXPECT_FALSE(bad.host.negotiate(offer, agreed)) << offer;
    EXPECT_THAT(bad.host.last_fault(), HasSubstr(fault));
  }
  EXPECT_EQ(bad.host.faults(), 5u);
  EXPECT_EQ(agreed.answer, "");
}

} // namespace
} // namespace tickplant::plugin
