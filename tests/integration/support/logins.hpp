// Clients that bring a credential along, and what they are told.
#pragma once

#include "reloading.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tickplant::testing {

connect_options with_header(const std::string& credential);
/// What the server answers a handshake with that it refuses; status 101 when it does not.
handshake_refused refusal_of(uint16_t port, const connect_options& options = {});
/// Connected and past the welcome, which is put into `welcome`. Throws std::runtime_error if none comes.
std::unique_ptr<ws_client> welcomed(uint16_t port, const connect_options& options, nlohmann::json* welcome = nullptr);
/// The answer to a SUBSCRIBE of which something is granted.
nlohmann::json granted(ws_client& client, const std::vector<std::string>& symbols,
                       const nlohmann::json& more = nlohmann::json::object());
/// The next ERROR's code, 0 if none comes.
int next_error(ws_client& client);
/// A failure of the test that runs unless the connection ends with this code.
void expect_closed(ws_client& client, int code, const reloading& world);

} // namespace tickplant::testing
