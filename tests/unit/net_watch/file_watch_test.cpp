#include "runtime/net/file_watch.hpp"

#include "runtime/net/asio_context.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace tickplant::net {
namespace {

namespace fs = std::filesystem;

class FileWatch : public ::testing::Test {
protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "tickplant_watch_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = fs::canonical(pattern);
    write("a.yaml", "first");
  }
  void TearDown() override {
    watch.reset();
    fs::remove_all(root);
  }

  void write(const fs::path& name, std::string_view content) const { std::ofstream{root / name} << content; }
  /// Replaces a link as ln -sfn and config maps do: a new one renamed over the old one.
  void relink(const fs::path& name, const fs::path& target) const {
    fs::create_symlink(target, root / "new link");
    fs::rename(root / "new link", root / name);
  }
  void begin(std::vector<std::string> names) {
    for (auto& name : names) name = (root / name).string();
    watch.emplace(
      loop,
      [this] {
        ++told;
        if (then) then();
      },
      file_watch_options{20'000'000, 50'000'000});
    watch->watch(std::move(names));
  }
  /// Steps the loop until `count` changes were told in all.
  bool until_told(int count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (told < count && std::chrono::steady_clock::now() < end)
      context_of(loop).run_one_for(std::chrono::milliseconds{2});
    EXPECT_EQ(told, count);
    return told == count;
  }
  /// A change of a file that is watched by another watch, made after all others: when it is told, theirs were due.
  bool nothing_more() {
    const int before = told;
    bool seen = false;
    write("fence", "");
    file_watch fence{loop, [&] { seen = true; }, file_watch_options{60'000'000, 50'000'000}};
    fence.watch({(root / "fence").string()});
    write("fence", "changed");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!seen && std::chrono::steady_clock::now() < end) context_of(loop).run_one_for(std::chrono::milliseconds{2});
    EXPECT_TRUE(seen);
    return told == before;
  }

  event_loop loop;
  fs::path root;
  std::optional<file_watch> watch;
  std::function<void()> then;
  int told = 0;
};

TEST_F(FileWatch, TellsOfAWriteInPlaceOnceAfterQuiet) {
  begin({"a.yaml"});
  EXPECT_FALSE(watch->is_looking());
  std::ofstream out{root / "a.yaml"}; // truncated
  out.flush();
  context_of(loop).poll();
  EXPECT_EQ(told, 0) << "half-written";
  out << "second, in two steps";
  out.close();
  until_told(1);
  EXPECT_TRUE(nothing_more());
}

TEST_F(FileWatch, TellsOfANewFileRenamedIntoPlaceAgainAndAgain) {
  begin({"a.yaml"});
  for (int round = 1; round != 4; ++round) {
    write("a.yaml.tmp", "version " + std::to_string(round));
    fs::rename(root / "a.yaml.tmp", root / "a.yaml");
    until_told(round);
  }
  write("a.yaml", "in place again");
  until_told(4);
}

TEST_F(FileWatch, FollowsLinksAsConfigMapsSwapThem) {
  fs::create_directory(root / "..v1");
  fs::create_directory(root / "..v2");
  write("..v1/s.yaml", "one");
  write("..v2/s.yaml", "two");
  fs::create_symlink("..v1", root / "..data");
  fs::create_symlink("..data/s.yaml", root / "s.yaml");
  begin({"s.yaml"});
  relink("..data", "..v2");
  until_told(1);
  write("..v2/s.yaml", "changed behind the links");
  until_told(2);
  write("..v1/s.yaml", "nobody reads this one any more");
  EXPECT_TRUE(nothing_more());
  relink("s.yaml", root / "..v1/s.yaml"); // absolute
  until_told(3);
}

TEST_F(FileWatch, FollowsALinkedFolder) {
  fs::create_directories(root / "releases/1");
  fs::create_directories(root / "releases/2");
  write("releases/1/s.yaml", "one");
  write("releases/2/s.yaml", "two");
  fs::create_directory_symlink("releases/1", root / "current");
  begin({"current/s.yaml"});
  relink("current", "releases/2");
  until_told(1);
  fs::remove_all(root / "releases/1");
  EXPECT_TRUE(nothing_more());
}

TEST_F(FileWatch, TellsOfDeletionAndReturn) {
  begin({"a.yaml"});
  fs::remove(root / "a.yaml");
  until_told(1);
  EXPECT_TRUE(watch->is_looking());
  write("a.yaml", "back");
  until_told(2);
  EXPECT_FALSE(watch->is_looking());
}

TEST_F(FileWatch, SurvivesAFolderThatVanishesAndComesBack) {
  fs::create_directories(root / "deep/er");
  write("deep/er/s.yaml", "one");
  begin({"deep/er/s.yaml", "a.yaml"});
  fs::remove_all(root / "deep");
  until_told(1);
  EXPECT_TRUE(watch->is_looking());
  write("a.yaml", "others are watched on");
  until_told(2);
  fs::create_directories(root / "deep/er");
  write("deep/er/s.yaml", "two");
  until_told(3);
  write("deep/er/s.yaml", "three");
  until_told(4);
  fs::rename(root / "deep/er", root / "deep/moved");
  until_told(5);
  fs::rename(root / "deep/moved", root / "deep/er");
  until_told(6);
}

TEST_F(FileWatch, AFileThatIsNotThereYetAndACircleOfLinksAreNoFault) {
  fs::create_symlink("round", root / "round");
  begin({"round", "later.yaml"});
  EXPECT_TRUE(watch->is_looking());
  write("later.yaml", "here");
  until_told(1);
}

TEST_F(FileWatch, OtherFilesOfTheFolderDoNotMatter) {
  begin({"a.yaml"});
  for (int i = 0; i != 100; ++i) write("log." + std::to_string(i), "noise");
  fs::remove(root / "log.1");
  EXPECT_TRUE(nothing_more());
}

TEST_F(FileWatch, MoreEventsThanTheQueueHoldsAreSurvived) {
  begin({"a.yaml"});
  int most = 16'384;
  std::ifstream{"/proc/sys/fs/inotify/max_queued_events"} >> most;
  if (most > 200'000) GTEST_SKIP() << "the queue of this machine is too long to overflow it";
  fs::create_hard_link(root / "a.yaml", root / "other");
  for (int i = 0; i <= most; i += 2) { // differing events, so that none is folded into the one before
    ::chmod((root / "a.yaml").c_str(), i % 4 == 0 ? 0600 : 0644);
    ::unlink((root / "x").c_str());
    std::ofstream{root / "x"};
  }
  write("a.yaml", "lost in the noise");
  until_told(1);
  write("a.yaml", "and watched on");
  until_told(2);
}

TEST_F(FileWatch, TheHostMayWatchOthersOrEndItFromTheCall) {
  write("b.yaml", "one");
  then = [this] { watch->watch({(root / "a.yaml").string(), (root / "b.yaml").string()}); };
  begin({"a.yaml"});
  write("a.yaml", "include b");
  until_told(1);
  write("b.yaml", "two");
  then = [this] {
    write("a.yaml", "changed while it is being read"); // and must not be missed
    watch->watch({(root / "a.yaml").string()});
    then = [this] { watch.reset(); };
  };
  until_told(3);
  write("a.yaml", "nobody listens");
  EXPECT_TRUE(nothing_more());
}

} // namespace
} // namespace tickplant::net
