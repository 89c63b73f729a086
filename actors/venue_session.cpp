#include "actors/venue_session.hpp"

#include "actors/atoms.hpp"
#include "actors/delivery_trace.hpp"
#include "actors/supervisor.hpp"
#include "actors/symbol_book.hpp"
#include "runtime/net/venue/venue_lines.hpp"
#include "runtime/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <stdexcept>

namespace tickplant::actors {

namespace {

constexpr uint64_t retire_after_ns = 30'000'000'000;

telemetry::level to_level(int32_t level) {
  switch (level) {
    case TP_LOG_DEBUG: return telemetry::level::debug;
    case TP_LOG_WARNING: return telemetry::level::warning;
    case TP_LOG_ERROR: return telemetry::level::error;
    default: return telemetry::level::info;
  }
}

std::string_view name_of_stream_state(uint32_t state) {
  switch (state) {
    case TP_STREAM_LIVE: return "live";
    case TP_STREAM_GAP: return "gap";
    case TP_STREAM_LOST: return "lost";
    case TP_STREAM_RESTARTED: return "restarted";
    case TP_STREAM_SILENT: return "silent";
    case TP_STREAM_CLOSED: return "closed";
    case TP_STREAM_DIRECTORY: return "directory complete";
    case TP_STREAM_RENUMBERED: return "renumbered";
    default: return "unknown";
  }
}

std::string_view name_of_line_state(uint32_t state) {
  switch (state) {
    case 0: return "opening";
    case TP_LINE_UP: return "up";
    case TP_LINE_CLOSED: return "closed";
    case TP_LINE_FAILED: return "failed";
    case TP_LINE_FILE_END: return "ended";
    default: return "unknown";
  }
}

std::vector<admin::line_row> rows_of(const std::vector<net::line_status>& lines) {
  std::vector<admin::line_row> rows;
  for (const auto& line : lines) {
    const auto& c = line.counters;
    rows.push_back({line.line, line.name, line.address, std::string{name_of_line_state(line.state)}, line.why,
                    line.since_ns, c.units, c.bytes, c.truncated, c.foreign, c.kernel_drops, c.send_refused});
  }
  return rows;
}

book::feed_options options_of(const venue_setup& setup) {
  book::feed_options options;
  options.venue = setup.name;
  options.order_refs = setup.plugin.ops().order_refs;
  options.silence_is_stale = true;
  options.band = setup.band;
  options.present = setup.present_memory;
  return options;
}

} // namespace

bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

venue_session::venue_session(feed_context& context, venue_place& place, std::shared_ptr<const venue_setup> setup,
                             std::shared_ptr<venue_health> health, std::function<void(std::string_view)> end)
  : context_(context), place_(place), setup_(std::move(setup)), health_(std::move(health)), end_(std::move(end)),
    feed_(std::make_unique<book::feed>(options_of(*setup_), context_.books.cores(), context_.dirty, *this)),
    recovery_(
      *feed_, context_, *health_, [this](int32_t level, std::string_view text) { log(level, text); },
      [this](uint32_t channel, uint32_t number) { return whose(channel, number); }) {
  const auto log_line = [this](int32_t level, std::string_view text) { log(level, text); };
  world_hooks hooks;
  hooks.log = log_line;
  hooks.on_fault = [this](std::string_view what) { end_(what); };
  hooks.after_delivery = [this] {
    settle();
    context_.publish();
    feed_->make_ready(); // behind everything that somebody waits for
  };
  world_ = std::make_unique<line_watch>(setup_->open_world(*this, std::move(hooks)), health_->care().lines,
                                        [&loop = context_.loop] { return loop.monotonic_ns(); });
  const bool is_backup = health_->groups.choose() == supervision::line_group::backup;
  plugin::venue_host_options of_host{is_backup ? setup_->backup : setup_->settings, log_line, context_.next_epoch()};
  host_ = std::make_unique<plugin::venue_host>(setup_->plugin, *feed_, *world_, std::move(of_host));
  recovery_.set_host(host_.get(), [this] { return venue_ns(); });
  place_.feed = feed_.get();
  if (is_backup) log(TP_LOG_WARNING, "started on its backup lines");
}

venue_session::~venue_session() {
  place_.feed = nullptr;
  place_.adapter = nullptr;
  context_.set_complete(place_, false); // names that are not known may come with the next instance
  if (host_ && !host_->is_broken()) host_->stop(venue_ns());
  recovery_.end("the adapter ended");
  health_->is_well = false;
}

void venue_session::start() {
  if (!host_->create())
    throw std::runtime_error(host_->complaints().empty() ? host_->why_broken() : to_text(host_->complaints()));
  if (!host_->start(venue_ns())) throw std::runtime_error(host_->why_broken());
  state_ = "running";
  settle();
}

void venue_session::log(int32_t level, std::string_view text) const {
  telemetry::log(to_level(level), "venue " + setup_->name, text);
}

// A capture that is replayed has a clock of its own.
uint64_t venue_session::venue_ns() const {
  return world_->clock_ns().value_or(context_.loop.wall_ns());
}

bool venue_session::is_wanted(const model::instrument& instrument) const {
  if (instrument.parent != TP_ALL) return false; // a second book of an instrument: nobody can ask for it by name
  const auto& wanted = setup_->symbols;
  const auto fits = [&](const std::string& pattern) { return matches(pattern, instrument.symbol); };
  if (wanted.empty()) return !instrument.is_test;
  if (instrument.is_test) return std::find(wanted.begin(), wanted.end(), instrument.symbol) != wanted.end();
  return std::any_of(wanted.begin(), wanted.end(), fits);
}

/// A channel's number alone says little where each instrument is a channel of its own.
std::string venue_session::whose(uint32_t channel, uint32_t number) const {
  if (const auto only = only_.find(channel); number == TP_ALL && only != only_.end()) number = only->second;
  const auto symbol = symbols_.find(number);
  return symbol == symbols_.end() ? std::string{} : " (" + symbol->second + ')';
}

std::optional<model::instrument_id> venue_session::instrument_defined(const model::instrument& instrument) {
  symbols_[instrument.number] = instrument.symbol;
  if (const auto [only, is_new] = only_.try_emplace(instrument.channel, instrument.number);
      !is_new && only->second != instrument.number)
    only->second = TP_ALL;
  if (!is_wanted(instrument)) return std::nullopt;
  const auto id = context_.define(place_, instrument);
  seen_.insert(model::index_of(id));
  retiring_.erase(model::index_of(id));
  has_new_instruments_ = true;
  if (context_.books.find(model::index_of(id)) || !place_.books) return id;
  auto* context = &context_;
  child_spec spec;
  spec.id = instrument.symbol;
  spec.start = [context, id] {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn_on(context->loop, symbol_book, context, id));
  };
  caf::anon_send(place_.books, atom::start_child_v, std::move(spec));
  return id;
}

