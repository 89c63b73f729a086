// The world of a venue plugin while a tape is played: its lines come up, its sends and requests meet the tape's
// reactions, timers fire by the tape's clock. Deterministic: no clock, no socket. One thread.
#pragma once

#include "runtime/plugin/venue_io.hpp"

#include <tape.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::conformance {

/// How the same steps are handed over.
struct feeding {
  size_t units = 1;        // most units in one call, of those that no `wait` parts
  size_t stream_bytes = 0; // most fresh bytes of a TCP line in one call; 0: all
};

struct line_trait {
  uint16_t kind = 0, role = 0, pair = 0;
};

struct world_counts {
  uint64_t units = 0, undelivered = 0, sent = 0, requests = 0, opened = 0, most_timers = 0;
};

class tape_world final : public plugin::venue_io {
public:
  /// The tape outlives the world.
  tape_world(const sdk::testing::tape& tape, feeding how);

  int32_t line_open(const tp_line_spec& spec) override;
  void line_close(uint32_t line) override;
  int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  int32_t http_get(const tp_http_request& request) override;
  void set_timer(uint32_t id, uint64_t after_ns) override;
  std::optional<uint64_t> clock_ns() const override { return now_ns_; }

  uint64_t now() const { return now_ns_; }
  /// Does the next thing; false when the tape and its rest are over. `wake_ns`: when the caller has something to do.
  bool step(plugin::venue_sink& sink, uint64_t wake_ns = UINT64_MAX);
  /// The number of the tape's own steps that are done; for what happens in its middle.
  size_t position() const { return scripts_.front().next; }

  /// Every line that was ever opened, by its name.
  const std::map<std::string, line_trait>& lines() const { return traits_; }
  const world_counts& counts() const { return counts_; }
  /// The first line that could not be opened, and why; empty: there is none.
  const std::string& refused_line() const { return refused_line_; }
  /// How often each reaction of the tape took place, and each demand was met.
  const std::vector<uint32_t>& reacted() const { return reacted_; }
  const std::vector<uint32_t>& met() const { return met_; }

private:
  struct open_line {
    uint16_t kind = 0;
    std::string name;
    uint32_t max_unit = 0;
    bool is_up = false;
    sdk::testing::tape_bytes unread; // of a TCP line
    sdk::testing::tape_bytes fresh;  // not yet given
  };
  struct script {
    const std::vector<sdk::testing::tape_step>* steps;
    std::vector<sdk::testing::tape_step> own; // of a reaction, with its echoes; `steps` points here
    size_t next = 0;
    uint64_t due_ns = 0;
    bool is_over() const { return next >= steps->size(); }
  };
  struct news {
    bool is_http = false;
    uint32_t number = 0, state = 0;
    std::string why;
    int32_t status = 0;
    sdk::testing::tape_bytes body; // with TP_PADDING behind it
  };
  struct request {
    std::string url;
    uint64_t deadline_ns = 0;
  };

  uint64_t due_of_timers() const;
  bool fire_due(plugin::venue_sink& sink);
  void tell(plugin::venue_sink& sink);
  void react(const std::string& line, bool on_up, std::span<const uint8_t> sent);
  bool run_scripts(plugin::venue_sink& sink, uint64_t until_ns);
  void run(script& from, plugin::venue_sink& sink);
  void give_units(script& from, plugin::venue_sink& sink);
  bool give_stream(plugin::venue_sink& sink);
  void end_line(const std::string& name, uint32_t state);
  void answer_requests();
  std::optional<uint32_t> line_of(const std::string& name) const;

  const sdk::testing::tape& tape_;
  feeding how_;
  uint64_t now_ns_, end_ns_ = UINT64_MAX;
  std::map<uint32_t, open_line> lines_;
  std::map<std::string, line_trait> traits_;
  std::list<script> scripts_; // the tape's own first, then reactions
  std::vector<uint32_t> reacted_, met_;
  std::string refused_line_;
  std::deque<news> news_;
  std::map<uint32_t, uint64_t> timers_;
  std::set<std::pair<uint64_t, uint32_t>> due_timers_;
  std::map<uint32_t, request> requests_;
  std::vector<sdk::testing::tape_step> answers_; // of HTTP, the newest last
  std::vector<sdk::testing::tape_bytes> held_;
  std::vector<tp_unit> units_;
  world_counts counts_;
};

} // namespace tickplant::conformance
