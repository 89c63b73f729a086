#include "tickplant_sim/lse/service_desk.hpp"

#include <algorithm>

namespace tickplant::sim::lse {
namespace {

constexpr std::chrono::milliseconds longest_wait{5'000};

constexpr std::size_t index_of(service_kind kind) {
  return static_cast<std::size_t>(kind);
}

} // namespace

std::chrono::milliseconds service_desk::wait_of(usage& of, steady_time now) const {
  const bool quick = of.last_login && now - *of.last_login < rules_.quick_login + of.wait;
  of.last_login = now;
  of.wait = quick ? std::clamp(of.wait * 2, rules_.quick_login, longest_wait) : std::chrono::milliseconds{0};
  return of.wait;
}

service_desk::verdict service_desk::log_in(const login_request& login, service_kind kind, steady_time now) {
  const auto account = std::find_if(rules_.accounts.begin(), rules_.accounts.end(),
                                    [&login](const auto& one) { return one.comp_id == login.comp_id; });
  const bool is_gtp = protocol_ == protocol::gtp;
  if (account == rules_.accounts.end())
    return {is_gtp ? std::optional{login_answer::invalid} : std::nullopt, std::chrono::milliseconds{0}};
  auto& of = used_[login.comp_id];
  const auto wait = wait_of(of, now);
  if (account->locked) return {login_answer::locked, wait};
  if (!is_gtp && login.password != account->password) return {login_answer::other, wait};
  // GTP allows a CompID on one service only, MITCH on one connection of each.
  const bool elsewhere = of.connected[index_of(kind)] || (is_gtp && (of.connected[0] || of.connected[1]));
  if (elsewhere) return {login_answer::concurrent, wait};
  if (of.logins[index_of(kind)] >= rules_.logins_a_day) return {login_answer::limit, wait};
  ++of.logins[index_of(kind)];
  of.connected[index_of(kind)] = true;
  return {login_answer::accepted, wait};
}

void service_desk::log_out(const std::string& comp_id, service_kind kind) {
  if (const auto of = used_.find(comp_id); of != used_.end()) of->second.connected[index_of(kind)] = false;
}

bool service_desk::may_request(const std::string& comp_id, service_kind kind) {
  auto& requests = used_[comp_id].requests[index_of(kind)];
  if (requests >= (kind == service_kind::replay ? rules_.replays_a_day : rules_.recoveries_a_day)) return false;
  ++requests;
  return true;
}

void service_desk::begin_day() {
  for (auto& [comp_id, of] : used_) {
    of.logins = {};
    of.requests = {};
  }
}

} // namespace tickplant::sim::lse
