#include "runtime/plugin/auth_copy.hpp"

#include "runtime/plugin/auth_host.hpp"
#include "runtime/plugin/manifest.hpp"

#include <algorithm>

namespace tickplant::plugin {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// Copies one name, or says what is wrong with it.
bool copy_name(std::string_view what, tp_str given, std::string& to, std::string& why) {
  if (given.size > 0 && !given.data) {
    why = std::string{what} + " has a size but no bytes";
  } else if (given.size > auth_host::longest_name) {
    why = std::string{what} + " has " + std::to_string(given.size) + " bytes, at most " +
          std::to_string(auth_host::longest_name) + " are taken";
  } else {
    to.assign(given.data ? given.data : "", given.size);
    if (std::none_of(to.begin(), to.end(), is_control)) return true;
    why = std::string{what} + " holds a control character";
  }
  return false;
}

bool copy_list(std::string_view what, const tp_str* given, uint32_t count, std::vector<std::string>& to,
               std::string& why) {
  if (count > auth_host::most_names || (count > 0 && !given)) {
    why =
      std::string{what} + (given ? " has too many entries: " : " has a count but no entries: ") + std::to_string(count);
    return false;
  }
  to.resize(count);
  for (uint32_t i = 0; i < count; ++i)
    if (!copy_name(what, given[i], to[i], why)) return false;
  return true;
}

} // namespace

std::optional<policy::principal> copy_of(const tp_principal* given, std::string& why) {
  if (!given || given->struct_size < sizeof(tp_principal)) {
    why = "the principal is null or too short";
    return std::nullopt;
  }
  const tp_principal p = widened(given);
  policy::principal who;
  who.expires_ns = p.expires_ns;
  if (!copy_name("subject", p.subject, who.subject, why) || !copy_name("tier", p.tier, who.tier, why) ||
      !copy_name("tenant", p.tenant, who.tenant, why) || !copy_name("credential", p.credential, who.credential, why) ||
      !copy_list("accounts", p.accounts, p.account_count, who.accounts, why) ||
      !copy_list("entitlements", p.entitlements, p.entitlement_count, who.entitlements, why))
    return std::nullopt;
  if (who.subject.empty()) {
    why = "the principal has no subject";
    return std::nullopt;
  }
  return who;
}

std::string tidy_reason(std::string_view reason, size_t longest) {
  if (reason.size() > longest) {
    reason = reason.substr(0, longest);
    // Not inside a character: go back behind its continuation bytes and its lead.
    while (!reason.empty() && (static_cast<unsigned char>(reason.back()) & 0xC0) == 0x80) reason.remove_suffix(1);
    if (!reason.empty() && static_cast<unsigned char>(reason.back()) >= 0xC0) reason.remove_suffix(1);
  }
  std::string tidy{reason};
  std::replace_if(tidy.begin(), tidy.end(), is_control, '?');
  return tidy;
}

bool shows_secret(std::string_view text, std::string_view secret) {
  return secret.size() >= 8 && text.find(secret) != text.npos;
}

bool shows_secret(const policy::principal& who, std::string_view secret) {
  const auto shows = [&](const std::string& text) { return shows_secret(text, secret); };
  return shows(who.subject) || shows(who.tier) || shows(who.tenant) || shows(who.credential) ||
         std::any_of(who.accounts.begin(), who.accounts.end(), shows) ||
         std::any_of(who.entitlements.begin(), who.entitlements.end(), shows);
}

} // namespace tickplant::plugin