// A venue that starts a new session withdraws everything and tells it again: only what stays away is gone for good.
void venue_session::instrument_retired(model::instrument_id id) {
  seen_.erase(model::index_of(id));
  retiring_[model::index_of(id)] = context_.loop.monotonic_ns() + retire_after_ns;
}

void venue_session::retire_due() {
  const uint64_t now = context_.loop.monotonic_ns();
  std::erase_if(retiring_, [&](const auto& entry) {
    if (entry.second > now) return false;
    context_.retire(model::instrument_id{entry.first});
    return true;
  });
}

// What an earlier instance knew and this one does not tell has gone meanwhile.
void venue_session::directory_complete(uint32_t) {
  std::vector<model::instrument_id> gone;
  for (const auto id : place_.instruments)
    if (!seen_.contains(model::index_of(id))) gone.push_back(id);
  for (const auto id : gone) retiring_.erase(model::index_of(id));
  context_.set_complete(place_, true, gone);
}

void venue_session::resynchronise_wanted(uint32_t channel, uint32_t number, std::string_view reason) {
  recovery_.wanted(channel, number, reason);
}

void venue_session::engine_failed(model::instrument_id id, std::string_view what) {
  failed_.emplace_back(id, what);
}

void venue_session::stream_changed(const tp_stream& stream) {
  const std::string_view reason{stream.reason.data, stream.reason.size};
  std::string text = "channel " + std::to_string(stream.channel);
  if (stream.instrument != TP_ALL) text += " instrument " + std::to_string(stream.instrument);
  text += whose(stream.channel, stream.instrument) + ' ' + std::string{name_of_stream_state(stream.state)};
  if (stream.to != 0) text += ' ' + std::to_string(stream.from) + ".." + std::to_string(stream.to);
  if (!reason.empty()) text += ": " + std::string{reason};
  recovery_.stream(stream);
  trace_recovery(stream);
  const bool is_bad = stream.state != TP_STREAM_LIVE && stream.state != TP_STREAM_DIRECTORY;
  log(is_bad ? TP_LOG_WARNING : TP_LOG_DEBUG, text);
  // A gap may heal, and a new day is none.
  if (stream.state == TP_STREAM_LOST || stream.state == TP_STREAM_SILENT) last_error_ = std::move(text);
}

