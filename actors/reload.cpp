#include "actors/reload.hpp"

#include "actors/atoms.hpp"
#include "actors/gateway_logins.hpp"
#include "actors/loop_call.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/wire/error_registry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace tickplant::actors {

namespace {

constexpr auto request_patience = std::chrono::seconds{10};

template <class Options>
const Options* find_named(const std::vector<Options>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Options& o) { return o.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::vector<std::string> shown_names(const config::server_options& options) {
  std::vector<std::string> names;
  for (const auto& venue : options.venues) names.push_back(shown_name(venue.name));
  if (options.consolidation.enabled) names.emplace_back(consolidation::venue_name);
  return names;
}

reload_report refused_report(std::string plan, std::string reason) {
  return {reload_report::kind::refused, std::move(plan), std::move(reason), {}};
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

reload_work::reload_work(server& of, const config::server_options& before, const config::server_options& next,
                         const config::reload_plan& plan)
  : server_(of), before_(before), next_(next), plan_(plan), self_(of.system_), auth_before_(of.auth_) {}

template <class Call>
void reload_work::on_gateways(Call call) {
  for (size_t i = 0; i < server_.gateways_.size(); ++i)
    call_on(*server_.network_loops_[i], [call, i, context = server_.gateways_[i].get(),
                                         sockets = server_.sockets_[i].get()] { call(i, *context, *sockets); });
}

void reload_work::prepare() {
  auto& make = server_.assembly_;
  make.check_venues(next_.venues);
  auth_next_ = make.auth(next_, &before_, auth_before_);
  for (const auto& [name, policy] : auth_next_) {
    const auto had = auth_before_.find(name);
    if (had != auth_before_.end() && had->second != policy) changed_policies_.push_back(name);
  }
  settings_before_ = server_.gateways_.front()->settings;
  settings_next_ = make.settings(next_);
  for (const auto& listener : before_.listeners)
    rules_before_[listener.name] = server_.rules_.at(server_.number_of(listener.name));
  for (const auto& listener : next_.listeners) rules_next_[listener.name] = make.rules(listener, auth_next_);
  for (const auto& gateway : server_.gateways_) {
    dialects_.push_back(make.dialects(next_, gateway.get()));
    compressions_before_.push_back(gateway->compressions);
    compressions_next_.push_back(plan_.compression_changed.empty() && plan_.listeners_changed.empty() &&
                                     plan_.listeners_added.empty()
                                   ? gateway->compressions
                                   : make.compressions(next_));
  }
  for (const auto* list : {&plan_.listeners_added, &plan_.listeners_rebound})
    for (const auto& name : *list) {
      const auto* listener = find_named(next_.listeners, name);
      auto socket = std::make_shared<std::optional<net::listening_socket>>();
      try {
        socket->emplace(listener->address, listener->port);
      } catch (const std::exception& fault) {
        std::vector<config::fault> one;
        auto& told = one.emplace_back();
        told.where = listener->where;
        told.path = "listeners." + name + ".bind";
        told.problem = fault.what();
        throw config::config_fault{std::move(one)};
      }
      sockets_[name] = std::move(socket);
    }
}

void reload_work::apply() {
  add_node_settings();
  add_dialects();
  add_compressions();
  add_gateway_settings();
  add_rules();
  add_listeners();
  add_venue_order(false);
  add_venues();
  add_venue_order(true);
  add_consolidation();
  steps_.run();
  server_.auth_ = auth_next_;
  // What cannot be taken back comes last: sessions that the new keys do not cover are closed.
  recheck_logins();
}

void reload_work::add_node_settings() {
  steps_.add(
    "log and traces",
    [this] {
      telemetry::configure_log(logging_of(next_));
      server_.tracer_->configure(tracing_of(next_));
    },
    [this] {
      telemetry::configure_log(logging_of(before_));
      server_.tracer_->configure(tracing_of(before_));
    });
}

// Dialects stay once they are there: clients may speak them.
void reload_work::add_dialects() {
  steps_.add(
    "dialects",
    [this] {
      auto shared = std::make_shared<decltype(dialects_)>(std::move(dialects_));
      on_gateways([shared](size_t i, gateway_context& context, gateway_sockets&) {
        for (auto& dialect : (*shared)[i]) context.dialects.push_back(std::move(dialect));
      });
    },
    [] {});
}

void reload_work::add_compressions() {
  const auto put = [this](const std::vector<std::vector<std::shared_ptr<compression_place>>>& all) {
    on_gateways([all](size_t i, gateway_context& context, gateway_sockets&) { context.compressions = all[i]; });
  };
  steps_.add(
    "compression", [=, this] { put(compressions_next_); }, [=, this] { put(compressions_before_); });
}

void reload_work::add_gateway_settings() {
  const auto put = [this](const gateway_settings_ptr& settings) {
    on_gateways([settings](size_t, gateway_context& context, gateway_sockets& sockets) {
      sockets.set().set_options(settings->clients);
      context.change_settings(settings);
    });
  };
  steps_.add(
    "limits and tiers", [=, this] { put(settings_next_); }, [=, this] { put(settings_before_); });
}

void reload_work::set_rules(const std::string& listener, listener_rules_ptr rules) {
  const auto number = server_.number_of(listener);
  if (server_.rules_.size() <= number) server_.rules_.resize(number + 1);
  server_.rules_[number] = rules;
  on_gateways(
    [number, rules](size_t, gateway_context&, gateway_sockets& sockets) { sockets.set_rules(number, rules); });
}

void reload_work::add_rules() {
  for (const auto& [name, rules] : rules_next_) {
    const auto had = rules_before_.find(name);
    const auto before = had == rules_before_.end() ? nullptr : had->second;
    steps_.add(
      "rules of listener " + name, [this, n = name, r = rules] { set_rules(n, r); },
      [this, n = name, before] { set_rules(n, before); });
  }
}

caf::strong_actor_ptr reload_work::branch(const std::string& name) {
  caf::strong_actor_ptr found;
  self_->request(server_.node_, request_patience, atom::children_v)
    .receive(
      [&](const std::vector<child_info>& rows) {
        for (const auto& row : rows)
          if (row.id == name) found = row.actor;
      },
      [](const caf::error& fault) { throw std::runtime_error("the node did not answer: " + to_string(fault)); });
  if (!found) throw std::runtime_error("the supervisor '" + name + "' is being restarted; try again");
  return found;
}

void reload_work::stop_child(const std::string& of_branch, const std::string& id) {
  self_->request(caf::actor_cast<caf::actor>(branch(of_branch)), request_patience, atom::stop_child_v, id)
    .receive([] {},
             [&](const caf::error& fault) { throw std::runtime_error(id + " did not stop: " + to_string(fault)); });
}

void reload_work::start_child(const std::string& of_branch, child_spec spec) {
  const auto id = spec.id;
  self_->request(caf::actor_cast<caf::actor>(branch(of_branch)), request_patience, atom::start_child_v, std::move(spec))
    .receive([] {},
             [&](const caf::error& fault) { throw std::runtime_error(id + " did not start: " + to_string(fault)); });
}

void reload_work::start_listener(const config::listener_options& options, std::optional<net::listening_socket> socket) {
  if (!socket) socket.emplace(options.address, options.port);
  start_child("gateway", listener_child(server_.listener_of(options, std::move(*socket))));
}

void reload_work::add_listeners() {
  const auto id_of = [](const std::string& name) { return "listener-" + name; };
  for (const auto& name : plan_.listeners_removed)
    steps_.add(
      "listener " + name,
      [=, this] {
        stop_child("gateway", id_of(name));
        set_rules(name, nullptr);
      },
      [=, this] {
        set_rules(name, rules_before_.at(name));
        start_listener(*find_named(before_.listeners, name), std::nullopt);
      });
  for (const auto& name : plan_.listeners_rebound)
    steps_.add(
      "listener " + name,
      [=, this] {
        stop_child("gateway", id_of(name));
        start_listener(*find_named(next_.listeners, name), std::move(*sockets_.at(name)));
      },
      [=, this] {
        stop_child("gateway", id_of(name));
        start_listener(*find_named(before_.listeners, name), std::nullopt);
      });
  for (const auto& name : plan_.listeners_added)
    steps_.add(
      "listener " + name,
      [=, this] { start_listener(*find_named(next_.listeners, name), std::move(*sockets_.at(name))); },
      [=, this] { stop_child("gateway", id_of(name)); });
}

placed_venue* reload_work::find_venue(const std::string& shown) {
  for (auto& venue : server_.setup_.venues)
    if (venue.setup->name == shown) return &venue;
  return nullptr;
}

void reload_work::start_venue(const config::venue_options& options) {
  // The feed loop that carries the fewest.
  std::vector<size_t> load(server_.feeds_.size());
  for (const auto& venue : server_.setup_.venues) ++load[venue.feed->number];
  const auto feed = static_cast<size_t>(std::min_element(load.begin(), load.end()) - load.begin());
  auto* context = server_.feeds_[feed].get();
  auto setup = server_.assembly_.venue(options, &server_.feed_homes_[feed]->events());
  auto* place =
    call_on(*server_.feed_homes_[feed], [context, name = setup->name] { return &context->add_venue(name); });
  server_.setup_.venues.push_back({std::move(setup), context, place});
  start_child("venues", venue_child(server_.setup_, server_.setup_.venues.back()));
}

// Adapter and books start anew. Hubs keep what was published last, marked stale, until the venue has recovered.
void reload_work::restart_venue(const config::venue_options& options) {
  auto* venue = find_venue(shown_name(options.name));
  if (!venue) return start_venue(options);
  stop_child("venues", venue->setup->name);
  venue->setup = server_.assembly_.venue(options, &server_.feed_homes_[venue->feed->number]->events());
  start_child("venues", venue_child(server_.setup_, *venue));
}

void reload_work::remove_venue(const std::string& shown) {
  auto* venue = find_venue(shown);
  if (!venue) return;
  stop_child("venues", shown);
  call_on(*server_.feed_homes_[venue->feed->number],
          [context = venue->feed, place = venue->place] { context->remove_venue(*place); });
  std::erase_if(server_.setup_.venues, [&](const placed_venue& v) { return v.setup->name == shown; });
}

void reload_work::add_venues() {
  for (const auto& name : plan_.venues_removed)
    steps_.add(
      "venue " + name, [=, this] { remove_venue(shown_name(name)); },
      [=, this] { start_venue(*find_named(before_.venues, name)); });
  auto restarted = plan_.venues_restarted;
  for (const auto& name : plan_.venues_relisted)
    if (!contains(restarted, name)) restarted.push_back(name);
  for (const auto& name : restarted)
    steps_.add(
      "venue " + name, [=, this] { restart_venue(*find_named(next_.venues, name)); },
      [=, this] { restart_venue(*find_named(before_.venues, name)); });
  for (const auto& name : plan_.venues_added)
    steps_.add(
      "venue " + name, [=, this] { start_venue(*find_named(next_.venues, name)); },
      [=, this] { remove_venue(shown_name(name)); });
}

// Gateways have to know a venue before it tells its symbols, and until its last one is gone.
void reload_work::add_venue_order(bool is_final) {
  const auto old_names = shown_names(before_), new_names = shown_names(next_);
  if (old_names == new_names) return;
  auto both = new_names;
  for (const auto& name : old_names)
    if (!contains(both, name)) both.push_back(name);
  const auto put = [this](const std::vector<std::string>& names) {
    on_gateways([names](size_t, gateway_context& context, gateway_sockets&) { context.change_venues(names); });
  };
  steps_.add(
    "order of venues", [=] { put(is_final ? new_names : both); }, [=] { put(is_final ? both : old_names); });
}

// Its legs stand in the order of venues, too.
void reload_work::add_consolidation() {
  if (!server_.consolidation_) return;
  const auto before = assembly::consolidation_rules(before_), next = assembly::consolidation_rules(next_);
  if (before == next) return;
  const auto put = [this](const consolidation::rules& rules) {
    auto* context = server_.consolidation_.get();
    call_on(context->home.loop, [context, rules] { context->set_rules(rules); });
  };
  steps_.add(
    "consolidation", [=] { put(next); }, [=] { put(before); });
}

// Whoever logged in under a policy that has changed is looked at again, off the loops, as policies may take their time.
void reload_work::recheck_logins() {
  if (changed_policies_.empty()) return;
  struct client {
    fanout::client_key key;
    std::string listener;
    policy::principal who;
  };
  for (size_t i = 0; i < server_.gateways_.size(); ++i) {
    auto* context = server_.gateways_[i].get();
    auto& loop = *server_.network_loops_[i];
    const auto clients = call_on(loop, [context] {
      std::vector<client> all;
      for (const auto& place : context->clients)
        if (place.connection && place.who)
          all.push_back({place.key, place.rules ? place.rules->name : std::string{}, *place.who});
      return all;
    });
    for (const auto& one : clients) {
      const auto* listener = find_named(next_.listeners, one.listener);
      if (!listener || !contains(changed_policies_, listener->auth)) continue;
      const auto& host = auth_next_.at(listener->auth)->host;
      const auto code = host->recheck(one.who, static_cast<int64_t>(net::wall_now_ns()));
      if (code == 0) continue;
      const std::string reason{plugin::auth_host::recheck_reason(code)};
      login_event event;
      event.what = "recheck";
      event.listener = one.listener;
      event.code = code;
      event.reason = reason;
      event.principal = &one.who;
      audit(event);
      loop.post(
        [context, key = one.key, code, reason] { context->sockets->close(key, static_cast<uint16_t>(code), reason); });
    }
  }
}

// ---- the server's side ----

reload_report server::reload(bool dry_run) {
  config::server_options next;
  try {
    next = config::load(request_);
  } catch (const std::exception& fault) {
    return refused_report({}, fault.what());
  }
  return change_to(std::move(next), dry_run);
}

reload_report server::rollback() {
  if (!has_previous_) return refused_report({}, "there is no configuration before this one");
  auto report = change_to(previous_, false);
  if (report.what == reload_report::kind::applied) report.what = reload_report::kind::rolled_back;
  return report;
}

reload_report server::change_to(config::server_options next, bool dry_run) {
  using kind = reload_report::kind;
  const auto started_ns = net::wall_now_ns();
  const auto before = options();
  if (next.network_loops == 0) next.network_loops = before.network_loops;
  const auto plan = config::plan_reload(before, next);
  auto text = to_text(plan);
  reload_report report;
  bool is_touched = false;
  try {
    if (!plan.refused.empty()) {
      std::string why;
      for (const auto& sentence : plan.refused) why += (why.empty() ? "" : "; ") + sentence;
      throw std::runtime_error(why);
    }
    reload_work work{*this, before, next, plan};
    work.prepare();
    if (dry_run) return {kind::planned, text, {}, {}};
    is_touched = true;
    work.apply();
    report = {plan.empty() ? kind::unchanged : kind::applied, text, {}, {}};
  } catch (const std::exception& fault) {
    if (dry_run) return refused_report(text, fault.what());
    report = {is_touched ? kind::rolled_back : kind::refused, text, fault.what(), {}};
  }
  trace_reload(report, started_ns);
  std::lock_guard guard{options_lock_};
  plugins_ = assembly_.plugins().loaded();
  if (report.what != kind::applied) return report;
  previous_ = std::exchange(options_, std::move(next));
  has_previous_ = true;
  return report;
}

void server::trace_reload(reload_report& report, uint64_t started_ns) {
  if (!tracer_->is_on()) return;
  telemetry::sampler ids;
  telemetry::span_record span;
  span.name = telemetry::span_name::config_reload;
  span.trace_id = ids.new_trace_id();
  span.span_id = ids.new_span_id();
  span.start_ns = started_ns;
  span.end_ns = net::wall_now_ns();
  span.add("result", name_of(report.what));
  if (!report.reason.empty()) span.fail(report.reason);
  tracer_->record(span);
  report.trace = {span.trace_id, span.span_id, telemetry::trace_context::sampled};
}

std::vector<std::string> server::watched_files() {
  return assembly::watched(options(), auth_);
}

} // namespace tickplant::actors
