// Who may use the replay and recovery services: CompIDs, who is connected, what each has used up of its daily limits.
// One desk serves both services. Pure: time comes in.
#pragma once

#include "tickplant_sim/faults.hpp"
#include "tickplant_sim/lse/service_protocol.hpp"

#include <array>
#include <chrono>
#include <map>

namespace tickplant::sim::lse {

struct service_account {
  std::string comp_id;
  std::string password;
  bool locked = false;
};

struct service_rules {
  std::vector<service_account> accounts{{"TICK01", "mit_1234", false}, {"TICK02", "mit_1234", false}};
  std::uint32_t logins_a_day = 3'000;  // per CompID and service
  std::uint32_t replays_a_day = 3'000; // per CompID
  std::uint32_t recoveries_a_day = 3'000;
  /// Time for the login, for the first request, and for the client's end after the last message.
  std::chrono::milliseconds patience{5'000};
  /// Logins that come faster wait longer and longer.
  std::chrono::milliseconds quick_login{100};
};

class service_desk {
public:
  service_desk(protocol name, service_rules rules) : protocol_{name}, rules_{std::move(rules)} {}

  const service_rules& rules() const noexcept { return rules_; }

  struct verdict {
    /// A letter of `login_answer`; nothing: close without a word.
    std::optional<char> answer;
    /// How long the answer waits, because the CompID logs in too fast.
    std::chrono::milliseconds wait{0};
  };
  /// Takes the service for the CompID when the answer is "accepted".
  verdict log_in(const login_request& login, service_kind kind, steady_time now);
  void log_out(const std::string& comp_id, service_kind kind);
  /// Counts a request; false when the day's limit is reached.
  bool may_request(const std::string& comp_id, service_kind kind);
  /// Forgets what was used up.
  void begin_day();

private:
  struct usage {
    std::array<std::uint32_t, 2> logins{};
    std::array<std::uint32_t, 2> requests{};
    std::array<bool, 2> connected{};
    std::optional<steady_time> last_login;
    std::chrono::milliseconds wait{0};
  };

  std::chrono::milliseconds wait_of(usage& of, steady_time now) const;

  protocol protocol_;
  service_rules rules_;
  std::map<std::string, usage, std::less<>> used_; // known CompIDs only, so it is bounded
};

} // namespace tickplant::sim::lse
