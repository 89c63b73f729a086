#include "runtime/telemetry/otlp_sender.hpp"

#include "runtime/telemetry/log.hpp"

#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/instrumentationscope/instrumentation_scope.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/recordable.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace tickplant::telemetry {

namespace {

namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk;
namespace api = opentelemetry::trace;
using sdk::common::internal_log::LogLevel;

// The SDK has one log for the whole process.
class sdk_log final : public sdk::common::internal_log::LogHandler {
public:
  void Handle(LogLevel at, const char*, int, const char* text, const sdk::common::AttributeMap&) noexcept override {
    try {
      const std::string_view said = text ? text : "";
      log(level::debug, "telemetry", said);
      std::lock_guard guard{lock_};
      if (at == LogLevel::Error && first_error_.empty()) first_error_ = cut_utf8(said, most_text);
    } catch (...) { // no memory for a line: go on without it
    }
  }

  static void forget() {
    std::lock_guard guard{lock_};
    first_error_.clear();
  }
  static std::string first_error() {
    std::lock_guard guard{lock_};
    return first_error_;
  }

private:
  static constexpr size_t most_text = 300;
  static inline std::mutex lock_;
  static inline std::string first_error_;
};

void take_over_sdk_log() {
  static const bool once = [] {
    using sdk::common::internal_log::GlobalLogHandler;
    GlobalLogHandler::SetLogHandler(
      opentelemetry::nostd::shared_ptr<sdk::common::internal_log::LogHandler>{new sdk_log});
    GlobalLogHandler::SetLogLevel(LogLevel::Warning);
    return true;
  }();
  static_cast<void>(once);
}

otlp::OtlpHttpExporterOptions exporter_options(const otlp_target& target) {
  otlp::OtlpHttpExporterOptions options;
  options.url = target.base_url;
  while (options.url.ends_with('/')) options.url.pop_back();
  options.url += "/v1/traces";
  options.content_type = otlp::HttpRequestContentType::kBinary;
  options.timeout = target.timeout;
  options.retry_policy_max_attempts = 0; // the tracer decides when a collector is asked again
  return options;
}

api::SpanKind to_sdk(span_record::kind what) {
  switch (what) {
    case span_record::kind::internal: return api::SpanKind::kInternal;
    case span_record::kind::server: return api::SpanKind::kServer;
    case span_record::kind::client: return api::SpanKind::kClient;
    case span_record::kind::producer: return api::SpanKind::kProducer;
    case span_record::kind::consumer: return api::SpanKind::kConsumer;
  }
  return api::SpanKind::kInternal;
}

// Protobuf's strings must be UTF-8, or a collector may refuse the whole request.
std::string clean(std::string_view text) {
  std::string to;
  append_utf8(to, text);
  return to;
}

void fill(sdk::trace::Recordable& to, const span_record& record) {
  using std::chrono::nanoseconds;
  const api::TraceFlags flags{api::TraceFlags::kIsSampled};
  const api::SpanContext context{api::TraceId{record.trace_id}, api::SpanId{record.span_id}, flags, false};
  to.SetIdentity(context, api::SpanId{record.parent_id});
  to.SetTraceFlags(flags);
  to.SetName(record.name);
  to.SetSpanKind(to_sdk(record.what));
  to.SetStartTime(opentelemetry::common::SystemTimestamp{nanoseconds{record.start_ns}});
  to.SetDuration(nanoseconds{record.end_ns > record.start_ns ? record.end_ns - record.start_ns : 0});
  for (size_t i = 0; i < record.attribute_count; ++i) {
    const auto& attribute = record.attributes[i];
    if (attribute.what == span_attribute::kind::number)
      to.SetAttribute(attribute.key, attribute.number);
    else
      to.SetAttribute(attribute.key, clean(attribute.text.view()));
  }
  if (record.is_error) to.SetStatus(api::StatusCode::kError, clean(record.message.view()));
}

} // namespace

std::string fault_of_collector(std::string_view url) {
  const size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return "a collector's URL begins with http:// or https://";
  const auto authority = url.substr(scheme, url.find_first_of("/?#", scheme) - scheme);
  const auto host = authority.substr(authority.rfind('@') + 1);
  if (host.empty() || host.starts_with(':')) return "a collector's URL needs a host, as http://127.0.0.1:4318";
  if (url.find_first_of("?#") != url.npos) return "a collector's URL has no query: /v1/traces is added to it";
  if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
    return "a collector's URL has no blanks";
  return {};
}

std::string public_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find("://");
  if (scheme == url.npos) return std::string{url};
  const size_t host = scheme + 3;
  const auto authority = url.substr(host, url.find('/', host) - host);
  const size_t at = authority.rfind('@');
  return std::string{url.substr(0, host)} + std::string{url.substr(at == authority.npos ? host : host + at + 1)};
}

struct otlp_sender::parts {
  explicit parts(const otlp_target& target)
    : resource{sdk::resource::Resource::Create(
        {{"service.name", target.service}, {"service.instance.id", target.node}, {"service.version", target.version}})},
      scope{sdk::instrumentationscope::InstrumentationScope::Create("tickplant", target.version)},
      exporter{otlp::OtlpHttpExporterFactory::Create(exporter_options(target))} {}

  // Recordables point at both: they go last.
  sdk::resource::Resource resource;
  std::unique_ptr<sdk::instrumentationscope::InstrumentationScope> scope;
  std::unique_ptr<sdk::trace::SpanExporter> exporter;
  std::vector<std::unique_ptr<sdk::trace::Recordable>> spans;
};

otlp_sender::otlp_sender(const otlp_target& target) {
  take_over_sdk_log();
  parts_ = std::make_unique<parts>(target);
}

otlp_sender::~otlp_sender() = default;

bool otlp_sender::send(std::span<const span_record> records) noexcept {
  try {
    sdk_log::forget();
    auto& spans = parts_->spans;
    spans.clear();
    for (const auto& record : records) {
      auto made = parts_->exporter->MakeRecordable();
      if (!made) return false;
      fill(*made, record);
      made->SetResource(parts_->resource);
      made->SetInstrumentationScope(*parts_->scope);
      spans.push_back(std::move(made));
    }
    const auto result = parts_->exporter->Export({spans.data(), spans.size()});
    spans.clear();
    // Version 1.19 lets Export go before it has noted a failure, and then says success; what went wrong it always says
    // before.
    return result == sdk::common::ExportResult::kSuccess && sdk_log::first_error().empty();
  } catch (...) { // no memory for the request
    return false;
  }
}

std::string otlp_sender::complaint() {
  auto said = sdk_log::first_error();
  return said.empty() ? "no answer in time" : said;
}

} // namespace tickplant::telemetry
