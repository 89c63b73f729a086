// One instance of the synthetic venue: needs no line; its timer moves the market. Each instrument is a channel of its
// own, numbered from 1, so that one book can be told again without the others.
#pragma once

#include "config.hpp"
#include "normalizer.hpp"

#include <memory>
#include <vector>

namespace tickplant::synthetic {

class venue_session {
public:
  static constexpr uint32_t order_refs = TP_REFS_NONE;
  static std::span<const tp_str> counters();
  static void validate(sdk::settings settings, sdk::venue_host host);

  venue_session(sdk::settings settings, sdk::venue_host host);

  int32_t start(uint64_t now_ns);
  int32_t on_units(std::span<const tp_unit>) { return TP_OK; }
  int64_t on_stream(const tp_unit&) { return TP_E_UNSUPPORTED; }
  int32_t on_line(uint32_t, uint32_t, std::string_view, uint64_t) { return TP_OK; }
  int32_t on_http(const tp_http_answer&) { return TP_OK; }
  int32_t on_timer(uint32_t id, uint64_t now_ns);
  int32_t on_interest(std::span<const tp_interest>, uint64_t) { return TP_OK; }
  int32_t resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns);
  int32_t stop(uint64_t) { return TP_OK; }

private:
  struct listed {
    walker market;
    shown_levels shown;
    uint64_t sequence = 0;
    bool wanted = false;
  };

  void define(uint32_t number, const listed_name& name);
  uint64_t due_of(uint64_t index) const;
  void tick(uint32_t number, uint64_t now_ns);
  void send_snapshots(uint64_t now_ns);

  sdk::venue_host host_;
  options options_;
  std::vector<listed> listed_;
  std::vector<uint32_t> to_tell_again_;
  std::unique_ptr<tp_event[]> events_;
  uint64_t round_ns_ = 0; // when the current round began
  uint32_t next_ = 0;     // first instrument that has not ticked in it
};

} // namespace tickplant::synthetic
