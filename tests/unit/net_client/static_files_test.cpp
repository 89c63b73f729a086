#include "runtime/net/client/static_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace tickplant::net {
namespace {

namespace fs = std::filesystem;

class StaticFiles : public ::testing::Test {
protected:
  StaticFiles() : place_(fs::temp_directory_path() / ("tp_static_files_" + std::to_string(::getpid()))) {
    fs::remove_all(place_);
    write("root/index.html", "<html>");
    write("root/app/main.js", "code");
    write("root/app/index.html", "app");
    write("root/.secret", "no");
    write("root/.git/config", "no");
    write("root/a b.txt", "blank");
    write("outside.txt", "no");
    fs::create_symlink(place_ / "outside.txt", place_ / "root" / "link.txt");
  }
  ~StaticFiles() override { fs::remove_all(place_); }

  void write(const char* name, std::string_view content) {
    fs::create_directories((place_ / name).parent_path());
    std::ofstream{place_ / name} << content;
  }

  fs::path place_;
};

TEST_F(StaticFiles, AnswersFilesByPath) {
  const auto files = static_files::load(place_ / "root");
  EXPECT_EQ(files.count(), 4u);
  const auto page = files.respond("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(*page.body, "<html>");
  EXPECT_EQ(*files.respond("/app/main.js").body, "code");
  EXPECT_EQ(*files.respond("/app/").body, "app");
  EXPECT_EQ(*files.respond("/a%20b.txt").body, "blank");
  EXPECT_NE(files.respond("/index.html").etag, files.respond("/app/main.js").etag);
  EXPECT_EQ(files.respond("/none").status, 404);
}

TEST_F(StaticFiles, NothingOutsideTheRootOrHiddenExists) {
  const auto files = static_files::load(place_ / "root");
  for (const char* path : {"/.secret", "/.git/config", "/link.txt", "/outside.txt", "//etc/passwd", "/app"})
    EXPECT_EQ(files.respond(path).status, 404) << path;
  for (const char* path : {"/../outside.txt", "/%2e%2e/outside.txt", "/app/../../outside.txt", "/..%2foutside.txt",
                           "/app/..", "/a\\..\\b", "/%5c", "/%00", "/%zz", "", "index.html", "/./index.html"})
    EXPECT_EQ(files.respond(path).status, 400) << path;
}

TEST_F(StaticFiles, LimitsAreErrorsThatNameTheFile) {
  static_limits small;
  small.file_bytes = 5;
  try {
    static_files::load(place_ / "root", small);
    FAIL() << "should have thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("index.html"));
  }
  static_limits few;
  few.files = 3;
  EXPECT_THROW(static_files::load(place_ / "root", few), std::runtime_error);
  static_limits little;
  little.total_bytes = 10;
  EXPECT_THROW(static_files::load(place_ / "root", little), std::runtime_error);
  EXPECT_THROW(static_files::load(place_ / "nowhere"), std::runtime_error);
  EXPECT_THROW(static_files::load(place_ / "outside.txt"), std::runtime_error);
}

TEST_F(StaticFiles, EtagFollowsTheContent) {
  const auto before = static_files::load(place_ / "root").respond("/index.html").etag;
  EXPECT_EQ(static_files::load(place_ / "root").respond("/index.html").etag, before);
  write("root/index.html", "<HTML>");
  EXPECT_NE(static_files::load(place_ / "root").respond("/index.html").etag, before);
}

} // namespace
} // namespace tickplant::net
