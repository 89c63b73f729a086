#include "runtime/config/loader.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using testing::HasSubstr;

namespace {

const std::string good = R"(node: {name: test}
plugins: {path: [plugins, /opt/tickplant]}
venues:
  nasdaq:
    plugin: nasdaq
    required: true
    lines: {a: "udp://127.0.0.1:1", b: "udp://127.0.0.1:2"}
    symbols: ["*"]
  binance: {plugin: ./binance.so, symbols: BTCUSDT}
listeners:
  - {name: public, bind: "127.0.0.1:8081", routes: {/ws: hft, /: hft}, page: page}
limits: {max_symbols: 10, stall: 2s}
)";

std::vector<fault> faults_of(const std::string& text) {
  try {
    parse_server(text, "/etc/tp/server.yaml");
  } catch (const config_fault& broken) {
    return broken.faults;
  }
  return {};
}

std::string text_of(const std::string& text) {
  return to_text(faults_of(text));
}

TEST(ConfigLoader, ReadsAWholeFile) {
  const auto options = parse_server(good, "/etc/tp/server.yaml");
  EXPECT_EQ(options.node_name, "test");
  EXPECT_THAT(options.plugin_folders, testing::ElementsAre("/etc/tp/plugins", "/opt/tickplant"));
  ASSERT_EQ(options.venues.size(), 2u);
  EXPECT_EQ(options.venues[0].name, "nasdaq");
  EXPECT_TRUE(options.venues[0].required);
  EXPECT_THAT(pairs_of(options.venues[0].settings),
              testing::ElementsAre(std::pair{"lines.a", "udp://127.0.0.1:1"}, std::pair{"lines.b", "udp://127.0.0.1:2"},
                                   std::pair{"symbols.0", "*"}));
  EXPECT_EQ(options.venues[0].settings[0].at.line, 7);
  EXPECT_THAT(options.venues[1].symbols, testing::ElementsAre("BTCUSDT"));
  ASSERT_EQ(options.listeners.size(), 1u);
  EXPECT_EQ(options.listeners[0].port, 8081);
  EXPECT_EQ(options.listeners[0].routes.at("/ws"), "hft");
  EXPECT_EQ(options.listeners[0].page, "/etc/tp/page");
  EXPECT_EQ(options.limits.max_symbols, 10u);
  EXPECT_EQ(options.limits.stall, std::chrono::seconds{2});
}

TEST(ConfigLoader, NamesAnUnknownKeyWithItsPlaceAndTheNearestKnownOne) {
  const auto faults = faults_of("listeners:\n  - {bind: \"127.0.0.1:1\", route: {/ws: hft}}\n");
  EXPECT_THAT(to_text(faults),
              HasSubstr("/etc/tp/server.yaml:2:27: listeners.0.route: unknown key, did you mean 'routes'?"));
}

TEST(ConfigLoader, ReportsAllFaultsAtOnce) {
  const auto text =
    text_of("loops: {network: many}\nlog: {level: loud}\nlisteners: [{bind: nowhere, routes: {ws: hft}}]\nnodes: 1\n");
  EXPECT_THAT(text, HasSubstr("loops.network: a whole number from 0 to 64"));
  EXPECT_THAT(text, HasSubstr("log.level"));
  EXPECT_THAT(text, HasSubstr("listeners.0.bind: ADDRESS:PORT"));
  EXPECT_THAT(text, HasSubstr("listeners.0.routes.ws"));
  EXPECT_THAT(text, HasSubstr("nodes: unknown key, did you mean 'node'?"));
}

