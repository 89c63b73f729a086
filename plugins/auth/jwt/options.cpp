#include "options.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace tickplant::jwt {

namespace {

constexpr int64_t most_leeway_ns = int64_t{600} * 1'000'000'000, most_age_ns = int64_t{366} * 86'400 * 1'000'000'000;

class reader {
public:
  reader(sdk::settings settings, sdk::auth_host host) : settings_(settings), host_(host) {}

  options read() {
    sort_keys();
    for (const auto& [kid, fields] : keys_) read_key(kid, fields);
    if (const auto path = settings_.find("jwks_file")) read_set(*path);
    check_names();
    read_rules();
    return std::move(result_);
  }
  bool is_good() const { return good_; }

private:
  using key_fields = std::map<std::string_view, std::string_view>;

  void complain(std::string_view key, std::string_view problem) {
    host_.complain(key, problem);
    good_ = false;
  }

  /// Finds what belongs to keys.<kid>, and complains about what is not known.
  void sort_keys() {
    static const std::set<std::string_view> plain{"jwks_file",  "issuer",       "audience",       "leeway",
                                                  "max_age",    "typ",          "require_expiry", "subject_claim",
                                                  "tier_claim", "tenant_claim", "accounts_claim", "entitlements_claim"};
    static const std::set<std::string_view> of_key{"alg", "secret", "secret_file", "public_key_file"};
    for (const auto& pair : settings_.pairs()) {
      const auto key = sdk::view(pair.key);
      const auto dot = key.rfind('.');
      if (plain.contains(key) || key.starts_with("audience.")) continue;
      if (key.starts_with("keys.") && dot > 5 && of_key.contains(key.substr(dot + 1)))
        keys_[std::string{key.substr(5, dot - 5)}][key.substr(dot + 1)] = sdk::view(pair.value);
      else
        complain(key, "is no key of this policy; see jwt.yaml.example");
    }
  }

  void read_key(const std::string& kid, const key_fields& given) {
    const std::string at = "keys." + kid;
    const auto value = [&](std::string_view name) {
      const auto found = given.find(name);
      return found == given.end() ? std::string_view{} : found->second;
    };
    if (!is_key_name(kid)) return complain(at, "wanted a name of 1 to 128 bytes of visible ASCII without #");
    const auto which = parse_algorithm(value("alg"));
    if (!which) return complain(at + ".alg", "wanted HS256, RS256, ES256 or EdDSA");
    const size_t sources = given.count("secret") + given.count("secret_file") + given.count("public_key_file");
    if (sources != 1) return complain(at, "wanted one of secret, secret_file, public_key_file");
    const char* const source = given.contains("secret")        ? "secret"
                               : given.contains("secret_file") ? "secret_file"
                                                               : "public_key_file";
    const bool is_secret = source != std::string_view{"public_key_file"};
    if (is_secret != (*which == algorithm::hs256))
      return complain(at, is_secret ? "a secret is for HS256 alone" : "HS256 wants secret or secret_file");
    std::string bytes{value("secret")};
    if (source != std::string_view{"secret"}) {
      auto file = host_.read_file(at + '.' + source, value(source));
      if (!file) {
        good_ = false;
        return;
      }
      bytes = std::move(*file);
    }
    if (source == std::string_view{"secret_file"} && bytes.ends_with('\n')) bytes.pop_back(); // an editor's
    std::string problem;
    auto key = is_secret ? verify_key::from_secret(bytes, problem) : verify_key::from_pem(*which, bytes, problem);
    if (!key) return complain(at + '.' + source, problem);
    result_.keys.push_back({kid, std::move(*key)});
  }

  void read_set(std::string_view path) {
    const auto text = host_.read_file("jwks_file", path);
    if (!text) {
      good_ = false;
      return;
    }
    read_jwks(
      *text, result_.keys,
      [&](const std::string& why) { host_.log(sdk::log_level::info, "jwks_file: left out: " + why); },
      [&](const std::string& why) { complain("jwks_file", why); });
  }

  void check_names() {
    std::set<std::string_view> names;
    for (const auto& [kid, key] : result_.keys) {
      if (kid.empty() && result_.keys.size() > 1)
        complain("jwks_file", "a key without kid is of use only if it is the only key");
      else if (!names.insert(kid).second)
        complain("keys." + kid, "is there twice");
    }
    if (result_.keys.empty() && good_)
      complain("keys", "there is no key, and no jwks_file with one: nobody could log in");
  }

  void read_text(std::string_view key, std::string& to, bool may_be_empty) {
    const auto value = settings_.find(key);
    if (!value) return;
    if ((value->empty() && !may_be_empty) || value->size() > 1024) complain(key, "wanted 1 to 1024 bytes");
    to = *value;
  }

  void read_duration(std::string_view key, int64_t& to, int64_t most) {
    const auto value = settings_.find(key);
    if (!value) return;
    const auto length = sdk::to_duration_ns(*value);
    if (!length || *length > static_cast<uint64_t>(most))
      return complain(key, key == "leeway" ? "wanted a time of at most 10m, as 30s"
                                           : "wanted a time of at most 8784h, as 12h");
    to = static_cast<int64_t>(*length);
  }

  void read_rules() {
    read_text("issuer", result_.issuer, true);
    for (const auto each : settings_.list("audience")) result_.audience.emplace_back(each);
    if (std::count(result_.audience.begin(), result_.audience.end(), "") > 0) complain("audience", "is empty");
    read_text("typ", result_.type, true);
    read_duration("leeway", result_.leeway_ns, most_leeway_ns);
    read_duration("max_age", result_.max_age_ns, most_age_ns);
    if (const auto value = settings_.find("require_expiry")) {
      result_.require_expiry = *value != "false";
      if (*value != "true" && *value != "false") complain("require_expiry", "wanted true or false");
    }
    read_text("subject_claim", result_.subject_claim, false);
    read_text("tier_claim", result_.tier_claim, true);
    read_text("tenant_claim", result_.tenant_claim, true);
    read_text("accounts_claim", result_.accounts_claim, true);
    read_text("entitlements_claim", result_.entitlements_claim, true);
  }

  sdk::settings settings_;
  sdk::auth_host host_;
  std::map<std::string, key_fields> keys_; // by kid
  options result_;
  bool good_ = true;
};

} // namespace

options read_options(sdk::settings settings, sdk::auth_host host, bool& good) {
  reader reading{settings, host};
  auto result = reading.read();
  good = reading.is_good();
  return result;
}

} // namespace tickplant::jwt
