// Reads protobuf's wire format and of it what an OTLP trace request holds: by the published field numbers, sharing
// nothing with the library that wrote it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::telemetry::testing {

struct otlp_span {
  std::string trace_id, span_id, parent_id, name; ///< ids as bytes
  uint64_t kind = 0, start_ns = 0, end_ns = 0, status = 0;
  std::string message;
  std::map<std::string, std::string> texts;
  std::map<std::string, int64_t> numbers;
};

struct otlp_request {
  std::map<std::string, std::string> resource; ///< text attributes
  std::string scope, scope_version;
  std::vector<otlp_span> spans;
};

/// ExportTraceServiceRequest. Throws std::runtime_error for what is no such message.
otlp_request read_otlp(std::string_view bytes);

} // namespace tickplant::telemetry::testing
