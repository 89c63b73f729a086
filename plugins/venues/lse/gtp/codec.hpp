// Administrative messages of GTP: login, replay, recovery (notes G5). Units with one message each, as sent; pure.
#pragma once

#include "../protocol.hpp"

namespace tickplant::lse::gtp {

std::vector<uint8_t> login_request(std::string_view comp_id);
std::vector<uint8_t> replay_request(uint64_t first, uint32_t count, uint32_t request);
std::vector<uint8_t> recovery_request(const snapshot_target& target, uint16_t venue, uint32_t request);
/// Nothing for a message that is not administrative, or too short for its type.
std::optional<admin_message> read_admin(const uint8_t* message);
/// Whose book a message of the recovery service belongs to; nothing for types that have no business there.
snapshot_message read_snapshot(const uint8_t* message);
/// Which of our books a book type means; nothing for the off-book one, which has no orders.
std::optional<book_kind> kind_of(uint8_t book_type);

} // namespace tickplant::lse::gtp
