#include "key_store.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <set>

namespace tickplant::api_key {

namespace {

constexpr std::string_view fields[] = {"sha256", "subject", "tier", "tenant", "expires", "entitlements"};

bool sha256_of(std::string_view text, digest& to) {
  unsigned size = 0;
  return EVP_Digest(text.data(), text.size(), to.data(), &size, EVP_sha256(), nullptr) == 1 && size == to.size();
}

/// Calls `take` with each line that says something, and its number from 1.
template <class Take>
void each_line(std::string_view text, Take&& take) {
  for (size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, std::min(text.substr(0, end).find('#'), end));
    if (line.find_first_not_of(" \t\r") != line.npos) take(number, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

} // namespace

key_store key_store::read(sdk::settings settings, sdk::auth_host host, bool& good) {
  key_store store;
  good = true;
  const auto complain = [&](std::string_view key, std::string_view problem) {
    host.complain(key, problem);
    good = false;
  };
  const auto add = [&](std::string_view key, std::string_view place, std::string problem, stored_key made) {
    if (problem.empty() && store.keys_.contains(made.id)) problem = "key " + made.id + " is there twice";
    if (problem.empty() && store.keys_.size() == most_keys) problem = "there are more than 100000 keys";
    if (!problem.empty()) return complain(key, std::string{place} + problem);
    auto id = made.id;
    store.keys_.emplace(std::move(id), std::move(made));
  };
  std::set<std::string_view> inline_ids;
  for (const auto& pair : settings.pairs()) {
    const auto key = sdk::view(pair.key);
    if (key == "keys_file") continue;
    const auto dot = key.rfind('.');
    const bool is_field = key.starts_with("keys.") && dot > 5 && dot != key.npos &&
                          std::find(std::begin(fields), std::end(fields), key.substr(dot + 1)) != std::end(fields);
    if (is_field)
      inline_ids.insert(key.substr(5, dot - 5));
    else
      complain(key, "is no key of this policy; known: keys_file, keys.<id>.sha256, subject, tier, tenant, expires, "
                    "entitlements");
  }
  if (const auto path = settings.find("keys_file")) {
    const auto text = host.read_file("keys_file", *path);
    if (!text)
      good = false;
    else
      each_line(*text, [&](size_t number, std::string_view line) {
        stored_key made;
        auto problem = read_line(line, made);
        add("keys_file", "line " + std::to_string(number) + ": ", std::move(problem), std::move(made));
      });
  }
  for (const auto id : inline_ids) {
    const auto base = "keys." + std::string{id} + '.';
    const auto word = [&](const char* field) { return settings.find(base + field).value_or(std::string_view{}); };
    stored_key made;
    auto problem = read_words(
      {id, word("sha256"), word("subject"), word("tier"), word("tenant"), word("expires"), word("entitlements")}, made);
    add(base.substr(0, base.size() - 1), "", std::move(problem), std::move(made));
  }
  if (!settings.find("keys_file") && inline_ids.empty())
    complain("keys_file", "is missing, and keys too: nobody could log in");
  return store;
}

const stored_key* key_store::find(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const stored_key* key_store::match(std::string_view key_text) const {
  static constexpr digest nobodys{}; // no text is known that hashes to zeros; a match would still be refused below
  const auto id = id_of(key_text);
  const stored_key* const known = id ? find(*id) : nullptr;
  digest given{};
  const bool is_hashed = sha256_of(key_text, given);
  const auto& wanted = known ? known->sha256 : nobodys;
  const bool is_same = CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
  return known && is_hashed && is_same ? known : nullptr;
}

std::string public_name(const stored_key& key) {
  constexpr char hex[] = "0123456789abcdef";
  std::string name = key.id + '/';
  for (size_t i = 0; i < 4; ++i) {
    name += hex[key.sha256[i] >> 4];
    name += hex[key.sha256[i] & 15];
  }
  return name;
}

} // namespace tickplant::api_key
