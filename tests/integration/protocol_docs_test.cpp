// Runs the examples of docs/protocol against a real server: what the documents say to client writers is so.
#include "support/plant.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>

namespace tickplant::testing {
namespace {

using nlohmann::json;

struct example {
  std::string place, settings; // file and line; YAML of the server's own
  std::vector<std::string> lines;
  friend void PrintTo(const example& one, std::ostream* out) { *out << one.place; }
};

std::vector<example> examples_of(const std::filesystem::path& file) {
  std::vector<example> found;
  std::ifstream in{file};
  std::string line;
  bool is_inside = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (!is_inside && line.starts_with("```replay")) {
      is_inside = true;
      found.push_back(
        {file.filename().string() + ':' + std::to_string(number), line.size() > 10 ? line.substr(10) : "", {}});
    } else if (line.starts_with("```")) {
      is_inside = false;
    } else if (is_inside) {
      found.back().lines.push_back(line);
    }
  }
  return found;
}

/// A message against a pattern: objects have at least its keys, lists its entries in this order, "<word>" any value,
/// but the same one wherever the word comes again; "<word+1>" is one more.
class matcher {
public:
  bool matches(const json& pattern, const json& value) {
    if (pattern.is_object()) {
      if (!value.is_object()) return false;
      for (const auto& [key, wanted] : pattern.items())
        if (!value.contains(key) || !matches(wanted, value[key])) return false;
      return true;
    }
    if (pattern.is_array()) {
      if (!value.is_array() || (pattern.empty() && !value.empty())) return false;
      size_t at = 0;
      for (const auto& wanted : pattern) {
        while (at < value.size() && !matches(wanted, value[at])) ++at;
        if (at++ == value.size()) return false;
      }
      return true;
    }
    if (!pattern.is_string()) return pattern == value;
    const auto text = pattern.get<std::string>();
    if (text == "<number>") return value.is_number();
    if (text == "<string>") return value.is_string();
    if (text.size() < 3 || text.front() != '<' || text.back() != '>') return pattern == value;
    auto word = text.substr(1, text.size() - 2);
    const bool is_next = word.ends_with("+1");
    if (is_next) word.resize(word.size() - 2);
    const auto known = words_.find(word);
    if (known == words_.end()) {
      tried_[word] = value;
      return !is_next;
    }
    return is_next ? value == known->second.get<uint64_t>() + 1 : value == known->second;
  }
  bool take(const json& pattern, const json& value) {
    tried_.clear();
    if (!matches(pattern, value)) return false;
    words_.merge(tried_);
    return true;
  }
  /// A client's line with the words that are known put in.
  std::string filled(std::string line) const {
    for (const auto& [word, value] : words_)
      for (size_t at; (at = line.find("\"<" + word + ">\"")) != std::string::npos;)
        line.replace(at, word.size() + 4, value.dump());
    return line;
  }

private:
  std::map<std::string, json> words_, tried_;
};

bool is_data(const std::string& type) {
  static const std::vector<std::string> types{"MARKET_DATA", "TRADE",         "BOOK_DELTA",
                                              "SNAPSHOT",    "STREAM_STATUS", "HEARTBEAT"};
  return std::find(types.begin(), types.end(), type) != types.end();
}

struct ProtocolDocuments : ::testing::TestWithParam<example> {
  plant at;

  void SetUp() override {
    at.start_server_from(at.folder().write(
      "docs.yaml", "venues:\n  synthetic:\n    plugin: synthetic\n    required: true\n    walk_scale: 0.05\n"
                   "listeners: [{name: public, bind: \"127.0.0.1:0\", routes: {/ws: hft}}]\n" +
                     GetParam().settings + "\n"));
    at.wait_ready();
  }

  void run(const example& one) {
    // The greeting is part of an example only if it begins with it.
    const bool has_greeting = !one.lines.empty() && one.lines[0].starts_with("server:");
    std::unique_ptr<ws_client> client = has_greeting ? std::make_unique<ws_client>(at.port()) : connect(at);
    matcher words;
    for (const auto& line : one.lines) {
      SCOPED_TRACE(one.place + ": " + line);
      if (line == "cut") {
        client.reset(); // without a word
        client = connect(at);
      } else if (line.starts_with("client: ")) {
        client->send_text(words.filled(line.substr(8)));
      } else if (line.starts_with("close: ")) {
        const auto closed = client->wait_closed();
        ASSERT_TRUE(closed);
        EXPECT_EQ(closed->code, std::stoi(line.substr(7)));
      } else if (line.starts_with("server: ")) {
        const auto pattern = json::parse(line.substr(8));
        std::string skipped;
        for (int left = 200;; --left) {
          ASSERT_GT(left, 0) << "not among many messages; the last: " << skipped;
          const auto message = client->next();
          ASSERT_TRUE(message) << "nothing more comes; the last: " << skipped;
          if (words.take(pattern, message->body)) break;
          skipped = message->body.dump().substr(0, 600);
          // Answers come in order; only data may flow between.
          ASSERT_TRUE(is_data(message->type()) || message->type() == "WELCOME" || message->type() == "RESUMED")
            << skipped;
        }
      } else {
        FAIL() << "neither client, server, cut nor close";
      }
    }
  }
};

TEST_P(ProtocolDocuments, SayWhatTheServerDoes) {
  run(GetParam());
  if (HasFailure()) ADD_FAILURE() << GetParam().place << '\n' << at.story();
}

std::vector<example> all_examples() {
  std::vector<example> all;
  for (const auto& entry : std::filesystem::directory_iterator{TP_PROTOCOL_DOCS})
    if (entry.path().extension() == ".md")
      for (auto& one : examples_of(entry.path())) all.push_back(std::move(one));
  return all;
}

std::string name_of(const ::testing::TestParamInfo<example>& info) {
  auto name = info.param.place;
  for (auto& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Examples, ProtocolDocuments, ::testing::ValuesIn(all_examples()), name_of);

TEST(ProtocolDocumentsThemselves, HaveExamples) {
  EXPECT_GE(all_examples().size(), 12u) << "they lie elsewhere, or have lost their examples";
}

} // namespace
} // namespace tickplant::testing
