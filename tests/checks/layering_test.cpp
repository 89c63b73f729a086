// The laws of the tree hold, and the check that says so can fail.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

std::pair<int, std::string> check(const fs::path& root) {
  const auto command = "bash " TP_SOURCE_DIR "/tests/checks/layering.sh " + root.string() + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> part;
  while (const size_t size = fread(part.data(), 1, part.size(), pipe)) text.append(part.data(), size);
  return {pclose(pipe), text};
}

TEST(Layering, HoldsInThisTree) {
  const auto [code, text] = check(TP_SOURCE_DIR);
  EXPECT_EQ(code, 0) << text;
}

struct breach {
  const char* file;
  const char* line;
};

class LayeringBreach : public testing::TestWithParam<breach> {};

TEST_P(LayeringBreach, IsFound) {
  const auto root = fs::path{testing::TempDir()} / ("layering-" + std::to_string(::getpid()) + '-' +
                                                    std::to_string(std::hash<std::string>{}(GetParam().line)));
  const auto file = root / GetParam().file;
  fs::create_directories(file.parent_path());
  std::ofstream{file} << GetParam().line << '\n';
  const auto [code, text] = check(root);
  EXPECT_NE(code, 0);
  EXPECT_NE(text.find(GetParam().file), std::string::npos) << text;
  fs::remove_all(root);
}

INSTANTIATE_TEST_SUITE_P(Laws, LayeringBreach,
                         testing::Values(breach{"runtime/book/x.hpp", "#include \"actors/hub.hpp\""},
                                         breach{"plugins/venues/x/x.cpp", "#include \"runtime/book/feed.hpp\""},
                                         breach{"runtime/net/x.cpp", "#include <caf/actor.hpp>"},
                                         breach{"runtime/book/x.cpp", "#include <yaml-cpp/yaml.h>"},
                                         breach{"actors/x.cpp", "auto* f = dlopen (\"x\", 1);"},
                                         breach{"actors/y.cpp", "#include <boost/asio.hpp>"},
                                         breach{"runtime/book/y.cpp", "auto now = std::chrono::steady_clock::now();"},
                                         breach{"runtime/config/x.cpp", "#include <simdjson.h>"},
                                         breach{"runtime/book/z.cpp", "#include <opentelemetry/trace/span.h>"}),
                         [](const auto& given) { return "Law" + std::to_string(given.index); });

} // namespace
