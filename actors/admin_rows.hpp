// Rows of the admin API that several actors or loops have to be asked for.
#pragma once

#include "actors/admin.hpp"
#include "actors/admin_tree.hpp"
#include "actors/inquiry.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

using admin_reply = std::function<void(admin::answer)>;
using venue_rows = std::shared_ptr<std::vector<admin::venue_row>>;

/// One row per venue of the tree; adapters that are up are asked, and fill theirs when they answer.
venue_rows ask_venues(inquiry& by, const found_actor& tree, uint64_t wall_ns);

/// Ends the suspension of a venue and starts what waits of it; a venue that runs is refused.
void retry_venue(admin_pointer self, const std::string& name, const admin_reply& to);
/// Starts a venue anew on its primary or backup lines.
void use_lines(admin_pointer self, const std::string& name, const std::string& group, const admin_reply& to);

/// Every network loop is asked.
void show_clients(admin_pointer self, bool only_slow, uint32_t limit, const admin_reply& to);
void show_subscriptions(admin_pointer self, const std::string& symbol, const admin_reply& to);

} // namespace tickplant::actors
