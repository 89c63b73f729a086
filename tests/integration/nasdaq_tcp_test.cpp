// Nasdaq by its TCP services: the whole session over SoupBinTCP while connections are cut, and the multicast lines
// healed by GLIMPSE alone. Afterwards every book is compared with the simulator's own.
#include "support/compared_plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

class nasdaq_plant : public compared_plant {
public:
  /// `lines`: the flow style YAML of the venue's lines, in which SOUP, GLIMPSE, A and B stand for addresses.
  nasdaq_plant(std::vector<std::string> faults, std::string lines, const std::string& more_yaml = {}) {
    std::vector<std::string> words{"--only",
                                   "nasdaq",
                                   "--nasdaq-a",
                                   a_.url(),
                                   "--nasdaq-b",
                                   b_.url(),
                                   "--nasdaq-rerequest",
                                   "udp://127.0.0.1:0",
                                   "--nasdaq-soup",
                                   "tcp://127.0.0.1:0",
                                   "--nasdaq-glimpse",
                                   "tcp://127.0.0.1:0",
                                   "--nasdaq-open-after",
                                   "0"};
    words.insert(words.end(), faults.begin(), faults.end());
    start_simulator(std::move(words));
    const auto told = ready_of("nasdaq");
    const auto put = [&](const std::string& name, const std::string& address) {
      if (const auto at = lines.find(name); at != std::string::npos)
        lines.replace(at, name.size(), '"' + address + '"');
    };
    put("SOUP", told.at("soup").get<std::string>());
    put("GLIMPSE", told.at("glimpse").get<std::string>());
    put("A", a_.url());
    put("B", b_.url());
    start_server("  nasdaq:\n    plugin: nasdaq\n    required: true\n    soup_username: USER01\n"
                 "    soup_password: SECRET\n    lines: " +
                 lines + '\n' + more_yaml);
  }

  /// A number of the simulator's account of one TCP service.
  uint64_t service(const std::string& name, const std::string& key) {
    return ask("/summary").at("nasdaq").at("services").at(name).at(key).get<uint64_t>();
  }

  /// Plays until `enough`, ends faults and flow, and waits until the client's books are the true ones.
  template <class Enough>
  void play_and_compare(Enough&& enough) {
    auto seen = watch();
    ASSERT_GE(symbols().size(), 7u);
    ASSERT_TRUE(eventually(
      [&] {
        seen.take_all();
        return enough() && seen.entries.size() == symbols().size();
      },
      60s))
      << ask("/summary").dump() << '\n'
      << story();
    tell("/faults?on=0");
    tell("/freeze");
    std::string wrong;
    EXPECT_TRUE(eventually([&] { return (wrong = differences(seen)).empty(); }, 60s)) << wrong << story();
    EXPECT_TRUE(seen.client->is_open());
    EXPECT_TRUE(seen.errors.empty()) << seen.errors.front();
    // The books are real ones: the flow had begun.
    EXPECT_TRUE(std::ranges::all_of(seen.entries, [](const auto& each) { return !each.second.at("bids").empty(); }));
  }

private:
  udp_port a_, b_;
};

TEST(NasdaqOverTcp, ShowsTheTruthBySoupAlone) {
  nasdaq_plant plant{{"--seed", "21"}, "{soup: SOUP}"};
  plant.play_and_compare([&] { return plant.service("soup", "messages") > 5'000; });
  EXPECT_EQ(plant.service("soup", "logins"), 1u);
}

TEST(NasdaqOverTcp, LosesNothingWhenSoupConnectionsAreCut) {
  nasdaq_plant plant{{"--seed", "22", "--tcp-cut", "0.0005"}, "{soup: SOUP}"};
  plant.play_and_compare([&] { return plant.service("soup", "logins") >= 4; });
  EXPECT_GE(plant.service("soup", "logins"), 4u);
  EXPECT_EQ(plant.service("glimpse", "logins"), 0u);
}

TEST(NasdaqOverTcp, BeginsByAPictureAndGoesOnBySoup) {
  nasdaq_plant plant{{"--seed", "23"}, "{soup: SOUP, glimpse: GLIMPSE}", "    soup_sequence: 0\n"};
  plant.play_and_compare([&] { return plant.service("glimpse", "logins") >= 1; });
}

TEST(NasdaqOverTcp, HealsTheLinesByGlimpseWhereNothingElseCan) {
  nasdaq_plant plant{{"--seed", "24", "--loss", "0.1"}, "{a: A, b: B, glimpse: GLIMPSE}"};
  plant.play_and_compare([&] { return plant.service("glimpse", "logins") >= 4; });
  EXPECT_GE(plant.service("glimpse", "logins"), 4u);
}

TEST(NasdaqOverTcp, HealsByGlimpseThoughItsConnectionsAreCutToo) {
  nasdaq_plant plant{{"--seed", "25", "--loss", "0.05", "--tcp-cut", "0.0003"}, "{a: A, b: B, glimpse: GLIMPSE}"};
  plant.play_and_compare([&] { return plant.service("glimpse", "logins") >= 4; });
}

} // namespace
} // namespace tickplant::testing
