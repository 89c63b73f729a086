// The example venue passes; the same plugin, wrong in one way, fails there and says why.
#include "runtime/tools/conformance/command.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tickplant::conformance {
namespace {

using nlohmann::json;

struct card {
  int code = -1;
  json told;
  std::string err;
};

const std::string& tapes() {
  static const std::string folder = [] {
    auto path =
      (std::filesystem::path{::testing::TempDir()} / ("harbour_tapes." + std::to_string(::getpid()))).string();
    const auto command = std::string{TP_HARBOUR_TAPES} + " " + path + " >/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return path;
  }();
  return folder;
}

card score_of(const std::string& fault, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"tickplant-replay",
                                 "--conformance",
                                 std::string{TP_BROKEN} + "/" + fault + "/harbour.so",
                                 "--tapes",
                                 tapes(),
                                 "--json",
                                 "--seconds",
                                 "2"};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  std::ostringstream out, err;
  card made;
  made.code = run(static_cast<int>(pointers.size()), pointers.data(), out, err);
  made.told = json::parse(out.str(), nullptr, false);
  made.err = err.str();
  return made;
}

/// Failed cases whose line and reason hold these words; every other failed one is listed.
void expect_failed(const card& from, const std::string& name, const std::string& why) {
  EXPECT_EQ(from.code, 4) << from.err;
  bool is_found = false;
  std::string failed;
  for (const auto& row : from.told.at("rows")) {
    if (row.at("passed")) continue;
    const auto line = row.at("tape").get<std::string>() + ": " + row.at("case").get<std::string>();
    const auto reason = row.at("why").get<std::string>();
    failed += line + ": " + reason + '\n';
    is_found |= line.find(name) != std::string::npos && reason.find(why) != std::string::npos;
  }
  EXPECT_TRUE(is_found) << "no case '" << name << "' failed because of '" << why << "', but these did:\n" << failed;
}

TEST(ScoreCard, TheExampleVenuePassesEveryCase) {
  const auto card = score_of("none");
  EXPECT_EQ(card.code, 0);
  for (const auto& row : card.told.at("rows")) EXPECT_TRUE(row.at("passed")) << row;
  EXPECT_GT(card.told.at("cases"), 35);
}

TEST(ScoreCard, FindsABookThatIsSilentlyWrong) {
  const auto card = score_of("silent_gaps");
  expect_failed(card, "both lines lose", "silently wrong");
  expect_failed(card, "lost_and_refused", "no book is stale");
}

TEST(ScoreCard, SpoilsRecoveryServicesWhereTheyAreNeeded) {
  const auto card = score_of("none", {"--only", "lost_and_healed"});
  EXPECT_EQ(card.code, 0);
  size_t cut = 0;
  for (const auto& row : card.told.at("rows"))
    cut += row.at("tape") == "lost_and_healed" && row.at("case").get<std::string>().find("cut in mid-message") == 16;
  EXPECT_GT(cut, 0u) << card.told;
}

TEST(ScoreCard, SurvivesACrash) {
  expect_failed(score_of("crash", {"--only", "garbage"}), "with garbage", "crashed by signal 11");
}

TEST(ScoreCard, EndsAPluginThatNeverComesBack) {
  expect_failed(score_of("hang", {"--only", "line a with garbage"}), "with garbage",
                "did not come to an end within 2 s");
}

TEST(ScoreCard, FindsEventsOfUndefinedInstruments) {
  expect_failed(score_of("undefined"), "good_day: as it is", "not defined");
}

TEST(ScoreCard, FindsSettingsThatNobodyChecks) {
  expect_failed(score_of("takes_any_setting", {"--only", "setting"}), "unknown setting", "does not complain");
}

TEST(ScoreCard, FindsAPluginThatReadsTheClock) {
  expect_failed(score_of("whims"), "event for event", "other events");
}

TEST(ScoreCard, FindsMemoryThatGrows) {
  expect_failed(score_of("leak", {"--only", "flood"}), "flood", "the heap grew");
}

TEST(ScoreCard, FindsAStormOfConnections) {
  expect_failed(score_of("storm", {"--only", "lost_and"}), "lost_and_refused", "connections within");
}

