// The admin API's JSON as tables for people. Pure: text in, text out. Missing or strange values are shown as they are
// or as "-"; control characters, which may come from clients, never reach the terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace tickplant::ctl {

/// Columns of equal width, two spaces between; numbers to the right. Ends with a line break.
std::string table(const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows);

std::string show_status(const nlohmann::json& health);
/// Children indented below their supervisor.
std::string show_tree(const nlohmann::json& tree);
/// A list of venues, or one venue with its lines and counters.
std::string show_venues(const nlohmann::json& venues);
std::string show_clients(const nlohmann::json& clients);
std::string show_subscriptions(const nlohmann::json& subscriptions);
std::string show_plugins(const nlohmann::json& plugins);
std::string show_config(const nlohmann::json& config);
/// What came of a reload, rollback, drain and the like.
std::string show_outcome(const nlohmann::json& outcome);

} // namespace tickplant::ctl
