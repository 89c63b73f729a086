#include "runtime/plugin/auth_host.hpp"

#include "runtime/plugin/auth_copy.hpp"
#include "runtime/plugin/setting_file.hpp"
#include "runtime/plugin/venue_host.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tickplant::plugin {

namespace {

constexpr int32_t server_error = 4100;

std::string_view view(tp_str text) {
  return text.data ? std::string_view{text.data, text.size} : std::string_view{};
}

std::string answered(std::string_view call, int64_t answer, std::string_view thrown) {
  return std::string{call} + " answered " + std::to_string(answer) + " (" + std::string{code_name(answer)} + ')' +
         std::string{thrown};
}

/// The secret that this thread is checking: what the plugin says meanwhile is searched for it.
thread_local std::string_view secret_at_hand;

struct secret_guard {
  explicit secret_guard(std::string_view secret) : before(std::exchange(secret_at_hand, secret)) {}
  ~secret_guard() { secret_at_hand = before; }
  std::string_view before;
};

} // namespace

struct auth_host::table_of {
  static auth_host& of(tp_ctx* ctx) { return *reinterpret_cast<auth_host*>(ctx); }

  static void accept(tp_ctx* ctx, uint64_t request, const tp_principal* who) noexcept {
    try {
      of(ctx).accept(request, who);
    } catch (...) { // out of memory: the request stays open until its deadline
    }
  }
  static void refuse(tp_ctx* ctx, uint64_t request, int32_t code, tp_str reason) noexcept {
    try {
      of(ctx).refuse(request, code, view(reason));
    } catch (...) {
    }
  }
  static int32_t read_file(tp_ctx* ctx, tp_str key, tp_str path, void (*take)(void*, tp_str), void* to) noexcept {
    try {
      return of(ctx).read(view(key), view(path), take, to);
    } catch (...) {
      return TP_E_INTERNAL;
    }
  }
  static void log(tp_ctx* ctx, int32_t level, tp_str text) noexcept {
    try {
      of(ctx).log(std::clamp<int>(level, TP_LOG_DEBUG, TP_LOG_ERROR), view(text).substr(0, 4096));
    } catch (...) { // a log that fails must not stop a login
    }
  }
  static void complain(tp_ctx* ctx, tp_str key, tp_str problem) noexcept {
    auto& self = of(ctx);
    try {
      if (self.is_settling() && self.complaints_.size() < most_complaints)
        self.complaints_.push_back({std::string{view(key)}, std::string{view(problem)}});
    } catch (...) { // out of memory: the complaint is lost
    }
  }
};

auth_host::auth_host(auth_plugin plugin, auth_host_options options)
  : plugin_(std::move(plugin)), settings_(std::move(options.settings)), base_folder_(std::move(options.base_folder)),
    log_(std::move(options.log)) {
  table_ = {.struct_size = sizeof(tp_auth_host),
            .abi_minor = TP_ABI_MINOR,
            .accept = table_of::accept,
            .refuse = table_of::refuse,
            .read_file = table_of::read_file,
            .log = table_of::log,
            .complain = table_of::complain};
}

auth_host::~auth_host() {
  try {
    if (self_) plugin_.ops().destroy(self_);
  } catch (...) { // nothing is left that could be told
  }
  const auto left = std::exchange(pending_, {});
  for (const auto& [request, each] : left) each.done(policy::auth_outcome::refused(server_error, "policy was ended"));
}

template <class Call>
int32_t auth_host::settle(Call&& call, std::string& thrown) {
  settler_ = std::this_thread::get_id();
  settling_ = true;
  int32_t answer = TP_E_INTERNAL;
  try {
    answer = call();
  } catch (const std::exception& fault) {
    thrown = std::string{": "} + fault.what();
  } catch (...) {
    thrown = ": exception of unknown type";
  }
  settling_ = false;
  return answer;
}

std::vector<complaint> auth_host::validate(const auth_plugin& plugin, const auth_host_options& options,
                                           std::vector<std::string>* files) {
  auth_host host{plugin, options};
  std::string thrown;
  const int32_t answer = host.settle(
    [&] { return plugin.ops().validate(host.settings_.config(), &host.table_, reinterpret_cast<tp_ctx*>(&host)); },
    thrown);
  if (answer != TP_OK && host.complaints_.empty())
    host.complaints_.push_back({"", answered("validate", answer, thrown)});
  if (files) *files = std::move(host.files_);
  return std::move(host.complaints_);
}

bool auth_host::create() {
  if (self_ || is_broken()) return self_ && !is_broken();
  std::string thrown;
  const int32_t answer = settle(
    [&] { return plugin_.ops().create(settings_.config(), &table_, reinterpret_cast<tp_ctx*>(this), &self_); }, thrown);
  if (answer != TP_OK) {
    self_ = nullptr;
    why_broken_ = answered("create", answer, thrown);
  } else if (!self_) {
    why_broken_ = "create answered 0 (ok) but set no instance";
  }
  return !is_broken();
}

int32_t auth_host::read(std::string_view key, std::string_view path, void (*hand_to)(void*, tp_str), void* to) {
  if (!is_settling() || !hand_to) return TP_E_ARGUMENT;
  auto file = read_setting_file(base_folder_, path, largest_file);
  if (!file.path.empty() && std::find(files_.begin(), files_.end(), file.path) == files_.end())
    files_.push_back(file.path);
  if (!file.problem.empty()) {
    complaints_.push_back({std::string{key}, file.problem});
    return file.too_large ? TP_E_LIMIT : TP_E_ARGUMENT;
  }
  hand_to(to, {file.bytes.data(), file.bytes.size()});
  ::explicit_bzero(file.bytes.data(), file.bytes.size());
  return TP_OK;
}

