// Secrets come from text, environment or files, and are never shown.
#include "files.hpp"
#include "runtime/config/plan.hpp"
#include "runtime/config/print.hpp"

#include <gmock/gmock.h>

using namespace tickplant::config;
using namespace tickplant::config::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

namespace {

TEST(Secrets, ComeFromTextEnvironmentOrFile) {
  const scratch folder;
  const auto secret = folder.write("token", "from-file\r\n");
  const auto by_text = folder.write("text.yaml", "admin: {token: from-text}\n" + listener);
  const auto by_variable = folder.write("variable.yaml", "admin: {token: '${env:MY_TOKEN}'}\n" + listener);
  const auto by_file = folder.write("file.yaml", "admin: {token_file: token}\n" + listener);
  EXPECT_EQ(load({by_text, {}, {}}).admin.token, "from-text");
  EXPECT_EQ(load({by_variable, {}, {{"MY_TOKEN", "from-env"}}}).admin.token, "from-env");
  EXPECT_EQ(load({by_text, {}, {{"TICKPLANT_ADMIN__TOKEN", "over"}}}).admin.token, "over");
  const auto options = load({by_file, {}, {}});
  EXPECT_EQ(options.admin.token, "from-file");
  EXPECT_THAT(options.files, ElementsAre(by_file, secret));
  EXPECT_THAT(faults_of({by_variable, {}, {}}), HasSubstr("there is no environment variable 'MY_TOKEN'"));
}

TEST(Secrets, FilesMustNotBeReadableByAll) {
  const scratch folder;
  const auto open = folder.write("token", "x");
  fs::permissions(open, fs::perms::others_read, fs::perm_options::add);
  const auto file = folder.write("server.yaml", "admin: {token_file: token}\n" + listener);
  EXPECT_THAT(faults_of({file, {}, {}}), HasSubstr("can be read by every user"));
  // A mount of a container: only a warning.
  fs::create_directory_symlink(".", folder.path("..data"));
  const auto options = load({file, {}, {}});
  EXPECT_EQ(options.admin.token, "x");
  EXPECT_THAT(options.warnings, ElementsAre(HasSubstr("can be read by every user")));
}

TEST(Secrets, OfBothKindsAreRefused) {
  const scratch folder;
  folder.write("token", "x");
  const auto file = folder.write("server.yaml", "admin: {token: a, token_file: token}\n" + listener);
  EXPECT_THAT(faults_of({file, {}, {}}), HasSubstr("'token_file' too"));
  const auto missing = folder.write("missing.yaml", "admin: {token_file: nowhere}\n" + listener);
  EXPECT_THAT(faults_of({missing, {}, {}}), HasSubstr("missing.yaml:1:21: admin.token_file: '"));
}

TEST(Secrets, AreNeverShown) {
  const scratch folder;
  const auto yaml = [](const std::string& word) {
    return "admin: {token: " + word + "a}\nauth:\n  keys:\n    plugin: p\n    keys: {one: {secret: " + word +
           "b}}\n    api_key: " + word + "c\n    password: " + word + "d\n    tokens_token: [" + word + "e]\n" +
           listener;
  };
  const auto one = folder.write("one.yaml", yaml("hidden"));
  const auto two = folder.write("two.yaml", yaml("concealed"));
  const auto now = load({one, {}, {}}), next = load({two, {}, {}});
  std::string shown = print_config(load_tree({one, {}, {}})) + to_text(plan_reload(now, next));
  for (const auto& setting : effective_settings(now)) shown += setting.path + '=' + setting.value + '\n';
  EXPECT_THAT(shown, Not(HasSubstr("hidden")));
  EXPECT_THAT(shown, Not(HasSubstr("concealed")));
  EXPECT_THAT(shown, HasSubstr("***"));
  EXPECT_EQ(plan_reload(now, next).changes.size(), 5u); // told, though not shown
}

TEST(Secrets, OfPluginsMayComeFromTheEnvironment) {
  const scratch folder;
  const auto file =
    folder.write("server.yaml", "auth: {a: {plugin: p, secret: '${env:S}', other: '${env:S}'}}\n" + listener);
  EXPECT_THAT(pairs_of(load({file, {}, {{"S", "value"}}}).auth[0].settings),
              ElementsAre(std::pair{"secret", "value"}, std::pair{"other", "${env:S}"}));
  EXPECT_THAT(faults_of({file, {}, {}}), HasSubstr("auth.a.secret: there is no environment variable 'S'"));
}

} // namespace
