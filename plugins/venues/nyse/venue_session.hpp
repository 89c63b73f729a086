// One instance of the plugin: its channels, the request server that they share, and the host's calls spread over them.
// All time comes in with the calls; nothing here blocks, sleeps or reads a clock.
#pragma once

#include "channel.hpp"

namespace tickplant::nyse {

/// The venue class of the SDK's wrapper.
class venue_session {
public:
  static constexpr uint32_t order_refs = TP_REFS_SPARSE;
  static std::span<const tp_str> counters() { return counter_names(); }
  static void validate(sdk::settings settings, sdk::venue_host host);

  venue_session(sdk::settings settings, sdk::venue_host host);
  venue_session(const venue_session&) = delete;

  int32_t start(uint64_t now_ns);
  int32_t on_units(std::span<const tp_unit> units);
  int64_t on_stream(const tp_unit& unit);
  int32_t on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns);
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t id, uint64_t now_ns);
  int32_t on_interest(std::span<const tp_interest>, uint64_t) { return TP_OK; } // the feed brings everything anyway
  int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);
  int32_t stop(uint64_t now_ns);

private:
  void end_burst();

  sdk::venue_host host_;
  options options_;
  counter_sheet counters_;
  line_set lines_;
  request_line requests_;
  uint32_t next_instrument_ = 0;
  size_t untold_directories_;
  std::vector<std::unique_ptr<channel>> channels_;
};

} // namespace tickplant::nyse
