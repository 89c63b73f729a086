// A host for tests of an auth plugin: settings and files from memory, complaints, log lines and answers recorded. One
// instance; checks from one thread.
#pragma once

#include <tickplant/auth.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::sdk::testing {

struct recorded_principal {
  std::string subject, tier, tenant, credential;
  int64_t expires_ns = TP_NONE;
  std::vector<std::string> accounts, entitlements;
};

struct recorded_answer {
  std::optional<recorded_principal> who;
  int32_t code = 0;
  std::string reason;
  int answers = 0; // a good policy gives one
};

class recording_auth_host {
public:
  recording_auth_host() {
    table.struct_size = sizeof(tp_auth_host);
    table.abi_minor = TP_ABI_MINOR;
    table.accept = [](tp_ctx* c, uint64_t, const tp_principal* p) {
      auto& newest = of(c).answer;
      ++newest.answers;
      newest.who = recorded_principal{std::string{view(p->subject)},
                                      std::string{view(p->tier)},
                                      std::string{view(p->tenant)},
                                      std::string{view(p->credential)},
                                      p->expires_ns,
                                      texts(p->accounts, p->account_count),
                                      texts(p->entitlements, p->entitlement_count)};
    };
    table.refuse = [](tp_ctx* c, uint64_t, int32_t code, tp_str reason) {
      auto& newest = of(c).answer;
      ++newest.answers;
      newest.code = code;
      newest.reason = view(reason);
    };
    table.read_file = [](tp_ctx* c, tp_str key, tp_str path, void (*take)(void*, tp_str), void* to) -> int32_t {
      auto& self = of(c);
      const auto found = self.files.find(std::string{view(path)});
      if (found == self.files.end()) {
        self.complaints.emplace_back(view(key), "cannot be read");
        return TP_E_ARGUMENT;
      }
      take(to, to_tp(found->second));
      return TP_OK;
    };
    table.log = [](tp_ctx* c, int32_t, tp_str text) { of(c).logs.emplace_back(view(text)); };
    table.complain = [](tp_ctx* c, tp_str key, tp_str problem) {
      of(c).complaints.emplace_back(view(key), view(problem));
    };
  }
  ~recording_auth_host() { destroy(); }
  recording_auth_host(const recording_auth_host&) = delete;
  recording_auth_host& operator=(const recording_auth_host&) = delete;

  using settings_list = std::vector<std::pair<std::string, std::string>>;

  /// The complaints about settings, line by line; empty if there are none.
  std::string validate(const tp_auth_ops& ops, const settings_list& settings) {
    complaints.clear();
    ops.validate(config_of(settings), &table, ctx());
    std::string text;
    for (const auto& [key, problem] : complaints) text += key + ": " + problem + '\n';
    return text;
  }
  bool create(const tp_auth_ops& ops, const settings_list& settings) {
    destroy();
    ops_ = &ops;
    return ops.create(config_of(settings), &table, ctx(), &self_) == TP_OK;
  }
  recorded_answer check(std::string_view secret, int64_t now_ns = 0, std::string_view scheme = {}) {
    answer = {};
    const uint32_t carrier = secret.empty() ? TP_CARRIER_NONE : TP_CARRIER_HEADER;
    const tp_credential given{sizeof(tp_credential), carrier,         to_tp(secret), to_tp(scheme),
                              to_tp("127.0.0.1"),    to_tp("public"), now_ns};
    if (ops_->check(self_, ++request_, &given) < 0) answer.code = -1;
    return answer;
  }
  int32_t recheck(const recorded_principal& who, int64_t now_ns = 0) const {
    std::vector<tp_str> accounts, entitlements;
    for (const auto& each : who.accounts) accounts.push_back(to_tp(each));
    for (const auto& each : who.entitlements) entitlements.push_back(to_tp(each));
    const tp_principal lent{sizeof(tp_principal),
                            0,
                            to_tp(who.subject),
                            to_tp(who.tier),
                            to_tp(who.tenant),
                            to_tp(who.credential),
                            who.expires_ns,
                            detail::count_of(accounts),
                            detail::count_of(entitlements),
                            accounts.data(),
                            entitlements.data()};
    return ops_->recheck(self_, &lent, now_ns);
  }

  tp_auth_host table{};
  std::map<std::string, std::string> files; // by path as the settings say it
  std::vector<std::pair<std::string, std::string>> complaints;
  std::vector<std::string> logs;
  recorded_answer answer; // of the newest check

private:
  static recording_auth_host& of(tp_ctx* c) { return *reinterpret_cast<recording_auth_host*>(c); }
  static std::vector<std::string> texts(const tp_str* given, uint32_t count) {
    std::vector<std::string> result;
    for (uint32_t i = 0; i < count; ++i) result.emplace_back(view(given[i]));
    return result;
  }
  tp_ctx* ctx() { return reinterpret_cast<tp_ctx*>(this); }
  const tp_config* config_of(const settings_list& settings) {
    settings_ = settings;
    pairs_.clear();
    for (const auto& [key, value] : settings_) pairs_.push_back({to_tp(key), to_tp(value)});
    config_ = {sizeof(tp_config), static_cast<uint32_t>(pairs_.size()), pairs_.data()};
    return &config_;
  }
  void destroy() {
    if (self_) ops_->destroy(std::exchange(self_, nullptr));
  }

  const tp_auth_ops* ops_ = nullptr;
  void* self_ = nullptr;
  uint64_t request_ = 0;
  settings_list settings_;
  std::vector<tp_pair> pairs_;
  tp_config config_{};
};

/// The table of the policy that is linked into the test.
inline const tp_auth_ops& linked_policy() {
  return *static_cast<const tp_auth_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
}

} // namespace tickplant::sdk::testing
