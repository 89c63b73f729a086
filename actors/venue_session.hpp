// What a venue_adapter does, as a plain object on its feed loop: ties plugin instance, world and feed together, and
// puts off to the end of a turn what must not happen inside a call of the plugin.
#pragma once

#include "actors/line_watch.hpp"
#include "actors/venue_adapter.hpp"
#include "actors/venue_recovery.hpp"

#include <array>
#include <map>
#include <set>
#include <utility>

namespace tickplant::actors {

class venue_session final : public book::feed_owner, public plugin::venue_sink {
public:
  /// `end` ends the owner with a reason, in a later turn; without one it is a restart in order.
  venue_session(feed_context& context, venue_place& place, std::shared_ptr<const venue_setup> setup,
                std::shared_ptr<venue_health> health, std::function<void(std::string_view why)> end);
  ~venue_session() override;

  /// Throws what the plugin complains of, if it refuses its settings.
  void start();
  void change_interest(const std::vector<fanout::interest_update>& updates);
  void resynchronise(model::instrument_id id, const std::string& why);
  /// Does what was put off.
  void settle();
  /// Once a second: asks again for what the venue could not take before, and judges the venue's health.
  void tick();
  /// Starts anew on these lines; what is wrong with that, or nothing.
  std::string use_lines(std::string_view group);
  venue_status status() const;

  std::optional<model::instrument_id> instrument_defined(const model::instrument& instrument) override;
  void instrument_retired(model::instrument_id id) override;
  void directory_complete(uint32_t channel) override;
  void resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view reason) override;
  void engine_failed(model::instrument_id id, std::string_view what) override;
  void stream_changed(const tp_stream& stream) override;
  void snapshot_ended(uint32_t channel, uint32_t number) override { recovery_.snapshot_ended(channel, number); }

  void on_units(std::span<const tp_unit> units) override;
  int64_t on_stream(const tp_unit& unit) override;
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) override;
  void on_http(const tp_http_answer& answer) override { host_->on_http(answer); }
  void on_timer(uint32_t id, uint64_t now_ns) override { host_->on_timer(id, now_ns); }

private:
  uint64_t venue_ns() const;
  bool is_wanted(const model::instrument& instrument) const;
  void trace_recovery(const tp_stream& stream);
  void log(int32_t level, std::string_view text) const;
  void pass_interest(const std::vector<fanout::interest_update>& updates);
  void judge_health();
  void restart(const std::string& why);
  void retire_due();
  std::string whose(uint32_t channel, uint32_t number) const;
  void tell_refusals();

  feed_context& context_;
  venue_place& place_;
  std::shared_ptr<const venue_setup> setup_;
  std::shared_ptr<venue_health> health_;
  std::function<void(std::string_view)> end_;
  // Destroyed in reverse: the world first, so that nothing calls the host; then the host, then the feed.
  std::unique_ptr<book::feed> feed_;
  venue_recovery recovery_;
  std::unique_ptr<plugin::venue_host> host_;
  std::unique_ptr<line_watch> world_;

  std::map<uint32_t, std::string> symbols_; // by the plugin's number
  std::map<uint32_t, uint32_t> only_;       // of a channel its one instrument, TP_ALL where there are more
  std::array<uint64_t, static_cast<size_t>(book::refusal::count_)> told_refusals_{};
  std::set<uint32_t> seen_;                                          // instruments that this instance has defined
  std::vector<std::pair<model::instrument_id, std::string>> failed_; // engines that threw
  std::map<uint32_t, uint64_t> retiring_; // instrument -> when it goes for good, monotonic ns
  bool has_new_instruments_ = false, is_ended_ = false;
  std::map<uint32_t, uint64_t> recovering_since_ns_; // by channel, wall clock
  uint64_t well_since_ns_ = 0;                       // monotonic; 0: it is not well
  std::string state_ = "starting", last_error_;
};

/// Whether `text` matches a pattern in which `*` stands for any run of characters.
bool matches(std::string_view pattern, std::string_view text);

} // namespace tickplant::actors
