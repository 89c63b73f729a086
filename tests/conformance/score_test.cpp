// The example venue passes; the same plugin, wrong in one way, fails there and says why.
#include "runtime/tools/conformance/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tickplant::conformance {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

struct card {
  int code = -1;
  std::string out, err;
  json told; // `out` as JSON, if it is some
};

card run_with(std::vector<std::string> words) {
  words.insert(words.begin(), {"tickplant-replay", "--conformance"});
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  std::ostringstream out, err;
  card made;
  made.code = run(static_cast<int>(pointers.size()), pointers.data(), out, err);
  made.out = out.str();
  made.err = err.str();
  made.told = json::parse(made.out, nullptr, false);
  return made;
}

std::string plugin_with(const std::string& fault) {
  return std::string{TP_BROKEN} + "/" + fault + "/harbour.so";
}

std::filesystem::path own_folder(const std::string& name) {
  return std::filesystem::path{::testing::TempDir()} / (name + '.' + std::to_string(::getpid()));
}

const std::string& tapes() {
  static const std::string folder = [] {
    auto path = own_folder("harbour_tapes").string();
    const auto command = std::string{TP_HARBOUR_TAPES} + " " + path + " >/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return path;
  }();
  return folder;
}

/// `only`: of the cases, empty: all.
card score_of(const std::string& fault, const std::string& only = {}) {
  std::vector<std::string> words{plugin_with(fault), "--tapes", tapes(), "--json", "--seconds", "2"};
  if (!only.empty()) words.insert(words.end(), {"--only", only});
  return run_with(std::move(words));
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
  const auto card = score_of("none", "lost_and_healed");
  EXPECT_EQ(card.code, 0);
  size_t cut = 0;
  for (const auto& row : card.told.at("rows"))
    cut += row.at("tape") == "lost_and_healed" && row.at("case").get<std::string>().find("cut in mid-message") == 16;
  EXPECT_GT(cut, 0u) << card.told;
}

/// A plugin that is wrong in one way, and the case that shows it.
struct flaw {
  const char *test, *fault, *only, *line, *why;
  friend void PrintTo(const flaw& one, std::ostream* out) { *out << one.fault; }
};

class ScoreCardOfOneFlaw : public ::testing::TestWithParam<flaw> {};

TEST_P(ScoreCardOfOneFlaw, SaysWhatIsWrong) {
  const auto& one = GetParam();
  expect_failed(score_of(one.fault, one.only), one.line, one.why);
}

constexpr flaw flaws[] = {
  {"SurvivesACrash", "crash", "garbage", "with garbage", "crashed by signal 11"},
  {"EndsAPluginThatNeverComesBack", "hang", "line a with garbage", "with garbage", "did not come to an end within 2 s"},
  {"FindsEventsOfUndefinedInstruments", "undefined", "", "good_day: as it is", "not defined"},
  {"FindsSettingsThatNobodyChecks", "takes_any_setting", "setting", "unknown setting", "does not complain"},
  {"FindsAPluginThatReadsTheClock", "whims", "", "event for event", "other events"},
  {"FindsMemoryThatGrows", "leak", "flood", "flood", "the heap grew"},
  {"FindsAStormOfConnections", "storm", "lost_and", "lost_and_refused", "connections within"},
  {"FindsAPluginThatHammersItsVenueWhenSnapshotsAreRefused", "hammers", "snapshots refused",
   "snapshots refused by the books: no storm", "times books were asked for"},
  {"FindsAPluginThatGivesUp", "breaks", "garbage", "with garbage", "the instance broke"},
  {"FindsAPluginThatMisreadsEveryPriceAlikeByTheTapesOwnTruth", "scale", "as it is", "good_day: as it is",
   "where the tape says ["},
  {"FindsChangesOfBooksThatAreNeverShown", "no_end", "as it is", "good_day: as it is", "no TP_END behind it"},
  {"FindsTradesThatAreCountedTwice", "twice", "as it is", "good_day: as it is",
   "trades of PILOT is 66 where the tape says 33"},
  {"FindsTradesThatAreNotThere", "no_trades", "as it is", "good_day: as it is", "trades of PILOT is 0"},
  {"FindsADirectoryThatWasNeverTold", "no_directory", "as it is", "good_day: as it is", "TP_STREAM_DIRECTORY"},
  {"FindsAPluginThatDoesNotSayWhatTheTapeWants", "deaf", "as it is", "lost_and_healed: as it is", "is stale"},
  {"RefusesTheAddressesThatTheServerRefuses", "no_scheme", "as it is", "good_day: as it is",
   "line 0 (a) cannot be opened: its address '127.0.0.1:9001' does not begin with udp://"},
};
INSTANTIATE_TEST_SUITE_P(Flaws, ScoreCardOfOneFlaw, ::testing::ValuesIn(flaws),
                         [](const auto& of) { return std::string{of.param.test}; });

TEST(ScoreCard, TellsOfALineThatThePluginNeverOpened) {
  const auto folder = own_folder("misspelt");
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "day.tape"} << "tape 1\nset lines.a udp://127.0.0.1:9001\nset lines.b udp://127.0.0.1:9002\n"
                                        "set lines.snapshot tcp://127.0.0.1:9003\nunit aa 00\n";
  const auto card = run_with({plugin_with("none"), "--tapes", folder});
  EXPECT_EQ(card.code, 4);
  EXPECT_THAT(card.out, HasSubstr("names a line 'aa', which the plugin never opened; it opened a, b"));
}

TEST(ScoreCard, HelpsWhoAsksForIt) {
  const auto card = run_with({"--help"});
  EXPECT_EQ(card.code, 0);
  EXPECT_THAT(card.out, HasSubstr("--tapes"));
}

TEST(ScoreCard, RefusesAFolderWithoutTapes) {
  const auto folder = own_folder("no_tapes");
  std::filesystem::create_directories(folder);
  const auto look = [&] { return run_with({plugin_with("none"), "--tapes", folder}); };
  auto card = look();
  EXPECT_EQ(card.code, 1);
  EXPECT_THAT(card.err, HasSubstr("no file *.tape"));
  std::ofstream{folder / "bad.tape"} << "tape 1\nnonsense\n";
  card = look();
  EXPECT_EQ(card.code, 1);
  EXPECT_THAT(card.err, HasSubstr("bad.tape: line 2:"));
}

} // namespace
} // namespace tickplant::conformance
