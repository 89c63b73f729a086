// Administrative messages of MITCH: login, replay, snapshots (notes B2). Units with one message each, as sent; pure.
#pragma once

#include "../protocol.hpp"

namespace tickplant::lse::mitch {

std::vector<uint8_t> login_request(std::string_view comp_id, std::string_view password);
std::vector<uint8_t> logout_request();
/// `count` is at most 65,535.
std::vector<uint8_t> replay_request(char group, uint64_t first, uint32_t count);
std::vector<uint8_t> snapshot_request(const snapshot_target& target);
/// Nothing for a message that is not administrative, or too short for its type.
std::optional<admin_message> read_admin(const uint8_t* message);
/// Whose book a message of the recovery channel belongs to; nothing for types that have no business there.
snapshot_message read_snapshot(const uint8_t* message);

} // namespace tickplant::lse::mitch
