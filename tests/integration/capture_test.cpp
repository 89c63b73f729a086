// A venue's packets are recorded by the server, and played again by tickplant-replay and by a server.
#include "support/control.hpp"
#include "support/market_view.hpp"
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

namespace tickplant::testing {
namespace {

using nlohmann::json;

const char* const listener_text = "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n";

std::vector<std::string> files_of(const std::string& folder, const std::string& venue) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().filename().string().starts_with(venue + "-")) names.push_back(entry.path().string());
  std::ranges::sort(names);
  return names;
}

/// Records what two venues bring until a client has seen so many entries of each symbol. The folder with the captures.
std::string record(plant& at, size_t entries) {
  at.start_simulator({"--nasdaq-rate", "5000", "--loss", "0.02", "--duplicate", "0.01", "--seed", "7"});
  const auto folder = at.folder().path().string() + "/captures";
  const auto capture = "    capture: {folder: \"" + folder + "\"}\n";
  at.start_server_from(at.folder().write("recording.yaml", "venues:\n" + at.nasdaq_text(capture) +
                                                             at.binance_text(capture) + listener_text));
  at.wait_ready();
  auto client = connect(at);
  client->send(subscribe(all_symbols(), {{"frequency", 0}}));
  market_view view;
  EXPECT_TRUE(view.follow_entries(*client, all_symbols(), entries)) << at.story();
  EXPECT_EQ(at.server().stop(), 0) << at.story();
  return folder;
}

json replay(const std::string& plugin, const std::vector<std::string>& files, std::vector<std::string> more = {}) {
  std::vector<std::string> words{"--plugin", plugin, "--format", "capture", "--json", "--hash", "--depth", "1"};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), files.begin(), files.end());
  const auto outcome = run_program(TP_REPLAY, words);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  std::istringstream lines{outcome.output}; // the tool's notes stand between
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('{')) return json::parse(line);
  ADD_FAILURE() << "no result: " << outcome.output;
  return json::object();
}

TEST(Capture, GivesTheSameEventsEachTimeItIsReplayed) {
  plant at;
  const auto folder = record(at, 20);
  for (const auto& [venue, plugin] : {std::pair{"NASDAQ", "nasdaq"}, std::pair{"BINANCE", "binance"}}) {
    const auto files = files_of(folder, venue);
    ASSERT_EQ(files.size(), 1u) << venue;
    const auto events = at.folder().path().string() + "/" + plugin;
    const auto first = replay(plugin, files, {"--events", events + "1"}),
               second = replay(plugin, files, {"--events", events + "2"});
    EXPECT_GT(first["events"]["applied"], 100) << venue;
    EXPECT_EQ(first["events"]["hash"], second["events"]["hash"]) << venue;
    EXPECT_EQ(first["symbols"], second["symbols"]) << venue;
    EXPECT_EQ(run_program("/usr/bin/cmp", {events + "1", events + "2"}).code, 0) << venue;
    EXPECT_GT(std::filesystem::file_size(events + "1"), 7'200u);
  }
}

TEST(Capture, ReplaysAsAVenueOfTheServer) {
  plant at;
  const auto folder = record(at, 20);
  for (const auto& [venue, plugin] : {std::pair{"NASDAQ", "nasdaq"}, std::pair{"BINANCE", "binance"}}) {
    const auto files = files_of(folder, venue);
    ASSERT_EQ(files.size(), 1u);
    const auto wanted = replay(plugin, files)["symbols"];
    // Binance's books begin when a client wants them: at full speed the capture would be over by then.
    const std::string speed = venue == std::string{"BINANCE"} ? "1" : "0";
    at.start_server_from(at.folder().write("replay.yaml", std::string{"venues:\n  again:\n    plugin: "} + plugin +
                                                            "\n    required: true\n    replay: {files: [\"" + files[0] +
                                                            "\"], speed: " + speed + "}\n" + listener_text));
    at.wait_ready();
    auto client = connect(at);
    const auto& symbols = venue == std::string{"NASDAQ"} ? nasdaq_symbols : binance_symbols;
    client->send(subscribe(symbols, {{"frequency", 0}, {"depth", 1}, {"dataTypes", {"QUOTES", "ORDER_BOOK"}}}));
    market_view view;
    const auto agrees = [&](const std::string& symbol) {
      const auto& entry = view.entry(symbol);
      if (entry.is_null() || entry.at("exchange") != "AGAIN") return false;
      // A Binance book may stop earlier here, as its client came later than in the tool.
      const auto best = [&](const char* side) {
        return !entry.at(side).empty() &&
               (speed == "1" || std::to_string(entry.at(side)[0].at("price").get<double>()) ==
                                  std::to_string(std::stod(wanted.at(symbol).at(side)[0][0].get<std::string>())));
      };
      return best("bids") && best("asks");
    };
    EXPECT_TRUE(view.follow(*client, [&] { return std::ranges::all_of(symbols, agrees); })) << at.story();
    EXPECT_EQ(at.server().stop(), 0) << at.story();
  }
}

TEST(Capture, RefusesAFileThatIsNoneWithItsPlace) {
  plant at;
  const auto file = at.folder().write("none.tpcap", "this is no capture");
  const auto config = at.folder().write("replay.yaml", "venues:\n  again:\n    plugin: nasdaq\n    replay: {files: \"" +
                                                         file + "\"}\n" + listener_text);
  const auto outcome = run_program(TP_SERVER, {"--config", config, "--check"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.output.find("venues.again.replay.files"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("no capture file"), std::string::npos) << outcome.output;
}

} // namespace
} // namespace tickplant::testing
