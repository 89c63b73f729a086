// The actor tree as the admin actor finds it: supervisors are asked for their children, level by level.
#pragma once

#include "actors/admin.hpp"
#include "actors/supervisor.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tickplant::actors {

/// A row with the actor behind it.
struct found_actor {
  admin::tree_row row; // without its children
  caf::strong_actor_ptr actor;
  size_t depth = 0;
  std::optional<breaker_info> breaker;
  std::vector<std::shared_ptr<found_actor>> children;

  const found_actor* child(std::string_view id) const;
};
using found_tree = std::shared_ptr<found_actor>;

/// Walks from the root; `descend` says which supervisors are asked, `limit` how many children of each are shown. Null:
/// there is no tree.
void walk_tree(admin_pointer self, uint32_t limit, std::function<bool(const found_actor&)> descend,
               std::function<void(found_tree)> done);

/// Looks up how many messages wait for each actor of the tree that lives on a loop.
void count_mailboxes(admin_pointer self, found_tree tree, std::function<void()> done);

/// Follows a path such as "venues/NASDAQ/adapter"; null with the reason if it ends nowhere.
void find_actor(admin_pointer self, std::string path, std::function<void(caf::strong_actor_ptr, std::string why)> done);

admin::tree_row row_of(const found_actor& at);

} // namespace tickplant::actors