void venue_session::on_units(std::span<const tp_unit> units) {
  for (const auto& unit : units) world_->health().heard(unit.line);
  if (!context_.tracing.is_on() || units.empty()) return host_->on_units(units);
  const delivery_trace trace{context_, *host_, *feed_, static_cast<uint32_t>(units.size()), units.front().recv_ns};
  host_->on_units(units);
}

int64_t venue_session::on_stream(const tp_unit& unit) {
  world_->health().heard(unit.line);
  if (!context_.tracing.is_on()) return host_->on_stream(unit);
  const delivery_trace trace{context_, *host_, *feed_, 1, unit.recv_ns};
  return host_->on_stream(unit);
}

// One span from the first loss of a channel until it lives again.
void venue_session::trace_recovery(const tp_stream& stream) {
  const bool is_bad =
    stream.state == TP_STREAM_LOST || stream.state == TP_STREAM_GAP || stream.state == TP_STREAM_SILENT;
  const auto now = context_.loop.wall_ns();
  if (is_bad) {
    recovering_since_ns_.try_emplace(stream.channel, now);
    return;
  }
  if (stream.state != TP_STREAM_LIVE) return;
  const auto since = recovering_since_ns_.find(stream.channel);
  if (since == recovering_since_ns_.end()) return;
  record_recovery(context_, setup_->name, stream.channel, since->second, now);
  recovering_since_ns_.erase(since);
}

void venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  if (state == TP_LINE_FAILED) last_error_ = "line " + std::to_string(line) + ": " + std::string{why};
  world_->changed(line, state);
  host_->on_line(line, state, why, now_ns);
}

void venue_session::change_interest(const std::vector<fanout::interest_update>& updates) {
  pass_interest(updates);
  settle();
}

void venue_session::pass_interest(const std::vector<fanout::interest_update>& updates) {
  std::vector<tp_interest> list;
  for (const auto& update : updates)
    if (const auto number = feed_->number_of(update.id)) list.push_back({*number, update.wanted.want});
  if (!list.empty()) host_->on_interest(list, venue_ns());
}

void venue_session::resynchronise(model::instrument_id id, const std::string& why) {
  if (const auto number = feed_->number_of(id)) resynchronise_wanted(feed_->channel_of(*number), *number, why);
  settle();
}

void venue_session::tick() {
  if (is_ended_) return;
  recovery_.tick();
  tell_refusals();
  settle();
  context_.publish();
  if (!is_ended_) judge_health();
}

// Once for each reason, and again when there are ten times as many: whoever writes a plugin is to see it, and a venue
// that sends such events all day is not to fill the log.
void venue_session::tell_refusals() {
  std::string text;
  for (size_t i = 0; i < told_refusals_.size(); ++i) {
    const uint64_t count = feed_->counters().refused[i];
    if (count == 0 || count < 10 * told_refusals_[i]) continue;
    told_refusals_[i] = count;
    text +=
      (text.empty() ? "" : ", ") + std::string{name_of(static_cast<book::refusal>(i))} + ' ' + std::to_string(count);
  }
  if (!text.empty()) log(TP_LOG_WARNING, "books have refused events: " + text);
}

