// One instance of the harbour plugin: arbitrates lines A and B, says what is lost, and heals it by snapshots.
#pragma once

#include "config.hpp"
#include "feed.hpp"
#include "snapshot.hpp"

#include <tickplant/venue.hpp>

#include <array>
#include <string>
#include <vector>

namespace harbour {

namespace sdk = tickplant::sdk;

class venue {
public:
  static constexpr uint32_t order_refs = TP_REFS_NONE;
  static std::span<const tp_str> counters();
  static void validate(sdk::settings settings, sdk::venue_host host);

  venue(sdk::settings settings, sdk::venue_host host);

  int32_t start(uint64_t now_ns);
  int32_t on_units(std::span<const tp_unit> units);
  int64_t on_stream(const tp_unit& unit);
  int32_t on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns);
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t id, uint64_t now_ns);
  int32_t on_interest(std::span<const tp_interest>, uint64_t) { return TP_OK; }
  int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);
  int32_t stop(uint64_t) { return TP_OK; }

private:
  struct listed {
    uint16_t id = 0;
    bool wanted = false;
  };

  void open_line(uint32_t number);
  void message(uint64_t number, std::span<const uint8_t> bytes);
  void define(std::span<const uint8_t> bytes);
  void level(std::span<const uint8_t> body, uint64_t number, uint32_t flags);
  void trade(std::span<const uint8_t> body, uint64_t number);
  void mark(uint8_t kind, uint16_t id, uint64_t number);
  tp_event* event(uint8_t kind, uint16_t id, uint64_t number, uint32_t flags);
  void flush();
  void look_for_holes();
  void tell_hole();
  const listed* find(uint16_t id, uint32_t& number) const;

  sdk::venue_host host_;
  options options_;
  feed feed_;
  snapshot snapshot_;
  std::vector<listed> listed_; // by the number that the host knows
  std::vector<tp_event> events_;
  uint64_t now_ns_ = 0;
  uint64_t first_live_ = 1; // numbers below are in no event of ours: a snapshot has to reach the one before it
  bool is_waiting_ = false; // for the other line to fill a hole
  bool is_snapshot_open_ = false, is_snapshot_up_ = false, has_given_up_ = false, is_live_told_ = false;
};

} // namespace harbour
