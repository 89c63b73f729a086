// The policy over judge(): a token in, its principal out.
#include "token.hpp"

#include <stdexcept>

namespace {

namespace sdk = tickplant::sdk;
using namespace tickplant::jwt;

std::vector<tp_str> lent(const std::vector<std::string>& texts) {
  std::vector<tp_str> result;
  for (const auto& each : texts) result.push_back(sdk::to_tp(each));
  return result;
}

class policy {
public:
  static constexpr uint32_t flags = TP_AUTH_NEEDS_CREDENTIAL;

  static void validate(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    read_options(settings, host, good);
  }

  policy(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    rules_ = read_options(settings, host, good);
    if (!good) throw std::invalid_argument("jwt: the settings have faults");
    if (rules_.issuer.empty()) host.log(sdk::log_level::warning, "issuer is not set: tokens of any issuer are taken");
    if (rules_.audience.empty())
      host.log(sdk::log_level::warning, "audience is not set: tokens for every service of the issuer are taken, unless "
                                        "they name an audience");
    host.log(sdk::log_level::info, std::to_string(rules_.keys.size()) + " keys");
  }

  void check(const tp_credential& given, sdk::auth_answer answer) const {
    if (given.secret.size == 0) return answer.refuse(sdk::refusal::failed, "no token was given");
    const auto result = judge(rules_, sdk::view(given.secret), given.now_ns);
    if (result.code != 0) return answer.refuse(result.code, result.reason);
    const auto accounts = lent(result.accounts), entitlements = lent(result.entitlements);
    tp_principal who{};
    who.struct_size = sizeof who;
    who.subject = sdk::to_tp(result.subject);
    who.tier = sdk::to_tp(result.tier);
    who.tenant = sdk::to_tp(result.tenant);
    who.credential = sdk::to_tp(result.credential);
    who.expires_ns = result.expires_ns;
    who.account_count = static_cast<uint32_t>(accounts.size());
    who.entitlement_count = static_cast<uint32_t>(entitlements.size());
    who.accounts = accounts.data();
    who.entitlements = entitlements.data();
    answer.accept(who);
  }

  /// A token cannot be taken back, its key can.
  int32_t recheck(const tp_principal& who, int64_t) const {
    return has_key_of(rules_, sdk::view(who.credential)) ? TP_OK : -sdk::refusal::failed;
  }

private:
  options rules_;
};

} // namespace

TP_AUTH_PLUGIN("jwt", "0.1.0", policy)
