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
venue_rows ask_venues(inquiry& by, const found_actor& tree);

/// Every network loop is asked.
void show_clients(admin_pointer self, bool only_slow, uint32_t limit, const admin_reply& to);
void show_subscriptions(admin_pointer self, const std::string& symbol, const admin_reply& to);

} // namespace tickplant::actors