// A venue that brings nothing is no better than one that has died: its supervisor is to do something about it.
void venue_session::judge_health() {
  const uint64_t now = context_.loop.monotonic_ns();
  const auto& care = health_->care();
  auto problem = world_->health().problem(world_->now());
  const auto limit = static_cast<uint64_t>(care.recovery_limit.count());
  const uint64_t lost_since = recovery_.lost_since();
  if (problem.empty() && limit != 0 && lost_since != 0 && now - lost_since >= limit)
    problem = "all channels are lost, and no recovery has ended for " + std::to_string(limit / 1'000'000'000) + " s";
  if (!problem.empty()) {
    is_ended_ = true;
    return end_(problem);
  }
  health_->is_well = world_->health().is_well() && lost_since == 0;
  if (!health_->is_well) {
    well_since_ns_ = 0;
    return;
  }
  if (well_since_ns_ == 0) well_since_ns_ = now;
  const auto well_for = std::chrono::nanoseconds{static_cast<int64_t>(now - well_since_ns_)};
  if (well_for >= care.breaker.healthy) health_->groups.forget_failures();
  if (!health_->groups.is_return_due(well_for)) return;
  health_->groups.use(supervision::line_group::primary);
  restart("goes back to its primary lines");
}

void venue_session::restart(const std::string& why) {
  log(TP_LOG_WARNING, why);
  is_ended_ = true;
  end_({});
}

std::string venue_session::use_lines(std::string_view group) {
  using supervision::line_group;
  const bool is_primary = group == name_of(line_group::primary);
  if (!is_primary && group != name_of(line_group::backup))
    return "'" + std::string{group} + "' is no group of lines: primary and backup are";
  const auto wanted = is_primary ? line_group::primary : line_group::backup;
  if (!health_->groups.has_backup()) return "the venue has no backup lines: its key 'backup' is not there";
  if (health_->groups.in_use() == wanted) return "it uses its " + std::string{group} + " lines already";
  health_->groups.use(wanted);
  restart("started anew on its " + std::string{group} + " lines, by an operator");
  return {};
}

void venue_session::settle() {
  if (is_ended_) return;
  if (host_->is_broken()) {
    is_ended_ = true;
    return end_(host_->why_broken());
  }
  for (const auto& [id, what] : std::exchange(failed_, {})) context_.books.fault(model::index_of(id), what);
  if (std::exchange(has_new_instruments_, false)) pass_interest(context_.interest_of(place_).updates);
  if (!retiring_.empty()) retire_due();
  recovery_.settle();
  if (host_->is_broken()) settle(); // by what it was asked
}

venue_status venue_session::status() const {
  venue_status status;
  status.name = setup_->name;
  status.plugin = setup_->plugin.name() + ' ' + setup_->plugin.info().version;
  status.state = host_->is_broken() ? "broken" : state_;
  status.last_error = last_error_;
  status.instruments = seen_.size();
  status.live_orders = feed_->live_orders();
  status.books = feed_->books();
  status.events = feed_->counters().events;
  for (size_t i = 0; i < static_cast<size_t>(book::refusal::count_); ++i) {
    const auto count = feed_->counters().refused[i];
    status.refused += count;
    status.refusals.emplace_back(name_of(static_cast<book::refusal>(i)), count);
  }
  status.refusals.emplace_back("hidden_top", feed_->hidden_tops()); // of publications, not of events
  status.recovery = recovery_.figures();
  status.resynchronisations = status.recovery.asked;
  status.lost = recovery_.losses();
  if (health_->groups.has_backup()) status.lines_in_use = name_of(health_->groups.in_use());
  status.line_switches = health_->groups.switches();
  if (const auto* world = dynamic_cast<const net::venue_lines*>(&world_->innermost()))
    status.lines = rows_of(world->status());
  const auto names = host_->counter_names();
  const auto counts = host_->counters();
  for (size_t i = 0; i < names.size(); ++i) status.counters.emplace_back(names[i], counts[i]);
  return status;
}

} // namespace tickplant::actors
