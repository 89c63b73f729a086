// Resends messages of the channel by their numbers, as they were sent, in units of its own framing. A range that is not
// wholly in the cache is refused as a whole.
#pragma once

#include "tickplant_sim/lse/answer_service.hpp"
#include "tickplant_sim/lse/message_cache.hpp"

namespace tickplant::sim::lse {

class replay_service final : public answer_service {
public:
  /// `protocol` and `cache` must outlive it.
  replay_service(const service_protocol& protocol, const message_cache& cache, char group)
    : protocol_{protocol}, cache_{cache}, group_{group} {}

  service_kind kind() const noexcept override { return service_kind::replay; }
  prepared_answer prepare(const client_message& request, bool stale) override;
  message_buffer refuse(const client_message& request, char status) const override;

private:
  char judge(const client_message& request) const;

  const service_protocol& protocol_;
  const message_cache& cache_;
  char group_;
};

} // namespace tickplant::sim::lse
