#include "actors/node.hpp"

#include "actors/connection.hpp"
#include "actors/consolidator.hpp"
#include "actors/hub.hpp"
#include "actors/symbol_book.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/sampler.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_registry.hpp>

#include <functional>
#include <map>
#include <memory>

namespace tickplant::actors {

namespace {

constexpr auto branch_grace = std::chrono::seconds{4};
constexpr auto leaf_grace = std::chrono::seconds{2};

template <class Actor>
caf::strong_actor_ptr strong(const Actor& actor) {
  return caf::actor_cast<caf::strong_actor_ptr>(actor);
}

void log_event(const std::string& name, const std::string& what, const std::string& child, const std::string& why) {
  const auto at = what == "escalate" || what == "kill" || what == "open" ? telemetry::level::error
                  : what == "down" && !why.empty()                       ? telemetry::level::warning
                                                                         : telemetry::level::debug;
  telemetry::log(at, "supervisor " + name, what + ' ' + child + (why.empty() ? "" : ": " + why));
}

/// One span from a child's death to its next start. Belongs to one supervisor.
class restart_trace {
public:
  explicit restart_trace(telemetry::tracer* tracer) : tracer_(tracer) {}

  void note(const std::string& supervisor, const std::string& what, const std::string& child, const std::string& why) {
    if (!tracer_ || !tracer_->is_on()) return;
    if (what == "down" && !why.empty()) down_[child] = {net::wall_now_ns(), why};
    if (what != "start") return;
    const auto found = down_.find(child);
    if (found == down_.end()) return;
    telemetry::span_record span;
    span.name = telemetry::span_name::supervisor_restart;
    span.trace_id = ids_.new_trace_id();
    span.span_id = ids_.new_span_id();
    span.start_ns = found->second.at_ns;
    span.end_ns = net::wall_now_ns();
    span.add("supervisor", supervisor).add("child", child).fail(found->second.why);
    tracer_->record(span);
    const telemetry::trace_context trace{span.trace_id, span.span_id, telemetry::trace_context::sampled};
    telemetry::log(telemetry::level::info, "supervisor " + supervisor, "started " + child + " again", &trace);
    down_.erase(found);
  }

private:
  struct death {
    uint64_t at_ns;
    std::string why;
  };
  telemetry::tracer* tracer_;
  telemetry::sampler ids_;
  std::map<std::string, death> down_; // children that have not come back
};

supervisor_options options_for(const node_setup& setup, const std::string& name) {
  supervisor_options options;
  options.policy = setup.policy;
  options.seed = setup.seed ^ std::hash<std::string>{}(name);
  options.observe = [name, restarts = std::make_shared<restart_trace>(setup.tracer)](
                      const std::string& what, const std::string& child, const std::string& why) {
    log_event(name, what, child, why);
    restarts->note(name, what, child, why);
  };
  return options;
}

child_spec leaf(std::string id, std::function<caf::strong_actor_ptr()> start) {
  return {std::move(id), std::move(start), supervision::restart::permanent, leaf_grace};
}

/// A supervisor on the scheduler as a child.
child_spec branch(caf::actor_system& system, const node_setup& setup, const std::string& name,
                  std::vector<child_spec> children) {
  return {name,
          [&system, options = options_for(setup, name), children = std::move(children)] {
            return strong(system.spawn(supervisor, options, children));
          },
          supervision::restart::permanent, branch_grace};
}

child_spec feed_child(caf::actor_system& system, feed_context* context) {
  return leaf("feed-loop-" + std::to_string(context->number), [&system, context] {
    auto actor = strong(spawn_on(context->loop, feed_loop, context));
    system.registry().erase(feed_registry_name(context->number)); // `put` keeps an entry that is there
    system.registry().put(feed_registry_name(context->number), actor);
    return actor;
  });
}

child_spec book_child(feed_context* context, model::instrument_id id, const std::string& symbol) {
  return {symbol, [context, id] { return strong(spawn_on(context->loop, symbol_book, context, id)); },
          supervision::restart::transient, leaf_grace};
}

// The supervisor of a venue's books starts with those that the venue is known to have: after its own restart, all.
child_spec books_child(const node_setup& setup, const placed_venue& venue, std::shared_ptr<guarded_child> guard) {
  return {"books",
          [context = venue.feed, place = venue.place, options = options_for(setup, venue.setup->name + ".books")] {
            std::vector<child_spec> known;
            for (const auto id : place->instruments)
              known.push_back(book_child(context, id, context->find(id)->instrument->symbol));
            place->books = spawn_on(context->loop, loop_supervisor, options, std::move(known));
            return strong(place->books);
          },
          supervision::restart::permanent, branch_grace, std::move(guard)};
}

std::vector<child_spec> gateway_children(const node_setup& setup) {
  std::vector<child_spec> children;
  for (auto* context : setup.gateways)
    children.push_back(leaf("hub-" + std::to_string(context->number),
                            [context] { return strong(spawn_on(context->loop, hub, context)); }));
  for (auto* context : setup.gateways) {
    children.push_back(leaf("connections-" + std::to_string(context->number),
                            [context] { return strong(spawn_on(context->loop, connections, context)); }));
    children.back().grace = branch_grace; // every client is told before it ends
  }
  children.insert(children.end(), setup.listeners.begin(), setup.listeners.end());
  return children;
}

// Books join the consolidator as they are found; after a restart of the supervisor all come again.
child_spec consolidation_child(const node_setup& setup) {
  auto* context = setup.consolidation;
  auto feeds = static_cast<uint32_t>(setup.feeds.size());
  auto child = leaf("consolidator",
                    [context, feeds] { return strong(spawn_on(context->home.loop, consolidator, context, feeds)); });
  return {
    "consolidation",
    [context, options = options_for(setup, "consolidation"), children = std::vector<child_spec>{std::move(child)}] {
      const caf::actor made = spawn_on(context->home.loop, loop_supervisor, options, children);
      context->home.loop.post([context, made] { context->supervised_by(made); });
      return strong(made);
    },
    supervision::restart::permanent, branch_grace};
}

} // namespace

// A venue's supervisors live on its feed loop, beside what they start. No part of a venue escalates: one that keeps
// failing is suspended, and takes neither its neighbours nor the process along.
child_spec venue_child(const node_setup& setup, const placed_venue& venue) {
  const auto& name = venue.setup->name;
  const auto health = std::make_shared<venue_health>(name, venue.setup->care, *venue.feed, *venue.place);
  auto adapter = leaf("adapter", [context = venue.feed, place = venue.place, of_venue = venue.setup, health] {
    return strong(spawn_on(context->loop, venue_adapter, context, place, of_venue, health));
  });
  adapter.guard = health->adapter();
  return {name,
          [context = venue.feed, options = options_for(setup, name),
           children = std::vector<child_spec>{books_child(setup, venue, health->books()), std::move(adapter)}] {
            return strong(spawn_on(context->loop, loop_supervisor, options, children));
          },
          supervision::restart::permanent, branch_grace, std::make_shared<guarded_child>(venue.setup->care.breaker)};
}

caf::actor start_node(caf::actor_system& system, const node_setup& setup) {
  std::vector<child_spec> feeds, venues;
  for (auto* context : setup.feeds) feeds.push_back(feed_child(system, context));
  for (const auto& venue : setup.venues) venues.push_back(venue_child(setup, venue));
  std::vector<child_spec> branches;
  if (!setup.views.empty()) branches.push_back(branch(system, setup, "views", setup.views));
  branches.push_back(branch(system, setup, "feeds", std::move(feeds)));
  branches.push_back(branch(system, setup, "venues", std::move(venues)));
  if (setup.consolidation) branches.push_back(consolidation_child(setup));
  branches.push_back(branch(system, setup, "gateway", gateway_children(setup)));
  if (!setup.services.empty()) branches.push_back(branch(system, setup, "services", setup.services));
  auto options = options_for(setup, "node");
  options.policy.limit.restarts = 0; // what reaches the root has been tried often enough
  return system.spawn(supervisor, std::move(options), std::move(branches));
}

} // namespace tickplant::actors
