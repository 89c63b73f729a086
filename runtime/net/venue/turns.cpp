#include "runtime/net/venue/turns.hpp"

#include "runtime/net/asio_context.hpp"

#include <boost/asio/post.hpp>

#include <cassert>
#include <exception>
#include <utility>

namespace tickplant::net::venue {

turns::turns(event_loop& loop, plugin::venue_sink& sink, venue_lines_options options)
  : context_(context_of(loop)), sink_(&sink), options_(std::move(options)) {}

void turns::schedule(std::shared_ptr<source> s) {
  if (stopped_ || s->queued_) return;
  s->queued_ = true;
  ready_.push_back(std::move(s));
  if (posted_) return;
  posted_ = true;
  boost::asio::post(context_, [self = shared_from_this()] { self->run(); });
}

void turns::log(int32_t level, std::string_view text) noexcept {
  if (!options_.log) return;
  try {
    options_.log(level, text);
  } catch (...) {
    // A broken log must not take the venue with it, and there is nowhere to report it.
  }
}

void turns::fault(std::string_view what) noexcept {
  if (stopped_) return;
  try {
    const std::string text{what};
    if (close_all_) close_all_();
    stop();
    log(TP_LOG_ERROR, "instance broken: " + text);
    if (options_.on_fault) options_.on_fault(text);
  } catch (...) {
    stopped_ = true; // out of memory while dying: silence is all that is left to promise
  }
}

void turns::stop() {
  stopped_ = true;
  sink_ = nullptr;
  ready_.clear();
  units_.clear();
  runs_.clear();
}

void turns::run() {
  posted_ = false;
  if (stopped_) return;
  called_ = false;
  try {
    visit();
    if (!stopped_ && called_ && options_.after_delivery) options_.after_delivery();
  } catch (const std::exception& e) {
    fault(e.what());
  } catch (...) {
    fault("unknown exception in a callback");
  }
  visited_.clear();
}

void turns::visit() {
  visited_.swap(ready_);
  for (auto& s : visited_) {
    s->queued_ = false;
    new_run_ = true;
    s->deliver(*this);
    if (stopped_) return;
  }
  flush();
  for (auto& s : visited_) {
    if (stopped_) return;
    s->resume();
  }
}

void turns::add(const tp_unit& unit) {
  if (new_run_) {
    runs_.push_back(units_.size());
    new_run_ = false;
  }
  units_.push_back(unit);
}

void turns::flush() {
  if (units_.empty() || stopped_) return;
  if (runs_.size() > 1) merge_runs();
  called_ = true;
  sink_->on_units(units_);
  units_.clear();
  runs_.clear();
  new_run_ = true;
}

// Each source's units keep their own order even where the wall clock was set back between two of them.
void turns::merge_runs() {
  bool ordered = true;
  for (size_t i = 1; i < runs_.size(); ++i) ordered &= units_[runs_[i] - 1].recv_ns <= units_[runs_[i]].recv_ns;
  if (ordered) return;
  cursor_ = runs_;
  runs_.push_back(units_.size());
  merged_.clear();
  merged_.reserve(units_.size());
  while (merged_.size() < units_.size()) {
    size_t best = SIZE_MAX;
    for (size_t r = 0; r < cursor_.size(); ++r) {
      if (cursor_[r] == runs_[r + 1]) continue;
      if (best == SIZE_MAX || units_[cursor_[r]].recv_ns < units_[cursor_[best]].recv_ns) best = r;
    }
    merged_.push_back(units_[cursor_[best]++]);
  }
  units_.swap(merged_);
}

int64_t turns::stream(const tp_unit& unit) {
  assert(units_.empty()); // sources flush, and then look whether they still have something to say
  called_ = true;
  return sink_->on_stream(unit);
}

void turns::line(uint32_t number, uint32_t state, std::string_view why) {
  assert(units_.empty());
  called_ = true;
  sink_->on_line(number, state, why, wall_now_ns());
}

void turns::http(const tp_http_answer& answer) {
  assert(units_.empty());
  called_ = true;
  sink_->on_http(answer);
}

void turns::timer(uint32_t id) {
  assert(units_.empty());
  called_ = true;
  sink_->on_timer(id, wall_now_ns());
}

} // namespace tickplant::net::venue
