#include "actors/supervisor.hpp"

#include "actors/atoms.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace tickplant::actors {

supervisor_core::supervisor_core(caf::scheduled_actor* self, supervisor_options options,
                                 std::vector<child_spec> children)
  : self_(self), options_(std::move(options)), random_(options_.seed) {
  self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
  self_->set_exit_handler([this](caf::exit_msg& exit) { shut_down(exit.reason); });
  children_.reserve(children.size());
  for (auto& spec : children) {
    by_name_[spec.id] = children_.size();
    children_.push_back({std::move(spec), nullptr, false, false, 0, {}, {}, {}});
  }
  for (size_t i = 0; i < children_.size(); ++i) {
    // A breaker outlives its supervisor: what was left alone before stays so.
    const auto& guard = children_[i].spec.guard;
    if (guard && guard->breaker.state() == supervision::breaker_state::open && guard->breaker.until() > now())
      begin({0, i, i + 1, guard->breaker.until() - now(), std::nullopt, {}});
    else
      start(i);
  }
}

supervisor_core::~supervisor_core() {
  for (auto child = children_.rbegin(); child != children_.rend(); ++child)
    if (child->actor) request_exit(child->actor, caf::exit_reason::kill);
}

void supervisor_core::start_child(child_spec spec) {
  if (is_quitting()) return;
  if (by_name_.contains(spec.id)) return;
  size_t index = children_.size();
  if (free_.empty()) {
    children_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  by_name_[spec.id] = index;
  children_[index] = {std::move(spec), nullptr, false, false, 0, {}, {}, {}};
  start(index);
}

void supervisor_core::stop_child(const std::string& id, std::function<void()> done) {
  if (is_quitting()) return;
  const auto found = by_name_.find(id);
  if (found == by_name_.end()) {
    if (done) done();
    return;
  }
  const size_t index = found->second;
  auto& child = children_[index];
  child.is_gone = true;
  child.on_gone = std::move(done);
  by_name_.erase(found);
  if (child.actor)
    begin({0, index, index + 1, std::nullopt, std::nullopt, {}});
  else
    give_up(index); // it waited for its restart, which finds it gone
}

// The place of a child that will not come back.
void supervisor_core::give_up(size_t index) {
  free_.push_back(index);
  if (const auto done = std::exchange(children_[index].on_gone, nullptr)) done();
}

std::vector<child_info> supervisor_core::children() const {
  std::vector<child_info> rows;
  for (const auto& c : children_) {
    if (c.is_gone && !c.actor) continue;
    auto& row = rows.emplace_back(child_info{c.spec.id, c.actor, c.restarts, c.last_error});
    if (!c.spec.guard) continue;
    const auto& breaker = c.spec.guard->breaker;
    const auto wait = std::max(supervision::nanoseconds{0}, breaker.until() - now());
    const bool is_open = breaker.state() == supervision::breaker_state::open;
    row.breaker = breaker_info{breaker.state(), now() - breaker.since(), is_open ? wait : supervision::nanoseconds{0},
                               breaker.openings()};
  }
  return rows;
}

std::string supervisor_core::retry(const std::string& id) {
  if (is_quitting()) return "its supervisor is stopping";
  const auto found = by_name_.find(id);
  if (found == by_name_.end()) return "there is no '" + id + "'";
  const size_t index = found->second;
  auto& child = children_[index];
  auto& guard = child.spec.guard;
  const bool was_closed = !guard || guard->breaker.state() == supervision::breaker_state::closed;
  if (guard) guard->breaker.close(now());
  child.trial.dispose();
  if (!was_closed) {
    tell("close", index);
    if (guard->on_change) guard->on_change(guarded_child::change::closed, "by an operator");
  }
  if (!child.actor)
    begin({0, index, index + 1, supervision::nanoseconds{0}, std::nullopt, {}});
  else if (was_closed)
    return "it runs";
  return {};
}

supervision::nanoseconds supervisor_core::now() const {
  return std::chrono::duration_cast<supervision::nanoseconds>(self_->clock().now().time_since_epoch());
}

void supervisor_core::start(size_t index) {
  auto& child = children_[index];
  if (child.actor || child.is_gone) return;
  child.is_killed = false;
  auto& guard = child.spec.guard;
  if (guard) guard->breaker.begin(now());
  const bool is_trial = guard && guard->breaker.state() == supervision::breaker_state::half_open;
  if (is_trial) {
    tell("trial", index);
    if (guard->on_change) guard->on_change(guarded_child::change::trial, {});
  }
  child.actor = child.spec.start();
  if (!child.actor) throw std::runtime_error("child " + child.spec.id + " did not start");
  by_actor_[child.actor->id()] = index;
  self_->monitor(child.actor);
  tell("start", index);
  if (is_trial) watch_trial(index);
}

// Health is not told, it is looked at: a trial ends when its child has been well long enough, or by its death.
void supervisor_core::watch_trial(size_t index) {
  auto& child = children_[index];
  const auto healthy = child.spec.guard->breaker.rules().healthy;
  const auto look_every =
    std::clamp<supervision::nanoseconds>(healthy / 8, std::chrono::milliseconds{10}, std::chrono::seconds{1});
  child.trial = self_->run_delayed(look_every, [this, index, id = child.actor->id()] {
    auto& running = children_[index];
    if (!running.actor || running.actor->id() != id) return;
    auto& guard = *running.spec.guard;
    if (guard.breaker.observe(now(), !guard.is_well || guard.is_well())) {
      tell("close", index);
      if (guard.on_change) guard.on_change(guarded_child::change::closed, "the trial was well");
    } else if (guard.breaker.state() == supervision::breaker_state::half_open) {
      watch_trial(index);
    }
  });
}

// After the death of a guarded child.
supervision::nanoseconds supervisor_core::delay_of(size_t index, bool is_abnormal) {
  auto& child = children_[index];
  auto& guard = *child.spec.guard;
  using change = guarded_child::change;
  child.trial.dispose();
  if (!is_abnormal) {
    if (guard.on_change) guard.on_change(change::ended, {});
    return options_.policy.wait.first;
  }
  const double unit = std::uniform_real_distribution<>{0, 1}(random_);
  const auto before = guard.breaker.state();
  const auto wait = guard.breaker.fail(now(), unit);
  const bool has_opened = guard.breaker.state() == supervision::breaker_state::open;
  if (guard.on_change) guard.on_change(change::failed, child.last_error);
  if (has_opened && before != supervision::breaker_state::open) {
    tell("open", index);
    if (guard.on_change) guard.on_change(change::opened, child.last_error);
  }
  return has_opened ? wait : supervision::delay_after(options_.policy.wait, guard.breaker.streak() - 1, unit);
}

void supervisor_core::on_down(const caf::down_msg& down) {
  const auto found = by_actor_.find(down.source.id());
  if (found == by_actor_.end()) return; // an earlier incarnation
  const size_t index = found->second;
  by_actor_.erase(found);
  auto& child = children_[index];
  child.actor = nullptr;
  const bool is_abnormal = down.reason && down.reason != caf::exit_reason::user_shutdown;
  child.last_error = is_abnormal ? to_string(down.reason) : std::string{};
  tell("down", index);
  if (child.is_gone) give_up(index);
  for (auto& work : operations_)
    if (index >= work.first && index < work.last) return advance(work);
  if (child.is_gone) return;
  if (child.spec.guard) return begin({0, index, index + 1, delay_of(index, is_abnormal), std::nullopt, {}});
  const double unit = std::uniform_real_distribution<>{0, 1}(random_);
  const auto decision = supervision::decide(options_.policy, child.spec.restart, is_abnormal, index, children_.size(),
                                            history_, now(), unit);
  using kind = supervision::decision::kind;
  switch (decision.what) {
    case kind::forget: forget(index); break;
    case kind::restart: begin({0, decision.first, decision.last, decision.delay, std::nullopt, {}}); break;
    case kind::escalate:
      tell("escalate", index);
      begin({0,
             0,
             children_.size(),
             std::nullopt,
             caf::make_error(caf::sec::runtime_error,
                             "restart intensity reached, last by " + child.spec.id + ": " + child.last_error),
             {}});
      break;
  }
}

void supervisor_core::forget(size_t index) {
  children_[index].is_gone = true;
  by_name_.erase(children_[index].spec.id);
  free_.push_back(index);
}

void supervisor_core::shut_down(caf::error why) {
  if (is_quitting()) return; // a second exit message changes nothing
  begin({0, 0, children_.size(), std::nullopt, std::move(why), {}});
}

void supervisor_core::begin(operation work) {
  // Only what overlaps is swallowed: merging all would stop innocent children under one_for_one.
  for (auto other = operations_.begin(); other != operations_.end();) {
    const bool overlaps = other->first < work.last && work.first < other->last;
    if (!overlaps && !work.quit_with) {
      ++other;
      continue;
    }
    work.first = std::min(work.first, other->first);
    work.last = std::max(work.last, other->last);
    if (!work.restart_after && !work.quit_with) work.restart_after = other->restart_after;
    other->timer.dispose();
    other = operations_.erase(other);
  }
  work.id = ++last_operation_;
  advance(operations_.emplace_front(std::move(work)));
}

void supervisor_core::advance(operation& work) {
  work.timer.dispose();
  for (size_t i = work.last; i-- > work.first;)
    if (children_[i].actor) return stop_one(work, i);
  if (work.quit_with) {
    auto why = std::move(*work.quit_with);
    if (options_.on_stopped) options_.on_stopped();
    self_->quit(std::move(why));
  } else if (work.restart_after) {
    restart_later(work);
  } else {
    operations_.remove_if([id = work.id](const operation& o) { return o.id == id; });
  }
}

void supervisor_core::stop_one(operation& work, size_t index) {
  auto& child = children_[index];
  if (child.is_killed) return;
  tell("stop", index);
  request_exit(child.actor, caf::exit_reason::user_shutdown);
  work.timer = self_->run_delayed(child.spec.grace, [this, index, id = child.actor->id()] {
    auto& late = children_[index];
    if (!late.actor || late.actor->id() != id) return;
    late.is_killed = true;
    tell("kill", index);
    request_exit(late.actor, caf::exit_reason::kill);
  });
}

void supervisor_core::restart_later(operation& work) {
  const auto delay = *std::exchange(work.restart_after, std::nullopt);
  work.timer = self_->run_delayed(delay, [this, id = work.id] {
    auto* due = find(id);
    if (!due) return;
    const auto [first, last] = std::pair{due->first, due->last};
    operations_.remove_if([id](const operation& o) { return o.id == id; });
    for (size_t i = first; i < last; ++i) {
      if (!children_[i].actor && !children_[i].is_gone) ++children_[i].restarts;
      start(i);
    }
  });
}

// A quitting operation swallows all others and none starts beside it, so it is alone in the list.
bool supervisor_core::is_quitting() const {
  return !operations_.empty() && operations_.front().quit_with;
}

supervisor_core::operation* supervisor_core::find(uint64_t id) {
  for (auto& work : operations_)
    if (work.id == id) return &work;
  return nullptr;
}

void supervisor_core::tell(const std::string& what, size_t index) {
  if (!options_.observe) return;
  const auto& child = children_[index];
  options_.observe(what, child.spec.id,
                   what == "down" || what == "escalate" || what == "open" ? child.last_error : std::string{});
}

void supervisor_core::request_exit(const caf::strong_actor_ptr& to, caf::exit_reason why) {
  // High priority: a plain send_exit would queue behind the child's whole mailbox.
  to->enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
              caf::make_message(caf::exit_msg{self_->address(), why}), nullptr);
}

namespace {

template <class Self>
caf::behavior run_supervisor(Self self, supervisor_options options, std::vector<child_spec> children) {
  self->state.core.emplace(self, std::move(options), std::move(children));
  return {
    [self](atom::children) { return self->state.core->children(); },
    [self](atom::start_child, child_spec& spec) { self->state.core->start_child(std::move(spec)); },
    [self](atom::stop_child, const std::string& id) {
      auto promise = self->make_response_promise();
      self->state.core->stop_child(id, [promise]() mutable { promise.deliver(caf::unit); });
      return promise;
    },
    [self](atom::retry, const std::string& id) { return self->state.core->retry(id); },
  };
}

} // namespace

caf::behavior supervisor(caf::stateful_actor<supervisor_state>* self, supervisor_options options,
                         std::vector<child_spec> children) {
  self->set_exception_handler([self](std::exception_ptr& fault) { return to_error(self->name(), fault); });
  return run_supervisor(self, std::move(options), std::move(children));
}

caf::behavior loop_supervisor(untyped_loop_pointer<supervisor_state> self, supervisor_options options,
                              std::vector<child_spec> children) {
  return run_supervisor(self, std::move(options), std::move(children));
}

} // namespace tickplant::actors
