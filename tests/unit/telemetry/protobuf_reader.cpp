#include "protobuf_reader.hpp"

#include <cstring>
#include <stdexcept>

namespace tickplant::telemetry::testing {

namespace {

struct field {
  uint64_t number = 0, kind = 0, value = 0; // value: of varints and fixed ones
  std::string_view bytes;                   // of length-delimited ones
};

uint64_t read_varint(std::string_view& from) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (from.empty()) throw std::runtime_error("varint ends too early");
    const auto byte = static_cast<uint8_t>(from.front());
    from.remove_prefix(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  throw std::runtime_error("varint of more than ten bytes");
}

std::string_view read_bytes(std::string_view& from, uint64_t size) {
  if (size > from.size()) throw std::runtime_error("field ends too early");
  const auto bytes = from.substr(0, size);
  from.remove_prefix(size);
  return bytes;
}

std::vector<field> read_fields(std::string_view from) {
  std::vector<field> fields;
  while (!from.empty()) {
    const uint64_t tag = read_varint(from);
    field next{tag >> 3, tag & 7, 0, {}};
    if (next.kind == 0)
      next.value = read_varint(from);
    else if (next.kind == 2)
      next.bytes = read_bytes(from, read_varint(from));
    else if (next.kind == 1 || next.kind == 5) {
      const auto bytes = read_bytes(from, next.kind == 1 ? 8 : 4);
      std::memcpy(&next.value, bytes.data(), bytes.size()); // little-endian, as this machine
    } else
      throw std::runtime_error("wire type " + std::to_string(next.kind));
    fields.push_back(next);
  }
  return fields;
}

// KeyValue: key 1, value 2; AnyValue: string 1, int 3.
void read_attribute(std::string_view from, std::map<std::string, std::string>& texts,
                    std::map<std::string, int64_t>* numbers) {
  std::string key;
  for (const auto& part : read_fields(from)) {
    if (part.number == 1) key = part.bytes;
    if (part.number != 2) continue;
    for (const auto& value : read_fields(part.bytes)) {
      if (value.number == 1) texts[key] = value.bytes;
      if (value.number == 3 && numbers) (*numbers)[key] = static_cast<int64_t>(value.value);
    }
  }
}

otlp_span read_span(std::string_view from) {
  otlp_span span;
  for (const auto& part : read_fields(from)) {
    switch (part.number) {
      case 1: span.trace_id = part.bytes; break;
      case 2: span.span_id = part.bytes; break;
      case 4: span.parent_id = part.bytes; break;
      case 5: span.name = part.bytes; break;
      case 6: span.kind = part.value; break;
      case 7: span.start_ns = part.value; break;
      case 8: span.end_ns = part.value; break;
      case 9: read_attribute(part.bytes, span.texts, &span.numbers); break;
      case 15:
        for (const auto& status : read_fields(part.bytes)) {
          if (status.number == 2) span.message = status.bytes;
          if (status.number == 3) span.status = status.value;
        }
        break;
      default: break;
    }
  }
  return span;
}

void read_scope_spans(std::string_view from, otlp_request& to) {
  for (const auto& part : read_fields(from)) {
    if (part.number == 2) to.spans.push_back(read_span(part.bytes));
    if (part.number != 1) continue;
    for (const auto& scope : read_fields(part.bytes)) {
      if (scope.number == 1) to.scope = scope.bytes;
      if (scope.number == 2) to.scope_version = scope.bytes;
    }
  }
}

} // namespace

otlp_request read_otlp(std::string_view bytes) {
  otlp_request request;
  for (const auto& resource_spans : read_fields(bytes)) {
    if (resource_spans.number != 1) throw std::runtime_error("no ResourceSpans");
    for (const auto& part : read_fields(resource_spans.bytes)) {
      if (part.number == 2) read_scope_spans(part.bytes, request);
      if (part.number != 1) continue;
      for (const auto& attribute : read_fields(part.bytes))
        if (attribute.number == 1) read_attribute(attribute.bytes, request.resource, nullptr);
    }
  }
  return request;
}

} // namespace tickplant::telemetry::testing
