// Issue 5, bad input: 10,000 mutated messages of a seeded generator against the whole server. Half of them are wrong in
// a field that the generator knows; the other half is damaged text, which another parser judges.
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <set>

namespace tickplant::testing {
namespace {

using nlohmann::json;
using generator = std::mt19937_64;

constexpr size_t messages = 10'000, together = 100;

size_t below(generator& random, size_t limit) {
  return static_cast<size_t>(random() % limit);
}

template <class T>
const T& one_of(generator& random, const std::vector<T>& all) {
  return all[below(random, all.size())];
}

/// A key with values that it must not have. A null counts as absent, so it is none of them.
struct wrong_field {
  std::string key;
  std::vector<json> values;
  std::vector<std::string> types; // messages in which it is looked at
};

const std::vector<std::string> any_type{"SUBSCRIBE",           "UNSUBSCRIBE", "HEARTBEAT", "PING",
                                        "UPDATE_SUBSCRIPTION", "SNAPSHOT",    "PAUSE",     "LIST"},
  with_symbols{"SUBSCRIBE", "UNSUBSCRIBE", "UPDATE_SUBSCRIPTION", "SNAPSHOT"},
  with_options{"SUBSCRIBE", "UPDATE_SUBSCRIPTION", "SNAPSHOT"};

std::vector<wrong_field> wrong_fields() {
  const std::string long_name(65, 'A'), long_id(200, 'i');
  const json object = json::object(), list = json::array();
  return {
    {"symbols",
     {7, "AAPL", true, object, list, json::array({1}), json::array({""}), json::array({"AAPL", 2}),
      json::array({json::array({"AAPL"})}), json::array({long_name}), json::array({"A\u0001"}),
      json(std::vector<std::string>(1'025, "AAPL"))},
     with_symbols},
    {"dataTypes",
     {1, "QUOTES", object, list, json::array({"CANDLES"}), json::array({"quotes"}), json::array({3}),
      json(std::vector<std::string>(9, "QUOTES"))},
     with_options},
    {"frequency", {-1, 0.5, 3'600'001, "fast", "100", list, object, true, 1e300}, with_options},
    {"depth", {-3, 1.5, 1e9, "deep", list, object, false}, with_options},
    {"fields", {"bid", 1, object, json::array({"nosuch"}), json::array({1})}, with_options},
    {"mode", {"FAST", "all", 1, list, object}, with_options},
    {"onSlow", {"PANIC", 0, list, object}, with_options},
    {"filter", {7, "cheap", true}, with_options},
    {"timestamp", {"now", list, object, true}, any_type},
    {"requestId", {list, object, true, long_id}, any_type},
    {"pingId", {list, object, false, long_id}, {"PING"}},
    {"type", {7, true, list, object, "SUBSCRBE", "subscribe", "", "SUBSCRIBE "}, any_type},
    {"token", {7, "", list, object}, {"AUTH"}},
  };
}

json valid_message(generator& random, const std::string& type) {
  static const std::vector<std::string> symbols{"AAPL", "GOOGL", "SYNTHETIC:MSFT", "TSLA"};
  json made{{"type", type}, {"timestamp", 1'699'459'200'000}};
  if (type == "AUTH") made["token"] = "none";
  if (type == "PING") made["pingId"] = below(random, 1'000);
  if (type == "HEARTBEAT" || type == "PING" || type == "AUTH") return made;
  made["symbols"] = json::array({one_of(random, symbols), one_of(random, symbols)});
  if (type == "SUBSCRIBE" || type == "UPDATE_SUBSCRIPTION" || type == "SNAPSHOT") {
    made["dataTypes"] = json::array({"QUOTES", "ORDER_BOOK"});
    made["frequency"] = 1'000 + 250 * below(random, 8); // few kinds: a loop keeps a bounded number of variants
    made["depth"] = 5;
  }
  if (type == "PAUSE") made["paused"] = true;
  return made;
}

struct sent_message {
  std::string text;
  std::set<std::string> wrong_in; // keys one of which the answer has to name
  bool is_json = true, is_damaged = false;
};

sent_message wrong_message(generator& random, const std::vector<wrong_field>& all) {
  const auto& first = one_of(random, all);
  const auto type = one_of(random, first.types);
  auto body = valid_message(random, type);
  sent_message made;
  body[first.key] = one_of(random, first.values);
  made.wrong_in.insert(first.key);
  if (below(random, 3) == 0) { // a second fault: either may be told
    const auto& second = one_of(random, all);
    if (second.key != "type" && std::find(second.types.begin(), second.types.end(), type) != second.types.end()) {
      body[second.key] = one_of(random, second.values);
      made.wrong_in.insert(second.key);
    }
  }
  made.text = body.dump();
  return made;
}

sent_message damaged_message(generator& random) {
  static constexpr std::string_view alphabet = "{}[]\",:\\ \t\n0123456789-+.eEtrufalsn\x01\x7FxAZ/";
  auto text = valid_message(random, one_of(random, any_type)).dump();
  for (size_t n = 1 + below(random, 4); n > 0 && !text.empty(); --n) {
    const size_t at = below(random, text.size());
    switch (below(random, 5)) {
      case 0: text[at] = alphabet[below(random, alphabet.size())]; break;
      case 1: text.insert(at, 1, alphabet[below(random, alphabet.size())]); break;
      case 2: text.erase(at, 1 + below(random, 8)); break;
      case 3: text.insert(at, text.substr(below(random, text.size()), below(random, 40))); break;
      default: text.resize(at);
    }
  }
  sent_message made;
  made.is_damaged = true;
  const auto parsed = json::parse(text, nullptr, false);
  made.is_json = parsed.is_object();
  made.text = std::move(text);
  return made;
}

/// Empty if it is an ERROR as the documents describe it.
std::string fault_of(const json& error, const sent_message& about) {
  for (const auto* key : {"message", "errorType", "name"})
    if (!error.contains(key) || !error[key].is_string() || error[key].get<std::string>().empty())
      return std::string{"no "} + key;
  if (!error.contains("code") || !error["code"].is_number_integer()) return "no code";
  const int code = error["code"];
  if (code < 4300 || code > 4311) return "a code that ends the session";
  if (!error.contains("recoverable") || !error.contains("timestamp")) return "no recoverable, or no timestamp";
  if (!about.is_json) {
    if (code != 4300) return "not told that it cannot be read";
    return error["message"].get<std::string>().starts_with("Invalid message format") ? "" : "another text";
  }
  if (about.is_damaged) return "";
  const auto field = error.value("field", "");
  for (const auto& key : about.wrong_in)
    if (field == key || field.starts_with(key + '.') || field.starts_with(key + '[')) return "";
  return "field '" + field + "' is not what is wrong";
}

TEST(MutatedMessages, AreAnsweredByErrorsThatNameTheFieldAndHarmNobody) {
  plant at;
  at.start_server_from(at.folder().write("mutations.yaml",
                                         "venues:\n  synthetic: {plugin: synthetic, required: true}\n"
                                         "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n"
                                         "dialects: {hft: {messages: 0, requests: 0}}\n"));
  at.wait_ready();
  const auto bystander = connect(at), client = connect(at);
  bystander->send(subscribe({"AAPL"}, {{"frequency", 100}}));
  ASSERT_TRUE(bystander->wait_for_type("MARKET_DATA"));

  generator random{20261130};
  const auto fields = wrong_fields();
  size_t wrong = 0, told = 0, unanswered = 0;
  std::vector<std::string> complaints;
  for (size_t done = 0; done < messages; done += together) {
    std::vector<sent_message> batch;
    for (size_t i = 0; i != together; ++i) {
      batch.push_back(i % 2 == 0 ? wrong_message(random, fields) : damaged_message(random));
      client->send_text(batch.back().text);
      // The answer to the probe behind it parts its answers from the next one's, and makes up for the mistake.
      client->send({{"type", "PING"}, {"pingId", "probe-" + std::to_string(done + i)}});
    }
    for (size_t i = 0; i != together; ++i) {
      const auto probe = "probe-" + std::to_string(done + i);
      std::vector<json> errors;
      bool is_answered = false;
      for (;;) {
        const auto one = client->next();
        ASSERT_TRUE(one) << "no word after " << batch[i].text.substr(0, 200) << '\n' << at.story();
        if (one->type() == "PONG" && one->body.value("pingId", json{}) == probe) break;
        if (one->type() == "MARKET_DATA" || one->type() == "STREAM_STATUS" || one->type() == "SNAPSHOT") continue;
        is_answered = true;
        if (one->type() == "ERROR") errors.push_back(one->body);
      }
      const bool is_wrong = !batch[i].is_damaged || !batch[i].is_json;
      if (is_wrong && !is_answered) ++unanswered;
      for (const auto& error : errors)
        if (const auto fault = fault_of(error, batch[i]); !fault.empty() && complaints.size() < 20)
          complaints.push_back(fault + ": " + batch[i].text.substr(0, 200) + " -> " + error.dump());
      if (!is_wrong) continue;
      ++wrong;
      told += std::any_of(errors.begin(), errors.end(), [&](const json& e) { return fault_of(e, batch[i]).empty(); });
      if (errors.empty() && complaints.size() < 20) complaints.push_back("no ERROR: " + batch[i].text.substr(0, 200));
    }
  }
  std::string story;
  for (const auto& line : complaints) story += line + '\n';
  EXPECT_GT(wrong, messages * 3 / 4) << "the generator makes wrong messages";
  EXPECT_GE(static_cast<double>(told), 0.99 * static_cast<double>(wrong)) << told << " of " << wrong << '\n' << story;
  EXPECT_EQ(unanswered, 0u) << story;
  RecordProperty("wrong", static_cast<int>(wrong));
  RecordProperty("told", static_cast<int>(told));
  EXPECT_TRUE(client->is_open());
  bystander->forget_waiting();
  EXPECT_TRUE(bystander->wait_for_type("MARKET_DATA")) << "another client is served all the while";
}

} // namespace
} // namespace tickplant::testing
