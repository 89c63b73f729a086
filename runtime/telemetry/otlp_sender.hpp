// Spans to an OpenTelemetry collector: OTLP over HTTP, binary protobuf. Hides the OpenTelemetry SDK.
#pragma once

#include "runtime/telemetry/span.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tickplant::telemetry {

/// Why this is no collector's base URL ("http://127.0.0.1:4318"); empty: it is one.
std::string fault_of_collector(std::string_view url);
/// The URL without what may be secret in it: user, password, query.
std::string public_url(std::string_view url);

struct otlp_target {
  std::string base_url;                     ///< `/v1/traces` is added
  std::string service, node, version;       ///< the resource's service.name, service.instance.id, service.version
  std::chrono::milliseconds timeout{1'000}; ///< for one POST, connecting included
  friend bool operator==(const otlp_target&, const otlp_target&) = default;
};

/// What the SDK says goes to our log as debug lines of the component "telemetry": a collector that is down would fill
/// it. One sender of the process is used at a time: the SDK has one voice for all.
class otlp_sender {
public:
  explicit otlp_sender(const otlp_target& target);
  ~otlp_sender();
  otlp_sender(const otlp_sender&) = delete;
  otlp_sender& operator=(const otlp_sender&) = delete;

  /// One POST; waits for its answer, for the target's timeout at most. False: not delivered, as far as is known.
  bool send(std::span<const span_record> records) noexcept;
  /// Why the last `send` failed.
  static std::string complaint();

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tickplant::telemetry
