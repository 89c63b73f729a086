// Who a client is, as an auth policy told it, in our own memory; and the answer to one credential. Plain values, a
// header alone (component tickplant::principal), so that the plugin host and the policies share it.
#pragma once

#include <tickplant/auth.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::policy {

struct principal {
  std::string subject;          // shown in logs and the admin view; 1 to 256 bytes, printable
  std::string tier;             // empty: none, no bound but the listener's
  std::string tenant;           // empty: none
  std::string credential;       // public name of the key or token, never the secret
  int64_t expires_ns = TP_NONE; // wall clock; the session ends then. TP_NONE: never
  std::vector<std::string> accounts, entitlements;

  friend bool operator==(const principal&, const principal&) = default;
};

/// One for all that know the same client.
using principal_ptr = std::shared_ptr<const principal>;

/// Either a principal, or a number of the protocol's registry (4001, 4100, ...) with a reason for client and audit log.
struct auth_outcome {
  std::optional<principal> who;
  int32_t code = 0; // 0 with a principal
  std::string reason;

  static auth_outcome accepted(principal who) { return {std::move(who), 0, {}}; }
  static auth_outcome refused(int32_t code, std::string_view reason) {
    return {std::nullopt, code, std::string{reason}};
  }
  explicit operator bool() const { return who.has_value(); }
};

/// Bytes that are overwritten when they are no longer needed. Moves leave nothing behind; there are no copies.
class secret_text {
public:
  secret_text() = default;
  explicit secret_text(std::string_view text) : text_(text) {}
  secret_text(secret_text&& other) noexcept { *this = std::move(other); }
  secret_text& operator=(secret_text&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    text_.swap(other.text_); // a short text lies inside the object: swap it out, then wipe what is left there
    other.wipe();
    return *this;
  }
  ~secret_text() { wipe(); }

  std::string_view view() const { return text_; }
  bool empty() const { return text_.empty(); }
  __attribute__((noinline)) void wipe() noexcept { // inlined, g++ 12 warns of a write that cannot be
    // Within the capacity a string does not move its bytes.
    text_.resize(text_.capacity());
    ::explicit_bzero(text_.data(), text_.size());
    text_.clear();
  }

private:
  std::string text_;
};

/// A credential in our own memory, on its way to a policy.
struct credential {
  uint32_t carrier = TP_CARRIER_NONE;
  secret_text secret;
  std::string scheme;   // of an Authorization header, as sent
  std::string peer;     // address without port
  std::string listener; // its configured name
  int64_t now_ns = 0;   // wall clock
};

} // namespace tickplant::policy
