// All keys of one configuration. Read by several threads once it is made.
#pragma once

#include "key_line.hpp"

#include <tickplant/auth.hpp>

#include <map>
#include <string>
#include <string_view>

namespace tickplant::api_key {

class key_store {
public:
  static constexpr size_t most_keys = 100'000;

  /// Complains about every fault; `good` tells whether there was none.
  static key_store read(sdk::settings settings, sdk::auth_host host, bool& good);

  /// The key whose text this is, or null. Takes the same work for an unknown id as for a wrong secret.
  const stored_key* match(std::string_view key_text) const;
  const stored_key* find(std::string_view id) const;
  size_t size() const { return keys_.size(); }

private:
  std::map<std::string, stored_key, std::less<>> keys_;
};

/// The public name of a key: "alice/9f86d081", its id and the start of its digest. It tells a key that was replaced
/// under its old id, and is of no use for finding a secret of 256 random bits.
std::string public_name(const stored_key& key);

} // namespace tickplant::api_key
