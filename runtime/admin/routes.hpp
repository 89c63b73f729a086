// The admin API's addresses: which request asks for what. Everything that is wrong with a request is an answer that
// says what is wrong and what to do; nothing throws. The list of routes: docs/operations.md.
#pragma once

#include "runtime/admin/answer.hpp"
#include "runtime/net/client/http_message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace tickplant::admin {

enum class verb : uint8_t {
  tree,
  venues,
  clients,
  subscriptions,
  plugins,
  config,
  config_diff,
  health,
  reload,
  rollback,
  drain,
  set_log,
  kill,
  retry,
  use_lines,
  live,
  ready,
  metrics
};

/// For the log: "reload", "log level".
std::string_view name_of(verb what);

/// Rows of one answer at most, so that a large server does not print itself to death; `limit=` asks for more or fewer.
inline constexpr uint32_t usual_limit = 1'000, largest_limit = 10'000;

/// A request that is fine as far as its words go.
struct command {
  verb what = verb::tree;
  std::string name;             // venue, symbol, actor path or log component
  std::string level;            // of set_log
  std::string group;            // of use_lines: primary, backup
  bool is_dry_run = false;      // of reload
  bool only_slow = false;       // of clients
  uint32_t limit = usual_limit; // rows per list
};

struct access_rules {
  std::string token;       // empty: nobody has to prove anything
  bool allow_kill = false; // for drills
};

/// `/health/*` and `/metrics` need no token, all of `/admin/` does, where one is set: `Authorization: Bearer TOKEN`.
std::variant<command, answer> judge(const net::http_request& request, const access_rules& who);

/// Compares without telling by its time where the difference lies.
bool is_equal_in_constant_time(std::string_view given, std::string_view wanted);

/// Each route with its method, one a line; for people who are lost.
std::string list_of_routes();

} // namespace tickplant::admin
