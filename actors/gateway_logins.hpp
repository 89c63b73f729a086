// What becomes of a credential: rights, the count of a principal's connections, and the audit trail. Plain functions
// over the loop's context; loop thread.
#pragma once

#include "actors/gateway_context.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::actors {

/// What a principal may see under these settings; null if its tier is not configured.
std::shared_ptr<const policy::entitlement> rights_of(const gateway_settings& settings, const policy::principal& who);

/// What is known of a principal under the settings of now; until the next call.
const known_principal& known_as(gateway_context& context, const policy::principal& who);

/// A principal that was let in, or why it was not.
struct entrance {
  int32_t code = 0; // 0: it was let in
  std::string reason;
  fanout::client_identity identity;
};
/// Takes the answer of a login check to its end: the tier has to be configured, and to allow one more connection.
/// `now`: a client that is in already, and keeps its place if it is the same principal.
entrance enter(gateway_context& context, fanout::client_key client, const policy::auth_outcome& outcome,
               const fanout::client_identity* now = nullptr);

/// An answer by an instance that a reload has replaced meanwhile does not count: it may know a key that is revoked.
policy::auth_outcome judged_now(policy::auth_outcome outcome, const void* judge, const listener_rules& now);

/// One attempt to connect or to log in, as the audit trail has it. Holds no secret.
struct login_event {
  std::string_view what; // "connect", "login", "disconnect"
  std::string_view peer, listener;
  std::string_view target; // of the request, secrets cut out; may be empty
  std::string_view origin;
  int32_t code = 0; // 0: accepted
  std::string_view reason;
  const policy::principal* principal = nullptr;
  std::string_view trace_parent; // the client's own; empty or malformed: none
};
std::string to_text(const login_event& event);
void audit(const login_event& event);

} // namespace tickplant::actors
