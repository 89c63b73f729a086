// How a TCP service answers one request after the other: a response, then pieces of an answer as the connection takes
// them.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"
#include "tickplant_sim/lse/service_protocol.hpp"

#include <memory>

namespace tickplant::sim::lse {

/// What is still to be sent of an answer.
class answer_job {
public:
  virtual ~answer_job() = default;
  /// Appends the next piece, whole units of some kilobytes; false when nothing was left.
  virtual bool next(byte_buffer& out) = 0;
};

struct prepared_answer {
  char status = answer::other;
  message_buffer response;
  std::unique_ptr<answer_job> job; // null when refused
};

class answer_service {
public:
  virtual ~answer_service() = default;

  virtual service_kind kind() const noexcept = 0;
  /// `stale`: from an old picture, where the service has one. Called when the request's turn has come.
  virtual prepared_answer prepare(const client_message& request, bool stale) = 0;
  /// The response that refuses a request with this status, 0 for the service's own way to say "not available".
  virtual message_buffer refuse(const client_message& request, char status) const = 0;
  /// True when it has an old picture to give.
  virtual bool has_stale() const noexcept { return false; }
};

} // namespace tickplant::sim::lse
