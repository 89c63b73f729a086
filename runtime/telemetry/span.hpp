// One finished span as the hot path hands it over: fixed size, nothing allocated, no pointer to anything that dies.
#pragma once

#include "runtime/telemetry/clean_text.hpp"
#include "runtime/telemetry/trace_context.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace tickplant::telemetry {

/// The names of docs/architecture.md; a record points at static text like these.
namespace span_name {
inline constexpr const char* venue_receive = "venue.receive";
inline constexpr const char* venue_decode = "venue.decode";
inline constexpr const char* book_apply = "book.apply";
inline constexpr const char* hub_encode = "hub.encode";
inline constexpr const char* connection_write = "connection.write";
inline constexpr const char* venue_recovery = "venue.recovery";
inline constexpr const char* supervisor_restart = "supervisor.restart";
inline constexpr const char* config_reload = "config.reload";
} // namespace span_name

/// A text of at most `Size` bytes, kept inside; longer ones are cut between characters.
template <size_t Size>
class short_text {
public:
  void operator=(std::string_view text) noexcept {
    const auto kept = cut_utf8(text, Size);
    std::copy(kept.begin(), kept.end(), bytes_.begin());
    size_ = static_cast<uint8_t>(kept.size());
  }
  std::string_view view() const noexcept { return {bytes_.data(), size_}; }

private:
  static_assert(Size < 256);
  std::array<char, Size> bytes_{};
  uint8_t size_ = 0;
};

struct span_attribute {
  enum class kind : uint8_t { number, text };

  const char* key = nullptr; ///< static text
  int64_t number = 0;
  short_text<24> text;
  kind what = kind::number;
};

struct span_record {
  static constexpr size_t max_attributes = 8;
  /// OpenTelemetry's, by their meaning: `server` for what a client asked for, `producer` and `consumer` for the two
  /// ends of a queue.
  enum class kind : uint8_t { internal, server, client, producer, consumer };

  const char* name = nullptr; ///< static text
  telemetry::trace_id trace_id{};
  telemetry::span_id span_id{};
  telemetry::span_id parent_id{};    ///< all zero: a root
  uint64_t start_ns = 0, end_ns = 0; ///< wall clock, since 1970
  kind what = kind::internal;
  bool is_error = false;
  uint8_t attribute_count = 0;
  short_text<48> message; ///< why it failed; for spans with is_error alone
  std::array<span_attribute, max_attributes> attributes{};

  /// Attributes beyond the eighth are left out.
  span_record& add(const char* key, int64_t number) noexcept {
    if (auto* const slot = next(key)) slot->number = number;
    return *this;
  }
  span_record& add(const char* key, std::string_view text) noexcept {
    if (auto* const slot = next(key)) {
      slot->what = span_attribute::kind::text;
      slot->text = text;
    }
    return *this;
  }
  span_record& fail(std::string_view why) noexcept {
    is_error = true;
    message = why;
    return *this;
  }

private:
  span_attribute* next(const char* key) noexcept {
    if (attribute_count == max_attributes) return nullptr;
    auto& slot = attributes[attribute_count++];
    slot.key = key;
    return &slot;
  }
};

} // namespace tickplant::telemetry
