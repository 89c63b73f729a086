// The words of tickplantctl's command line as a value.
#pragma once

#include <stdexcept>
#include <string>

namespace tickplant::ctl {

/// Exit codes; operations.md tells people.
enum : int { exit_good = 0, exit_refused = 1, exit_usage = 2, exit_unreachable = 3, exit_not_ready = 4 };

enum class verb {
  status,
  tree,
  venues,
  clients,
  subscriptions,
  plugins,
  config_show,
  config_check,
  config_diff,
  config_reload,
  config_rollback,
  drain,
  log,
  kill,
  venue_retry,
  venue_lines,
  keys_new,
  keys_list,
  keys_revoke
};

struct ctl_options {
  verb what = verb::status;
  std::string admin = "http://127.0.0.1:9600", token;
  bool as_json = false;
  bool only_slow = false, is_dry_run = false;
  unsigned limit = 0;      // 0: the server's own
  unsigned timeout_s = 15; // longer than a reload may take
  std::string name;        // venue, symbol, component, actor path, key id or file of `config check`
  std::string level;
  std::string group; // primary, backup
  std::string keys_file, subject, tier, tenant, expires, entitlements;
};

/// The program is to end: with help (code 0, for stdout) or a complaint.
struct usage_end : std::runtime_error {
  usage_end(int code_of_end, const std::string& text) : std::runtime_error(text), code(code_of_end) {}
  int code;
};

/// Reads TICKPLANT_ADMIN and TICKPLANT_ADMIN_TOKEN where the words say nothing. Throws usage_end.
ctl_options parse_options(int count, const char* const* words);

} // namespace tickplant::ctl
