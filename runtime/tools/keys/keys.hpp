// API keys for the auth policy `api_key`: made from the system's randomness, kept as digests in a keys file. The file
// is changed by writing a new one and renaming it over the old, with mode 0600, under a lock of its folder. Blocking
// file I/O; for tools. Faults are thrown as key_fault with file, cause and what to do.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::keys {

struct key_fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a new key is good for; empty words are not given.
struct key_request {
  std::string id;      // 1 to 32 of a-z, 0-9 and '-'
  std::string subject; // default: the id
  std::string tier, tenant;
  std::string expires;      // "2027-01-31" or "2027-01-31T12:00:00Z"
  std::string entitlements; // patterns with commas between
};

struct new_key {
  std::string text; // for the client, told once: tpk_<id>_<secret>
  std::string line; // for the keys file; does not show the secret
};

new_key new_api_key(const key_request& request);
inline new_key new_api_key(std::string_view id) {
  return new_api_key(
    key_request{.id = std::string{id}, .subject = {}, .tier = {}, .tenant = {}, .expires = {}, .entitlements = {}});
}

/// Adds a line at the end; makes the file if there is none. An id that is there already is a fault.
void append_key(const std::string& file, std::string_view line);
/// Takes the lines of an id out; false if there is none. Comments and other lines stay as they are.
bool revoke_key(const std::string& file, std::string_view id);

/// One line of a keys file as written; "-" for what is not given.
struct listed_key {
  std::string id, sha256, subject, tier, tenant, expires, entitlements;
};
std::vector<listed_key> list_keys(const std::string& file);

} // namespace tickplant::keys