void auth_host::check(uint64_t request, const tp_credential& credential, completion done) {
  bool is_new = self_ != nullptr;
  if (is_new) {
    const std::lock_guard hold{lock_};
    is_new = pending_.try_emplace(request, pending{done, credential.now_ns}).second;
  }
  if (!is_new) {
    fault("check: there is no instance, or the request's number is pending already");
    return done(policy::auth_outcome::refused(server_error, "policy cannot be asked"));
  }
  int32_t answer = TP_E_INTERNAL;
  std::string thrown;
  {
    const secret_guard at_hand{view(credential.secret)};
    try {
      answer = plugin_.ops().check(self_, request, &credential);
    } catch (...) {
      thrown = ": an exception left the plugin";
    }
  }
  if (answer >= 0) return;
  fault(answered("check", answer, thrown));
  complete(request, policy::auth_outcome::refused(server_error, "policy failed"));
}

bool auth_host::take(uint64_t request, pending& into) {
  const std::lock_guard hold{lock_};
  const auto found = pending_.find(request);
  if (found == pending_.end()) return false;
  into = std::move(found->second);
  pending_.erase(found);
  return true;
}

bool auth_host::abandon(uint64_t request) {
  pending dropped;
  return take(request, dropped);
}

void auth_host::complete(uint64_t request, policy::auth_outcome outcome) {
  pending asked;
  if (!take(request, asked)) {
    ++ignored_;
    return;
  }
  if (outcome && outcome.who->expires_ns != TP_NONE && outcome.who->expires_ns <= asked.now_ns)
    outcome = policy::auth_outcome::refused(4203, "credential has expired");
  ++(outcome ? accepted_ : refused_);
  asked.done(std::move(outcome));
}

void auth_host::accept(uint64_t request, const tp_principal* given) {
  std::string why;
  auto who = copy_of(given, why);
  if (who && shows_secret(*who, secret_at_hand)) {
    who.reset();
    why = "the principal shows the secret";
  }
  if (who) return complete(request, policy::auth_outcome::accepted(std::move(*who)));
  fault("accept: " + why);
  complete(request, policy::auth_outcome::refused(server_error, "policy failed"));
}

void auth_host::refuse(uint64_t request, int32_t code, std::string_view reason) {
  if (!is_refusal(code)) {
    fault("refuse: " + std::to_string(code) + " is no number of a refusal");
    code = server_error;
    reason = "policy failed";
  } else if (shows_secret(reason, secret_at_hand)) {
    fault("refuse: the reason shows the secret");
    reason = "refused";
  }
  complete(request, policy::auth_outcome::refused(code, tidy_reason(reason, longest_reason)));
}

int32_t auth_host::recheck(const policy::principal& who, int64_t now_ns) {
  if (!self_) return server_error;
  if (!plugin_.ops().recheck) return 0;
  const auto lend = [](const std::string& text) { return tp_str{text.data(), text.size()}; };
  std::vector<tp_str> accounts, entitlements;
  for (const auto& each : who.accounts) accounts.push_back(lend(each));
  for (const auto& each : who.entitlements) entitlements.push_back(lend(each));
  const tp_principal lent{.struct_size = sizeof(tp_principal),
                          .flags = 0,
                          .subject = lend(who.subject),
                          .tier = lend(who.tier),
                          .tenant = lend(who.tenant),
                          .credential = lend(who.credential),
                          .expires_ns = who.expires_ns,
                          .account_count = static_cast<uint32_t>(accounts.size()),
                          .entitlement_count = static_cast<uint32_t>(entitlements.size()),
                          .accounts = accounts.data(),
                          .entitlements = entitlements.data()};
  int32_t answer = TP_E_INTERNAL;
  try {
    answer = plugin_.ops().recheck(self_, &lent, now_ns);
  } catch (...) {
    fault("recheck: an exception left the plugin");
    return server_error;
  }
  if (answer >= 0) return 0;
  if (answer > INT32_MIN && is_refusal(-answer)) return -answer;
  fault(answered("recheck", answer, {}));
  return server_error;
}

std::string_view auth_host::recheck_reason(int32_t code) {
  switch (code) {
    case 0: return "";
    case 4001: return "credential was revoked";
    case 4003: return "not entitled any more";
    case 4203: return "rights have changed: log in again";
    default: return "policy failed";
  }
}

void auth_host::fault(std::string text) {
  ++faults_;
  log(TP_LOG_WARNING, text);
  const std::lock_guard hold{lock_};
  last_fault_ = std::move(text);
}

void auth_host::log(int level, std::string_view text) {
  if (!log_) return;
  log_(level, shows_secret(text, secret_at_hand) ? "a log line was left out: it shows a secret" : text);
}

auth_counts auth_host::counts() const {
  const std::lock_guard hold{lock_};
  return {accepted_, refused_, ignored_, faults_, pending_.size()};
}

std::string auth_host::last_fault() const {
  const std::lock_guard hold{lock_};
  return last_fault_;
}

} // namespace tickplant::plugin
