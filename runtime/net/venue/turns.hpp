// Calls the sink of one venue instance. Sources that have something to hand over are queued; one posted turn visits
// them in that order, gathers units that stand side by side into one on_units, and ends with after_delivery. So all
// that is readable at one moment becomes one burst, and the sink is never called from inside a request of its own.
#pragma once

#include "runtime/net/venue/venue_lines.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace tickplant::net::venue {

class turns;

/// Something that becomes ready: a line, the timers, an HTTP answer.
class source : public std::enable_shared_from_this<source> {
public:
  virtual ~source() = default;
  /// Hands over what is ready. Units that were added stay readable until `resume`.
  virtual void deliver(turns& out) = 0;
  /// The sink has seen everything of this turn: buffers may be reused, reading goes on.
  virtual void resume() {}

private:
  friend class turns;
  bool queued_ = false;
};

class turns : public std::enable_shared_from_this<turns> {
public:
  turns(event_loop& loop, plugin::venue_sink& sink, venue_lines_options options);

  boost::asio::io_context& context() { return context_; }
  const venue_lines_options& options() const { return options_; }
  /// After a fault or the end of venue_lines: nothing is delivered.
  bool is_stopped() const { return stopped_; }

  /// Visits `s` in a later turn, once however often it asks.
  void schedule(std::shared_ptr<source> s);
  void log(int32_t level, std::string_view text) noexcept;
  /// Ends the instance: closes all, tells the owner once.
  void fault(std::string_view what) noexcept;
  /// What closes the lines when a fault ends the instance.
  void set_closer(std::function<void()> close_all) { close_all_ = std::move(close_all); }
  void stop();

  // Inside source::deliver only.
  void add(const tp_unit& unit);
  /// To be called before each of the four below, so that order is kept. The plugin may close anything meanwhile, the
  /// caller's line too: look again afterwards.
  void flush();
  int64_t stream(const tp_unit& unit);
  void line(uint32_t number, uint32_t state, std::string_view why);
  void http(const tp_http_answer& answer);
  void timer(uint32_t id);

private:
  void run();
  void visit();
  void merge_runs();

  boost::asio::io_context& context_;
  plugin::venue_sink* sink_;
  venue_lines_options options_;
  std::function<void()> close_all_;
  std::vector<std::shared_ptr<source>> ready_, visited_;
  std::vector<tp_unit> units_, merged_;
  std::vector<size_t> runs_;   // where each source's units begin
  std::vector<size_t> cursor_; // of merge_runs
  bool posted_ = false, stopped_ = false, called_ = false, new_run_ = false;
};

} // namespace tickplant::net::venue
