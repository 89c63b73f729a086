#include "venue_session.hpp"

TP_VENUE_PLUGIN("nyse", "0.1.0", tickplant::nyse::venue_session)
