// One instance of an auth plugin: credentials in, principals or refusals out, by the number of the request. Each
// request is completed exactly once, whatever the plugin does; what else it says is counted and dropped. `check` and
// `recheck` may be called from several threads at once (not from a network loop: they may take milliseconds); the rest
// belongs to one thread. Completions come on the thread of the plugin's answer.
#pragma once

#include "runtime/plugin/complaints.hpp"
#include "runtime/plugin/loader.hpp"
#include "runtime/policy/principal.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tickplant::plugin {

struct auth_host_options {
  settings_list settings;
  std::string base_folder; // where relative paths of read_file begin: the configuration's folder
  log_function log;        // empty: nothing is logged
};

/// Plain counts since the instance was made.
struct auth_counts {
  uint64_t accepted = 0, refused = 0;
  uint64_t ignored = 0; // answers for requests that are unknown, completed or given up
  uint64_t faults = 0;  // negative answers, exceptions, principals and codes that make no sense
  uint64_t pending = 0; // now
};

class auth_host {
public:
  static constexpr size_t largest_file = 1 << 20; // bytes that read_file hands over
  static constexpr size_t longest_name = 256;     // bytes of subject, tier, tenant, credential, account, entitlement
  static constexpr size_t longest_reason = 200;   // bytes
  static constexpr uint32_t most_names = 256;     // accounts, and entitlements

  using completion = std::function<void(policy::auth_outcome)>;

  /// What the plugin has to say about settings; empty if it takes them. No side effects. `files`, where given, gets the
  /// absolute paths that it asked for, also of files that cannot be read.
  static std::vector<complaint> validate(const auth_plugin& plugin, const auth_host_options& options,
                                         std::vector<std::string>* files = nullptr);

  auth_host(auth_plugin plugin, auth_host_options options);
  /// Destroys the instance; requests that it never answered are refused with 4100 then. Not to be called from a
  /// completion, which may run inside the plugin.
  ~auth_host();
  auth_host(const auth_host&) = delete;
  auth_host& operator=(const auth_host&) = delete;

  /// Makes the instance. False: complaints() and why_broken() tell the reason. Nothing else may be called before.
  bool create();
  bool is_broken() const { return !why_broken_.empty(); }
  const std::string& why_broken() const { return why_broken_; }
  const std::vector<complaint>& complaints() const { return complaints_; }

  /// Asks the plugin; `done` is called exactly once, before this returns or later. A number that is still pending, an
  /// exception and a negative answer are refused with 4100. The credential is borrowed for the call.
  void check(uint64_t request, const tp_credential& credential, completion done);
  /// Gives a request up: its completion is not called any more. False if it was completed already.
  bool abandon(uint64_t request);
  /// Whether someone accepted earlier still stands: 0, or a number of the registry (4001 revoked, 4203 log in again).
  int32_t recheck(const policy::principal& who, int64_t now_ns);
  /// A text for what recheck answered.
  static std::string_view recheck_reason(int32_t code);

  bool needs_credential() const { return (plugin_.ops().flags & TP_AUTH_NEEDS_CREDENTIAL) != 0; }
  const auth_plugin& plugin() const { return plugin_; }
  /// Absolute paths of the files that create asked for, for the watcher; also of those that could not be read.
  const std::vector<std::string>& files() const { return files_; }
  auth_counts counts() const;
  /// The newest fault: "check answered -8 (internal)".
  std::string last_fault() const;

private:
  struct table_of;
  friend struct table_of;
  struct pending {
    completion done;
    int64_t now_ns;
  };

  bool is_settling() const { return settling_ && std::this_thread::get_id() == settler_; }
  template <class Call>
  int32_t settle(Call&& call, std::string& thrown);
  int32_t read(std::string_view key, std::string_view path, void (*hand_to)(void*, tp_str), void* to);
  bool take(uint64_t request, pending& into);
  void complete(uint64_t request, policy::auth_outcome outcome);
  void accept(uint64_t request, const tp_principal* given);
  void refuse(uint64_t request, int32_t code, std::string_view reason);
  void fault(std::string text);
  void log(int level, std::string_view text);

  auth_plugin plugin_;
  settings_view settings_;
  std::string base_folder_;
  log_function log_;
  tp_auth_host table_{};
  void* self_ = nullptr;
  std::atomic<bool> settling_ = false; // inside validate or create, on the thread `settler_`
  std::thread::id settler_;
  std::vector<complaint> complaints_;
  std::vector<std::string> files_;
  std::string why_broken_;

  mutable std::mutex lock_; // of what follows; never held while foreign code runs
  std::unordered_map<uint64_t, pending> pending_;
  std::string last_fault_;
  std::atomic<uint64_t> accepted_ = 0, refused_ = 0, ignored_ = 0, faults_ = 0;
};

} // namespace tickplant::plugin
