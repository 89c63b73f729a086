#include "actors/admin_tree.hpp"

#include "actors/atoms.hpp"
#include "actors/inquiry.hpp"

#include <caf/actor_cast.hpp>
#include <caf/monitorable_actor.hpp>

#include <map>
#include <utility>

namespace tickplant::actors {

namespace {

std::string kind_of(const caf::strong_actor_ptr& actor) {
  // The name is a constant of the actor's class: it may be read from any thread.
  const auto* base = dynamic_cast<caf::monitorable_actor*>(caf::actor_cast<caf::abstract_actor*>(actor));
  return base ? base->name() : "unknown";
}

// Who has children answers for them.
bool is_supervisor(const std::string& kind) {
  return kind == supervisor_state::name || kind == "tp.connections";
}

found_tree found(std::string id, caf::strong_actor_ptr actor, size_t depth) {
  auto made = std::make_shared<found_actor>();
  made->row.id = std::move(id);
  made->row.state = actor ? admin::state::running : admin::state::restarting;
  if (actor) made->row.kind = kind_of(actor);
  made->actor = std::move(actor);
  made->depth = depth;
  return made;
}

struct walk {
  uint32_t limit;
  std::function<bool(const found_actor&)> descend;
};

void ask_children(inquiry& by, const std::shared_ptr<const walk>& how, const found_tree& at) {
  if (!at->actor || !is_supervisor(at->row.kind) || !how->descend(*at)) return;
  auto me = by.shared_from_this();
  by.ask<std::vector<child_info>>(
    caf::actor_cast<caf::actor>(at->actor), atom::children_v,
    [me, how, at](const std::vector<child_info>& rows) {
      for (const auto& info : rows) {
        if (at->children.size() == how->limit) {
          at->row.left_out = rows.size() - how->limit;
          break;
        }
        auto& child = at->children.emplace_back(found(info.id, info.actor, at->depth + 1));
        child->row.restarts = info.restarts;
        child->row.last_error = info.last_error;
        child->breaker = info.breaker;
        if (info.breaker && info.breaker->state == supervision::breaker_state::open)
          child->row.state = admin::state::suspended;
        ask_children(*me, how, child);
      }
    },
    [at] { at->row.state = admin::state::no_answer; });
}

struct loop_actors {
  std::vector<caf::strong_actor_ptr> actors;
  std::vector<found_tree> rows;
};

void collect(const found_tree& at, std::map<actor_loop*, loop_actors>& by_loop) {
  if (auto* resident =
        at->actor ? dynamic_cast<loop_resident*>(caf::actor_cast<caf::abstract_actor*>(at->actor)) : nullptr) {
    auto& list = by_loop[&resident->loop()];
    list.actors.push_back(at->actor);
    list.rows.push_back(at);
  }
  for (const auto& child : at->children) collect(child, by_loop);
}

// On the loop of these actors.
std::vector<uint64_t> waiting_for(const std::vector<caf::strong_actor_ptr>& actors) {
  std::vector<uint64_t> counts;
  for (const auto& actor : actors)
    counts.push_back(dynamic_cast<loop_resident*>(caf::actor_cast<caf::abstract_actor*>(actor))->waiting());
  return counts;
}

using path_end = std::function<void(caf::strong_actor_ptr, std::string)>;

void follow(admin_pointer self, const caf::strong_actor_ptr& at, std::string trail, std::string rest, path_end done) {
  if (!is_supervisor(kind_of(at))) return done(nullptr, trail + " has no children");
  auto next = std::make_shared<child_info>();
  auto known = std::make_shared<std::string>();
  auto is_answered = std::make_shared<bool>(false);
  inquiry::start(
    self,
    [&](inquiry& by) {
      by.ask<std::vector<child_info>>(caf::actor_cast<caf::actor>(at), atom::children_v,
                                      [rest, next, known, is_answered](const std::vector<child_info>& rows) {
                                        *is_answered = true;
                                        // Symbols may have a slash of their own: the whole name counts, not what stands
                                        // before a slash.
                                        for (const auto& row : rows) {
                                          if (row.id == rest || rest.starts_with(row.id + '/')) *next = row;
                                          if (known->size() < 200) *known += (known->empty() ? "" : ", ") + row.id;
                                        }
                                      },
                                      {});
    },
    [=] {
      const auto name = trail.empty() ? std::string{"the root"} : trail;
      if (!*is_answered) return done(nullptr, name + " does not answer");
      if (next->id.empty()) return done(nullptr, name + " has no child '" + rest + "'; it has: " + *known);
      const auto path = trail.empty() ? next->id : trail + '/' + next->id;
      if (!next->actor) return done(nullptr, path + " waits for its restart");
      if (next->id == rest) return done(next->actor, {});
      follow(self, next->actor, path, rest.substr(next->id.size() + 1), done);
    });
}

} // namespace

const found_actor* found_actor::child(std::string_view id) const {
  for (const auto& c : children)
    if (c->row.id == id) return c.get();
  return nullptr;
}

void walk_tree(admin_pointer self, uint32_t limit, std::function<bool(const found_actor&)> descend,
               std::function<void(found_tree)> done) {
  const auto& node = self->state.setup.services.node;
  auto root = node ? node() : nullptr;
  if (!root) return done(nullptr);
  auto tree = found("node", std::move(root), 0);
  const auto how = std::make_shared<const walk>(walk{limit, std::move(descend)});
  inquiry::start(
    self, [&](inquiry& by) { ask_children(by, how, tree); }, [tree, done = std::move(done)] { done(tree); });
}

void count_mailboxes(admin_pointer self, found_tree tree, std::function<void()> done) {
  std::map<actor_loop*, loop_actors> by_loop;
  collect(tree, by_loop);
  inquiry::start(
    self,
    [&](inquiry& by) {
      for (auto& [loop, list] : by_loop) {
        by.look<std::vector<uint64_t>>(
          *loop, [actors = list.actors] { return waiting_for(actors); },
          [rows = list.rows](const std::vector<uint64_t>& counts) {
            for (size_t i = 0; i < counts.size(); ++i) rows[i]->row.mailbox = counts[i];
          },
          {});
      }
    },
    std::move(done));
}

void find_actor(admin_pointer self, std::string path, std::function<void(caf::strong_actor_ptr, std::string)> done) {
  const auto& node = self->state.setup.services.node;
  const auto root = node ? node() : nullptr;
  if (!root) return done(nullptr, "there is no actor tree: the server is stopping");
  if (path.starts_with("node/")) path.erase(0, 5);
  follow(self, root, {}, std::move(path), std::move(done));
}

admin::tree_row row_of(const found_actor& at) {
  auto row = at.row;
  for (const auto& child : at.children) row.children.push_back(row_of(*child));
  return row;
}

} // namespace tickplant::actors
