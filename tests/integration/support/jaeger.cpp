#include "jaeger.hpp"

#include "http_client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <unistd.h>

namespace tickplant::testing {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path cache_folder() {
  if (const char* const set = std::getenv("TICKPLANT_CACHE")) return set;
  if (const char* const set = std::getenv("XDG_CACHE_HOME")) return fs::path{set} / "tickplant";
  const char* const home = std::getenv("HOME");
  return fs::path{home ? home : "/"} / ".cache/tickplant";
}

bool is_program(const fs::path& file) {
  return fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0;
}

// Jaeger is told its ports and cannot be asked for them, so they are looked for and let go; whoever takes one in
// between makes the start fail, and it is done again.
uint16_t free_port() {
  return taken_tcp_port{}.number();
}

std::string settings(uint16_t otlp, uint16_t query, uint16_t query_grpc) {
  const auto at = [](uint16_t port) { return "{endpoint: \"127.0.0.1:" + std::to_string(port) + "\"}"; };
  return R"(service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
  telemetry:
    metrics: {level: none}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 100000}}}}
  jaeger_query:
    storage: {traces: memory}
    http: )" +
         at(query) + "\n    grpc: " + at(query_grpc) + R"(
receivers:
  otlp:
    protocols:
      http: )" +
         at(otlp) + R"(
exporters:
  jaeger_storage_exporter: {trace_storage: memory}
)";
}

std::map<std::string, std::string> read_tags(const json& from) {
  std::map<std::string, std::string> tags;
  for (const auto& tag : from)
    tags[tag.at("key")] = tag.at("value").is_string() ? tag.at("value").get<std::string>() : tag.at("value").dump();
  return tags;
}

jaeger_span read_span(const json& from) {
  jaeger_span span{from.at("traceID"),  from.at("spanID"),         {}, from.at("operationName"), from.at("startTime"),
                   from.at("duration"), read_tags(from.at("tags"))};
  for (const auto& reference : from.value("references", json::array()))
    if (reference.at("refType") == "CHILD_OF") span.parent_id = reference.at("spanID");
  return span;
}

jaeger_trace read_trace(const json& from) {
  jaeger_trace trace;
  trace.trace_id = from.at("traceID");
  for (const auto& span : from.at("spans")) trace.spans.push_back(read_span(span));
  if (!trace.spans.empty())
    trace.process_tags = read_tags(
      from.at("processes").at(from.at("spans").at(0).at("processID").get<std::string>()).value("tags", json::array()));
  return trace;
}

bool has_all(const jaeger_trace& trace, const std::vector<std::string>& operations) {
  return std::all_of(operations.begin(), operations.end(),
                     [&](const auto& name) { return trace.span(name) != nullptr; });
}

} // namespace

std::optional<std::string> find_jaeger_program() {
  if (const char* const set = std::getenv("TICKPLANT_JAEGER"))
    return is_program(set) ? std::optional<std::string>{set} : std::nullopt;
  std::vector<std::string> found;
  std::error_code none;
  for (fs::directory_iterator at{cache_folder(), none}, end; !none && at != end; at.increment(none))
    if (at->path().filename().string().starts_with("jaeger-") && is_program(at->path() / "jaeger"))
      found.push_back((at->path() / "jaeger").string());
  if (found.empty()) return std::nullopt;
  return *std::max_element(found.begin(), found.end());
}

const jaeger_span* jaeger_trace::span(const std::string& operation) const {
  const auto found =
    std::find_if(spans.begin(), spans.end(), [&](const auto& span) { return span.operation == operation; });
  return found == spans.end() ? nullptr : &*found;
}

bool jaeger_trace::is_child(const std::string& child, const std::string& parent) const {
  const auto *const below = span(child), *const above = span(parent);
  return below && above && below->parent_id == above->span_id;
}

std::string jaeger_trace::text() const {
  std::string all = "trace " + trace_id + '\n';
  for (const auto& span : spans) {
    all += "  " + span.operation + ' ' + span.span_id + " of " + (span.parent_id.empty() ? "none" : span.parent_id);
    for (const auto& [key, value] : span.tags) all += ' ' + key + '=' + value;
    all += '\n';
  }
  return all;
}

jaeger::jaeger(const std::string& program) {
  constexpr int most_tries = 3;
  for (int i = 0; i < most_tries; ++i)
    if (start(program)) return;
  throw std::runtime_error(program + " does not start: " + output());
}

bool jaeger::start(const std::string& program) {
  otlp_port_ = free_port();
  query_port_ = free_port();
  const auto file = folder_.write("jaeger.yaml", settings(otlp_port_, query_port_, free_port()));
  child_ = std::make_unique<child_process>(program, std::vector<std::string>{"--config", file});
  eventually([&] { return !child_->is_running() || (is_up(query_port_) && is_up(otlp_port_)); });
  return child_->is_running() && is_up(query_port_) && is_up(otlp_port_);
}

bool jaeger::is_up(uint16_t port) const {
  return http_get(port, "/api/services").status != 0;
}

std::optional<jaeger_trace> find_trace(const jaeger& from, const std::string& service, const std::string& operation,
                                       const std::vector<std::string>& complete_with, milliseconds within) {
  std::optional<jaeger_trace> found;
  eventually(
    [&] {
      const auto answer =
        http_get(from.query_port(), "/api/traces?service=" + service + "&operation=" + operation + "&limit=100");
      const auto body = json::parse(answer.body, nullptr, false);
      if (answer.status != 200 || !body.is_object() || !body.value("data", json{}).is_array()) return false;
      for (const auto& each : body["data"]) {
        auto trace = read_trace(each);
        if (!trace.span(operation) || !has_all(trace, complete_with)) continue;
        found = std::move(trace);
        return true;
      }
      return false;
    },
    within);
  return found;
}

} // namespace tickplant::testing
