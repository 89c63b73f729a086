// Alert rules and dashboard that are shipped: they parse, and name no metric that the server does not have.
#include "runtime/telemetry/metric_names.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

namespace {

using tickplant::telemetry::metric_type;

bool is_known(const std::string& name) {
  for (const auto* family : tickplant::telemetry::metric::all) {
    if (family->type != metric_type::histogram) {
      if (name == family->name) return true;
      continue;
    }
    for (const auto* part : {"_bucket", "_sum", "_count"})
      if (name == std::string{family->name} + part) return true;
  }
  return false;
}

bool belongs_to_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Gives the number of metrics found.
size_t check(const std::string& expression) {
  size_t count = 0;
  for (size_t at = expression.find("tickplant_"); at != std::string::npos;
       at = expression.find("tickplant_", at), ++count) {
    const size_t begin = at;
    while (at < expression.size() && belongs_to_name(expression[at])) ++at;
    const auto name = expression.substr(begin, at - begin);
    EXPECT_TRUE(is_known(name)) << name << " in " << expression;
  }
  EXPECT_EQ(std::count(expression.begin(), expression.end(), '('),
            std::count(expression.begin(), expression.end(), ')'))
    << expression;
  EXPECT_EQ(std::count(expression.begin(), expression.end(), '{'),
            std::count(expression.begin(), expression.end(), '}'))
    << expression;
  return count;
}

TEST(Alerts, NameMetricsThatExist) {
  const auto file = YAML::LoadFile(TP_SOURCE_DIR "/configs/alerts.yaml");
  std::set<std::string> names;
  for (const auto& group : file["groups"]) {
    EXPECT_TRUE(group["name"]);
    for (const auto& rule : group["rules"]) {
      const auto name = rule["alert"].as<std::string>();
      EXPECT_TRUE(names.insert(name).second) << name << " is there twice";
      const auto expression = rule["expr"].as<std::string>();
      EXPECT_GE(check(expression), name == "TickplantDown" ? 0u : 1u) << name;
      EXPECT_TRUE(rule["labels"]["severity"]) << name;
      EXPECT_FALSE(rule["annotations"]["summary"].as<std::string>().empty()) << name;
      EXPECT_FALSE(rule["annotations"]["what_to_do"].as<std::string>().empty()) << name;
      for (const auto& key : rule)
        EXPECT_TRUE((
          std::set<std::string>{"alert", "expr", "for", "labels", "annotations"}.contains(key.first.as<std::string>())))
          << name;
    }
  }
  EXPECT_GE(names.size(), 10u);
}

TEST(Dashboard, NamesMetricsThatExist) {
  std::ifstream in{TP_SOURCE_DIR "/configs/grafana.json"};
  const auto board = nlohmann::json::parse(in);
  EXPECT_GE(board.at("schemaVersion").get<int>(), 36);
  std::set<int> ids;
  for (const auto& panel : board.at("panels")) {
    EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
    for (const auto& target : panel.at("targets")) EXPECT_GE(check(target.at("expr").get<std::string>()), 1u);
  }
  EXPECT_GE(ids.size(), 8u);
}

TEST(Alerts, WouldNoticeAMetricThatIsGone) {
  EXPECT_FALSE(is_known("tickplant_venue_nothing_total"));
  EXPECT_FALSE(is_known("tickplant_latency_receive_to_hub_seconds")) << "a histogram has parts only";
  EXPECT_TRUE(is_known("tickplant_latency_receive_to_hub_seconds_bucket"));
}

} // namespace