TEST(ScoreCard, FindsAPluginThatHammersItsVenueWhenSnapshotsAreRefused) {
  expect_failed(score_of("hammers", {"--only", "snapshots refused"}), "snapshots refused by the books: no storm",
                "times books were asked for");
}

TEST(ScoreCard, FindsAPluginThatGivesUp) {
  expect_failed(score_of("breaks", {"--only", "garbage"}), "with garbage", "the instance broke");
}

TEST(ScoreCard, FindsAPluginThatMisreadsEveryPriceAlikeByTheTapesOwnTruth) {
  expect_failed(score_of("scale", {"--only", "as it is"}), "good_day: as it is", "where the tape says [");
}

TEST(ScoreCard, FindsChangesOfBooksThatAreNeverShown) {
  expect_failed(score_of("no_end", {"--only", "as it is"}), "good_day: as it is", "no TP_END behind it");
}

TEST(ScoreCard, FindsTradesThatAreCountedTwice) {
  expect_failed(score_of("twice", {"--only", "as it is"}), "good_day: as it is",
                "trades of PILOT is 66 where the tape says 33");
}

TEST(ScoreCard, FindsTradesThatAreNotThere) {
  expect_failed(score_of("no_trades", {"--only", "as it is"}), "good_day: as it is", "trades of PILOT is 0");
}

TEST(ScoreCard, FindsADirectoryThatWasNeverTold) {
  expect_failed(score_of("no_directory", {"--only", "as it is"}), "good_day: as it is", "TP_STREAM_DIRECTORY");
}

TEST(ScoreCard, FindsAPluginThatDoesNotSayWhatTheTapeWants) {
  expect_failed(score_of("deaf", {"--only", "as it is"}), "lost_and_healed: as it is", "is stale");
}

TEST(ScoreCard, RefusesTheAddressesThatTheServerRefuses) {
  expect_failed(score_of("no_scheme", {"--only", "as it is"}), "good_day: as it is",
                "line 0 (a) cannot be opened: its address '127.0.0.1:9001' does not begin with udp://");
}

TEST(ScoreCard, TellsOfALineThatThePluginNeverOpened) {
  const auto folder = std::filesystem::path{::testing::TempDir()} / ("misspelt." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "day.tape"} << "tape 1\nset lines.a udp://127.0.0.1:9001\nset lines.b udp://127.0.0.1:9002\n"
                                        "set lines.snapshot tcp://127.0.0.1:9003\nunit aa 00\n";
  const auto plugin = std::string{TP_BROKEN} + "/none/harbour.so";
  const char* words[] = {"tickplant-replay", "--conformance", plugin.c_str(), "--tapes", folder.c_str()};
  std::ostringstream out, err;
  EXPECT_EQ(run(5, words, out, err), 4);
  EXPECT_NE(out.str().find("names a line 'aa', which the plugin never opened; it opened a, b"), std::string::npos)
    << out.str();
}

TEST(ScoreCard, HelpsWhoAsksForIt) {
  const char* words[] = {"tickplant-replay", "--conformance", "--help"};
  std::ostringstream out, err;
  EXPECT_EQ(run(3, words, out, err), 0);
  EXPECT_NE(out.str().find("--tapes"), std::string::npos);
}

TEST(ScoreCard, RefusesAFolderWithoutTapes) {
  const auto folder = std::filesystem::path{::testing::TempDir()} / ("no_tapes." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto plugin = std::string{TP_BROKEN} + "/none/harbour.so";
  const char* words[] = {"tickplant-replay", "--conformance", plugin.c_str(), "--tapes", folder.c_str()};
  std::ostringstream out, err;
  EXPECT_EQ(run(5, words, out, err), 1);
  EXPECT_NE(err.str().find("no file *.tape"), std::string::npos);
  std::ofstream{folder / "bad.tape"} << "tape 1\nnonsense\n";
  EXPECT_EQ(run(5, words, out, err), 1);
  EXPECT_NE(err.str().find("bad.tape: line 2:"), std::string::npos) << err.str();
}

} // namespace
} // namespace tickplant::conformance