TEST(ConfigLoader, RefusesWrongTypesAndRanges) {
  EXPECT_THAT(text_of("node: name\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("node: a mapping"));
  EXPECT_THAT(text_of("limits: {stall: 5}\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("limits.stall: a duration with its unit"));
  EXPECT_THAT(text_of("limits: {message_bytes: 1}\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("limits.message_bytes: a number of bytes (65536, 64KiB, 1MiB) from 128"));
  EXPECT_THAT(text_of("venues: {UPPER: {plugin: x}}\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("venues.UPPER: a venue's name"));
  EXPECT_THAT(text_of("venues: {a: {}}\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("venues.a.plugin: the name of a venue plugin"));
  EXPECT_THAT(text_of(""), HasSubstr("listeners: at least one listener"));
}

TEST(ConfigLoader, RefusesBrokenYamlWithItsPlace) {
  const auto faults = faults_of("node: {name: test\nlisteners: []\n");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_GT(faults[0].where.line, 0);
  EXPECT_THAT(faults[0].problem, HasSubstr("not YAML"));
}

TEST(ConfigLoader, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(text_of("node: {name: a, name: b}\nlisteners: [{bind: '127.0.0.1:1', routes: {/ws: hft}}]\n"),
              HasSubstr("twice"));
}

TEST(ConfigLoader, SaysThatAFileIsMissing) {
  try {
    load_server("/nowhere/server.yaml");
    FAIL();
  } catch (const config_fault& fault) {
    EXPECT_THAT(fault.what(), HasSubstr("/nowhere/server.yaml: cannot be read"));
  }
}

TEST(ConfigLoader, RefusesNamesAndAddressesThatAreTakenTwice) {
  const std::string two = "listeners:\n  - {name: a, bind: '127.0.0.1:1', routes: {/: hft}}\n";
  EXPECT_THAT(text_of(two + "  - {name: a, bind: '127.0.0.1:2', routes: {/: hft}}\n"),
              HasSubstr(":3:5: listeners.1.name: 'a' names another listener already, at /etc/tp/server.yaml:2:5"));
  EXPECT_THAT(text_of(two + "  - {name: b, bind: '127.0.0.1:1', routes: {/: hft}}\n"),
              HasSubstr("listeners.1.bind: 127.0.0.1:1 is taken by listener 'a' already"));
  EXPECT_THAT(text_of(two + "admin: {bind: '127.0.0.1:1'}\n"), HasSubstr("admin.bind: 127.0.0.1:1 is taken"));
  EXPECT_EQ(
    text_of("listeners:\n  - {bind: '127.0.0.1:0', routes: {/: hft}}\n  - {bind: '127.0.0.1:0', routes: {/: hft}}\n"),
    "");
  EXPECT_THAT(text_of(two + "venues:\n  x: {plugin: p}\n  x: {plugin: q}\n"), HasSubstr("'venues.x' is given twice"));
}

TEST(ConfigLoader, RefusesWhatCannotBeAPolicy) {
  const std::string head = "listeners:\n  - {bind: '127.0.0.1:1', routes: {/: hft}, ";
  EXPECT_THAT(text_of(head + "auth: 'some one'}\n"), HasSubstr("listeners.0.auth: the name of an auth policy"));
  EXPECT_THAT(text_of(head + "compression: ''}\n"), HasSubstr("listeners.0.compression: the name of"));
  EXPECT_THAT(text_of(head + "auth: a}\ncompression: {none: {plugin: x}}\n"),
              HasSubstr("compression.none: 'none' means"));
  EXPECT_THAT(text_of(head + "auth: a}\nauth: {a: {}}\n"), HasSubstr("auth.a.plugin: the name of a plugin"));
  EXPECT_EQ(text_of(head + "auth: a, compression: none}\nauth: {a: {plugin: b}}\n"), "");
}

TEST(ConfigLoader, RefusesHalfACertificateAndOneThatCannotBeRead) {
  EXPECT_THAT(text_of("listeners:\n  - {routes: {/: hft}, tls: {certificate: /nowhere.pem}}\n"),
              HasSubstr(":2:43: listeners.0.tls.certificate: '/nowhere.pem' cannot be read"));
  EXPECT_THAT(text_of("listeners:\n  - {routes: {/: hft}, tls: {certificat: x}}\n"),
              HasSubstr("listeners.0.tls.certificat: unknown key, did you mean 'certificate'?"));
  EXPECT_THAT(text_of("listeners:\n  - {routes: {/: hft}, tls: {key: /proc/self/status}}\n"),
              HasSubstr("belong together"));
}

TEST(ConfigLoader, TakesPathsFromTheFilesFolder) {
  const auto options = parse_server(
    "venues: {a: {plugin: ./a.so, key_file: k}}\nlisteners:\n  - {routes: {/: hft}, page: p}\n", "/etc/tp/server.yaml");
  EXPECT_EQ(options.venues[0].plugin, "/etc/tp/a.so");
  EXPECT_THAT(pairs_of(options.venues[0].settings), testing::ElementsAre(std::pair{"key_file", "/etc/tp/k"}));
  EXPECT_EQ(options.listeners[0].port, 8081);
}

TEST(ConfigLoader, TakesANakedZeroAsADuration) {
  const std::string rest = "listeners: [{routes: {/: hft}}]\n";
  EXPECT_EQ(parse_server("telemetry: {slow: 0, sample: 1/1000}\n" + rest, "x.yaml").telemetry.sample, 0.001);
  EXPECT_THAT(text_of("limits: {stall: 0}\n" + rest), HasSubstr("limits.stall: a duration"));
}

TEST(ConfigLoader, ReadsHugeFilesInTime) {
  std::string text = "listeners: [{routes: {/: hft}}]\nvenues: {a: {plugin: p, x: {";
  for (int i = 0; i < 20'000; ++i) text += "k" + std::to_string(i) + ": 1, ";
  EXPECT_EQ(parse_server(text + "}}}\n", "x.yaml").venues[0].settings.size(), 20'000u);
  text = "limits: {";
  for (int i = 0; i < 40'000; ++i) text += "k" + std::to_string(i) + ": 1, k" + std::to_string(i / 2) + ": 2, ";
  EXPECT_THAT(text_of(text + "}\n"), HasSubstr("more than 65536 settings"));
}

TEST(ConfigLoader, BoundsAliases) {
  std::string text = "venues: {a: {plugin: p, x0: &a0 [1,1,1,1,1,1,1,1]";
  for (int i = 1; i < 12; ++i) {
    text += ", x" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 8; ++k) text += std::string(k ? "," : "") + "*a" + std::to_string(i - 1);
    text += "]";
  }
  EXPECT_THAT(text_of(text + "}}\n"), HasSubstr("more than 65536 settings"));
  EXPECT_THAT(text_of("a: &a [*a]\n"), HasSubstr("nested deeper than 32"));
}

TEST(ConfigLoader, FindsTheNearestNameOnlyIfItIsNear) {
  EXPECT_EQ(nearest("symbls", {"plugin", "symbols"}), "symbols");
  EXPECT_EQ(nearest("xyz", {"plugin", "symbols"}), "");
}

} // namespace
