// Traces that a client has begun: its `traceparent`, of the handshake or of a message, joined with what the server did
// for it, and with the first data that it got in return. Loop thread.
#pragma once

#include "actors/gateway_context.hpp"

#include <cstdint>
#include <string_view>

namespace tickplant::actors {

/// A span for the handshake, child of the client's own. Nothing for a context that is malformed or not sampled.
void join_handshake(gateway_context& context, fanout::client_key client, const client_opening& opening);

/// The same for a request; the next data frame of the client is traced as its consequence.
void join_request(gateway_context& context, fanout::client_key client, std::string_view trace_parent,
                  uint64_t start_ns);

} // namespace tickplant::actors
