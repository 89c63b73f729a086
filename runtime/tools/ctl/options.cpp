#include "runtime/tools/ctl/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tickplant::ctl {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string read_token(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in) throw usage_end{exit_usage, "tickplantctl: the token file " + file + " cannot be read"};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (text.empty()) throw usage_end{exit_usage, "tickplantctl: the token file " + file + " is empty"};
  return text;
}

class command_line {
public:
  ctl_options parse(int count, const char* const* words) {
    build();
    try {
      app_.parse(count, words);
    } catch (const CLI::CallForHelp&) {
      throw usage_end{exit_good, app_.help()};
    } catch (const CLI::CallForAllHelp&) {
      throw usage_end{exit_good, app_.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::ParseError& fault) {
      throw usage_end{exit_usage,
                      std::string{"tickplantctl: "} + fault.what() + "\nRun with --help for more information."};
    }
    find_token();
    return o_;
  }

private:
  CLI::App* add(CLI::App& to, const std::string& name, const std::string& text, verb what) {
    auto* made = to.add_subcommand(name, text)->fallthrough();
    made->callback([this, what] { o_.what = what; });
    return made;
  }

  void build() {
    if (const auto given = environment("TICKPLANT_ADMIN"); !given.empty()) o_.admin = given;
    app_.require_subcommand(1);
    app_.set_help_all_flag("--help-all", "Show all verbs with their words");
    app_.add_option("--admin", o_.admin, "address of the admin API (TICKPLANT_ADMIN)")->capture_default_str();
    app_.add_option("--token", o_.token, "its token (TICKPLANT_ADMIN_TOKEN); shown to others by ps: better a file");
    app_.add_option("--token-file", token_file_, "file with the token");
    app_.add_option("--timeout", o_.timeout_s, "seconds until an answer is given up")->check(CLI::Range(1u, 600u));
    app_.add_flag("--json", o_.as_json, "print what the server answered, for programs");
    build_views();
    build_config();
    build_changes();
    build_keys();
  }

  void build_views() {
    add(app_, "status", "whether the server is ready; exit code 4 if not", verb::status);
    const auto limited = [this](CLI::App* of) {
      of->add_option("--limit", o_.limit, "rows of a list at most")->check(CLI::Range(1u, 10'000u));
      return of;
    };
    limited(add(app_, "tree", "the actors, with state, restarts, last error and mailbox", verb::tree));
    add(app_, "venues", "venues with lines, gaps and counters", verb::venues)
      ->add_option("NAME", o_.name, "one venue alone");
    limited(add(app_, "clients", "connections", verb::clients))
      ->add_flag("--slow", o_.only_slow, "those that lag alone");
    add(app_, "subscriptions", "who looks at a symbol", verb::subscriptions)->add_option("SYMBOL", o_.name)->required();
    add(app_, "plugins", "plugins with version and digest", verb::plugins);
  }

  void build_config() {
    auto& config = *app_.add_subcommand("config", "show, check and change the configuration")->fallthrough();
    config.require_subcommand(1);
    add(config, "show", "what is in force, secrets redacted", verb::config_show);
    add(config, "check", "check a file, without a server", verb::config_check)->add_option("FILE", o_.name)->required();
    add(config, "diff", "what a reload would change", verb::config_diff);
    add(config, "reload", "read the files again and apply them", verb::config_reload)
      ->add_flag("--dry-run", o_.is_dry_run, "only tell what would be done");
    add(config, "rollback", "back to the configuration before", verb::config_rollback);
  }

  void build_changes() {
    add(app_, "drain", "refuse new clients and let the present ones go", verb::drain);
    auto* log = add(app_, "log", "set a log level", verb::log);
    log->add_option("COMPONENT", o_.name, "as logs name it; 'all' for the general level")->required();
    log->add_option("LEVEL", o_.level, "debug, info, warning, error or off")->required();
    auto& venue = *app_.add_subcommand("venue", "end a venue's suspension, choose its lines")->fallthrough();
    venue.require_subcommand(1);
    add(venue, "retry", "try a suspended venue at once", verb::venue_retry)->add_option("NAME", o_.name)->required();
    auto* lines = add(venue, "lines", "start a venue anew on its primary or backup lines", verb::venue_lines);
    lines->add_option("NAME", o_.name)->required();
    lines->add_option("GROUP", o_.group)->required()->check(CLI::IsMember({"primary", "backup"}));
    add(app_, "kill", "kill an actor, for drills", verb::kill)->add_option("ACTOR_PATH", o_.name)->required();
  }

  void build_keys() {
    auto& keys = *app_.add_subcommand("keys", "keys of the auth policy api_key, without a server")->fallthrough();
    keys.require_subcommand(1);
    const auto with_file = [this](CLI::App* of) {
      of->add_option("--file", o_.keys_file, "the policy's keys_file")->required();
      return of;
    };
    auto* made = with_file(add(keys, "new", "make a key; its text is shown once", verb::keys_new));
    made->add_option("ID", o_.name)->required();
    made->add_option("--subject", o_.subject, "whom it stands for; default: the id");
    made->add_option("--tier", o_.tier);
    made->add_option("--tenant", o_.tenant);
    made->add_option("--expires", o_.expires, "2027-01-31, or with a time");
    made->add_option("--entitlements", o_.entitlements, "patterns with commas between");
    with_file(add(keys, "list", "what the file has", verb::keys_list));
    with_file(add(keys, "revoke", "take a key out", verb::keys_revoke))->add_option("ID", o_.name)->required();
  }

  void find_token() {
    if (!o_.token.empty() && !token_file_.empty())
      throw usage_end{exit_usage, "tickplantctl: give --token or --token-file, not both"};
    if (!token_file_.empty()) o_.token = read_token(token_file_);
    if (o_.token.empty()) o_.token = environment("TICKPLANT_ADMIN_TOKEN");
    for (const char c : o_.token)
      if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
        throw usage_end{exit_usage, "tickplantctl: the token has a space or control character"};
  }

  CLI::App app_{"Looks into a running tickplantd and changes it, over its admin API.", "tickplantctl"};
  ctl_options o_;
  std::string token_file_;
};

} // namespace

ctl_options parse_options(int count, const char* const* words) {
  return command_line{}.parse(count, words);
}

} // namespace tickplant::ctl
