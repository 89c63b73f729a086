// Everybody is welcome, as the principal of the settings. A credential is ignored.
#include <tickplant/auth.hpp>

#include <stdexcept>

namespace {

namespace sdk = tickplant::sdk;

constexpr size_t longest_name = 256;

struct options {
  std::string subject = "anonymous", tier, tenant;
};

options read(sdk::settings settings, sdk::auth_host host, bool& good) {
  options result;
  good = true;
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key);
    const auto value = sdk::view(pair.value);
    std::string* const to = key == "subject"  ? &result.subject
                            : key == "tier"   ? &result.tier
                            : key == "tenant" ? &result.tenant
                                              : nullptr;
    if (to) *to = value;
    if (to && value.size() <= longest_name) continue;
    host.complain(key, to ? "is longer than 256 bytes" : "is no key of this policy; known: subject, tier, tenant");
    good = false;
  }
  if (result.subject.empty()) host.complain("subject", "is empty");
  good = good && !result.subject.empty();
  return result;
}

class anonymous {
public:
  static constexpr uint32_t flags = 0;

  static void validate(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    read(settings, host, good);
  }

  anonymous(sdk::settings settings, sdk::auth_host host) {
    bool good = false;
    options_ = read(settings, host, good);
    if (!good) throw std::invalid_argument("anonymous: the settings have faults");
  }

  void check(const tp_credential&, sdk::auth_answer answer) const {
    tp_principal who{};
    who.struct_size = sizeof who;
    who.subject = sdk::to_tp(options_.subject);
    who.tier = sdk::to_tp(options_.tier);
    who.tenant = sdk::to_tp(options_.tenant);
    who.expires_ns = TP_NONE;
    answer.accept(who);
  }

  int32_t recheck(const tp_principal& who, int64_t) const {
    const bool same = sdk::view(who.subject) == options_.subject && sdk::view(who.tier) == options_.tier &&
                      sdk::view(who.tenant) == options_.tenant;
    return same ? TP_OK : -sdk::refusal::expired;
  }

private:
  options options_;
};

} // namespace

TP_AUTH_PLUGIN("anonymous", "0.1.0", anonymous)
