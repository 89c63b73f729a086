// The policy over a key_store: a key text in, its principal out.
#include "key_store.hpp"

#include <stdexcept>

namespace {

namespace sdk = tickplant::sdk;
using namespace tickplant::api_key;

class policy {
public:
  static constexpr uint32_t flags = TP_AUTH_NEEDS_CREDENTIAL;

  static void validate(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    key_store::read(settings, host, good);
  }

  policy(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    keys_ = key_store::read(settings, host, good);
    if (!good) throw std::invalid_argument("api_key: the settings have faults");
    host.log(sdk::log_level::info, std::to_string(keys_.size()) + " keys");
  }

  void check(const tp_credential& given, sdk::auth_answer answer) const {
    if (given.secret.size == 0) return answer.refuse(sdk::refusal::failed, "no key was given");
    const stored_key* const key = keys_.match(sdk::view(given.secret));
    if (!key) return answer.refuse(sdk::refusal::failed, "key is not known");
    if (key->expires_ns != TP_NONE && given.now_ns >= key->expires_ns)
      return answer.refuse(sdk::refusal::failed, "key has expired");
    const std::string name = public_name(*key);
    std::vector<tp_str> entitlements;
    for (const auto& each : key->entitlements) entitlements.push_back(sdk::to_tp(each));
    tp_principal who{};
    who.struct_size = sizeof who;
    who.subject = sdk::to_tp(key->subject);
    who.tier = sdk::to_tp(key->tier);
    who.tenant = sdk::to_tp(key->tenant);
    who.credential = sdk::to_tp(name);
    who.expires_ns = key->expires_ns;
    who.entitlement_count = static_cast<uint32_t>(entitlements.size());
    who.entitlements = entitlements.data();
    answer.accept(who);
  }

  int32_t recheck(const tp_principal& who, int64_t) const {
    const auto name = sdk::view(who.credential);
    const stored_key* const key = keys_.find(name.substr(0, name.find('/')));
    if (!key || public_name(*key) != name) return -sdk::refusal::failed;
    bool same = sdk::view(who.subject) == key->subject && sdk::view(who.tier) == key->tier &&
                sdk::view(who.tenant) == key->tenant && who.expires_ns == key->expires_ns &&
                who.entitlement_count == key->entitlements.size();
    for (size_t i = 0; same && i < key->entitlements.size(); ++i)
      same = sdk::view(who.entitlements[i]) == key->entitlements[i];
    return same ? TP_OK : -sdk::refusal::expired;
  }

private:
  key_store keys_;
};

} // namespace

TP_AUTH_PLUGIN("api_key", "0.1.0", policy)
