#include "runtime/plugin/venue_host.hpp"

#include <exception>
#include <utility>

namespace tickplant::plugin {

using gate = venue_services::gate;

std::string_view code_name(int64_t code) {
  switch (code) {
    case TP_OK: return "ok";
    case TP_E_ARGUMENT: return "argument";
    case TP_E_UNSUPPORTED: return "unsupported";
    case TP_E_AGAIN: return "again";
    case TP_E_DOWN: return "down";
    case TP_E_LIMIT: return "limit";
    case TP_E_STOPPING: return "stopping";
    case TP_E_BROKEN: return "broken";
    case TP_E_INTERNAL: return "internal";
    default: return "unknown code";
  }
}

namespace {

std::span<const tp_str> counters_of(const tp_venue_ops& ops) {
  return {ops.counters, ops.counter_count};
}

} // namespace

std::vector<complaint> venue_host::validate(const venue_plugin& plugin, const settings_list& settings,
                                            const log_function& log) {
  const settings_view view{settings};
  venue_services services{counters_of(plugin.ops()), log, 0};
  services.set_gate(gate::validating);
  int32_t answer = TP_E_INTERNAL;
  std::string thrown;
  try {
    answer = plugin.ops().validate(view.config(), services.table(), services.ctx());
  } catch (const std::exception& fault) {
    thrown = fault.what();
  } catch (...) {
    thrown = "exception of unknown type";
  }
  auto complaints = services.take_complaints();
  if (answer != TP_OK && complaints.empty())
    complaints.push_back({"", "validate answered " + std::to_string(answer) + " (" + std::string{code_name(answer)} +
                                ')' + (thrown.empty() ? "" : ": " + thrown)});
  return complaints;
}

venue_host::venue_host(venue_plugin plugin, book::feed& feed, venue_io& io, venue_host_options options)
  : plugin_(std::move(plugin)), ops_(&plugin_.ops()), settings_(std::move(options.settings)), feed_(feed),
    services_(counters_of(*ops_), std::move(options.log), options.random_seed) {
  services_.connect(feed, io, *ops_);
}

venue_host::~venue_host() {
  if (self_) enter(gate::closed, [&] { return ops_->destroy(self_), TP_OK; });
}

template <class Call>
int64_t venue_host::enter(gate to, Call&& call) {
  services_.set_gate(to);
  int64_t answer = TP_E_INTERNAL;
  try {
    answer = call();
  } catch (const std::exception& fault) {
    thrown_ = fault.what();
  } catch (...) {
    thrown_ = "exception of unknown type";
  }
  services_.set_gate(gate::closed);
  return answer;
}

void venue_host::mark_broken(std::string_view call, int64_t answer) {
  broken_ = true;
  why_broken_.assign(call)
    .append(" answered ")
    .append(std::to_string(answer))
    .append(" (")
    .append(code_name(answer))
    .append(")");
  if (!thrown_.empty()) why_broken_.append(": ").append(thrown_);
}

/// The world may not call from inside a call: a plugin half-way through its own code would see itself change.
bool venue_host::may_be_called() {
  if (services_.current_gate() != gate::closed) {
    ++nested_;
    services_.log(TP_LOG_ERROR, "the host called the plugin from inside a call; the inner call was left out");
    return false;
  }
  return life_ == life::running && !broken_;
}

template <class Call>
int32_t venue_host::call(std::string_view name, Call&& plugin_call) {
  if (!is_callable()) return TP_E_DOWN;
  const int64_t answer = enter(gate::open, std::forward<Call>(plugin_call));
  if (answer < 0 && answer != TP_E_STOPPING) mark_broken(name, answer);
  return static_cast<int32_t>(answer);
}

bool venue_host::create() {
  if (life_ != life::raw || broken_) return false;
  const int64_t answer =
    enter(gate::open, [&] { return ops_->create(settings_.config(), services_.table(), services_.ctx(), &self_); });
  if (answer != TP_OK) {
    // What a failed create leaves behind is the plugin's to free; a half-made self is never handed back to it.
    self_ = nullptr;
    mark_broken("create", answer);
  } else if (!self_) {
    broken_ = true;
    why_broken_ = "create answered 0 (ok) but set no instance";
  } else {
    life_ = life::created;
  }
  return !broken_;
}

bool venue_host::start(uint64_t now_ns) {
  if (life_ != life::created || broken_) return false;
  life_ = life::running;
  feed_.received(now_ns);
  call("start", [&] { return ops_->start(self_, now_ns); });
  return !broken_;
}

bool venue_host::on_interest(std::span<const tp_interest> list, uint64_t now_ns) {
  if (ops_->on_interest)
    call("on_interest", [&] { return ops_->on_interest(self_, list.data(), list.size(), now_ns); });
  return !broken_;
}

bool venue_host::stop(uint64_t now_ns) {
  if (!is_callable()) return !broken_;
  const int64_t answer = enter(gate::stopping, [&] { return ops_->stop(self_, now_ns); });
  life_ = life::stopped;
  if (answer < 0 && answer != TP_E_STOPPING) mark_broken("stop", answer);
  return !broken_;
}

int32_t venue_host::resynchronise(uint32_t channel, uint32_t instrument, uint64_t now_ns) {
  if (!ops_->resynchronise) return TP_E_UNSUPPORTED;
  if (!is_callable()) return broken_ ? TP_E_BROKEN : TP_E_DOWN;
  const int64_t answer = enter(gate::open, [&] { return ops_->resynchronise(self_, channel, instrument, now_ns); });
  if (answer >= 0) return TP_OK;
  if (answer == TP_E_UNSUPPORTED || answer == TP_E_AGAIN || answer == TP_E_DOWN || answer == TP_E_LIMIT)
    return static_cast<int32_t>(answer);
  mark_broken("resynchronise", answer);
  return TP_E_BROKEN;
}

void venue_host::on_units(std::span<const tp_unit> units) {
  if (units.empty()) return;
  // The oldest of the burst: what is measured from here may be too long, never too short.
  feed_.received(units.front().recv_ns);
  call("on_units", [&] { return ops_->on_units(self_, units.data(), units.size()); });
}

int64_t venue_host::on_stream(const tp_unit& unit) {
  if (!ops_->on_stream) return TP_E_UNSUPPORTED;
  if (!is_callable()) return TP_E_DOWN;
  feed_.received(unit.recv_ns);
  const int64_t answer = enter(gate::open, [&] { return ops_->on_stream(self_, &unit); });
  if (answer > static_cast<int64_t>(unit.size)) {
    broken_ = true;
    why_broken_ = "on_stream consumed " + std::to_string(answer) + " of " + std::to_string(unit.size) + " bytes";
    return TP_E_BROKEN;
  }
  if (answer == TP_E_BROKEN || answer == TP_E_INTERNAL) mark_broken("on_stream", answer);
  return answer;
}

void venue_host::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  call("on_line", [&] { return ops_->on_line(self_, line, state, {why.data(), why.size()}, now_ns); });
}

void venue_host::on_http(const tp_http_answer& answer) {
  if (!ops_->on_http) return;
  feed_.received(answer.recv_ns);
  call("on_http", [&] { return ops_->on_http(self_, &answer); });
}

void venue_host::on_timer(uint32_t id, uint64_t now_ns) {
  call("on_timer", [&] { return ops_->on_timer(self_, id, now_ns); });
}

uint64_t venue_host::counter(std::string_view name) const {
  const auto names = services_.counter_names();
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return services_.counters()[i];
  return 0;
}

} // namespace tickplant::plugin
