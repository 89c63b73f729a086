// Everything that the server says beside MARKET_DATA: acknowledgements, heartbeats, errors, states. Pure, not hot.
#pragma once

#include <tickplant/dialect.hpp>

namespace tickplant::hft {

/// Prints nothing for kinds that this dialect does not know.
void print_reply(const tp_reply&, sdk::text_writer&);

} // namespace tickplant::hft
