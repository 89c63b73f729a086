#include "actors/gateway_logins.hpp"

#include "runtime/telemetry/log.hpp"
#include "runtime/wire/error_registry.hpp"

namespace tickplant::actors {

namespace {

void put(std::string& line, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  line += ' ';
  line += key;
  line += '=';
  // Quoted where a blank or a quote would end the value; what comes from outside stays one value.
  const bool is_plain = value.find_first_of(" \"=\\") == std::string_view::npos;
  if (is_plain) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  line += '"';
}

} // namespace

std::shared_ptr<const policy::entitlement> rights_of(const gateway_settings& settings, const policy::principal& who) {
  auto granted = settings.tiers.grant(who);
  return granted ? std::make_shared<const policy::entitlement>(std::move(*granted)) : nullptr;
}

const known_principal& known_as(gateway_context& context, const policy::principal& who) {
  auto& newest = context.newest;
  if (!newest.who || newest.under != context.settings || *newest.who != who)
    newest = {context.settings, std::make_shared<const policy::principal>(who), rights_of(*context.settings, who)};
  return newest;
}

entrance enter(gateway_context& context, fanout::client_key client, const policy::auth_outcome& outcome,
               const fanout::client_identity* now) {
  if (!outcome.who) return {outcome.code, outcome.reason, {}};
  const auto& who = *outcome.who;
  const auto& known = known_as(context, who);
  if (!known.rights)
    return {wire::number_of(wire::error_code::connection_not_entitled),
            "the tier '" + who.tier + "' is not configured here",
            {}};
  const bool is_same =
    now && now->ticket && now->who && now->who->subject == who.subject && now->who->tenant == who.tenant;
  if (is_same) return {0, {}, {known.who, known.rights, now->ticket}};
  // Two tenants may well have users of one name.
  std::function<void()> send_away;
  if (known.rights->oldest_gives_way())
    send_away = [&context, client] { context.loop.post([&context, client] { context.give_way(client); }); };
  auto ticket = context.principals->enter(who.tenant.empty() ? who.subject : who.tenant + '/' + who.subject,
                                          known.rights->max_connections(), std::move(send_away));
  if (!ticket)
    return {wire::number_of(wire::error_code::connection_limit), "this client has too many connections open", {}};
  return {0, {}, {known.who, known.rights, std::make_shared<policy::principal_table::ticket>(std::move(ticket))}};
}

policy::auth_outcome judged_now(policy::auth_outcome outcome, const void* judge, const listener_rules& now) {
  if (!outcome.who || !now.auth || now.auth->host.get() == judge) return outcome;
  return policy::auth_outcome::refused(wire::number_of(wire::error_code::overloaded),
                                       "the keys have just changed; try again");
}

std::string to_text(const login_event& event) {
  std::string line{event.what};
  line += event.code == 0 ? " accepted" : " refused";
  if (event.code != 0) put(line, "code", std::to_string(event.code));
  put(line, "reason", event.reason);
  put(line, "peer", event.peer);
  put(line, "listener", event.listener);
  put(line, "target", event.target);
  put(line, "origin", event.origin);
  if (const auto* who = event.principal) {
    put(line, "subject", who->subject);
    put(line, "tier", who->tier);
    put(line, "tenant", who->tenant);
    put(line, "credential", who->credential);
  }
  return line;
}

void audit(const login_event& event) {
  const auto trace = telemetry::parse_traceparent(event.trace_parent);
  telemetry::audit("gateway", to_text(event), trace ? &*trace : nullptr);
}

} // namespace tickplant::actors
