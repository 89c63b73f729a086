#include "venue_session.hpp"

TP_VENUE_PLUGIN("lse", "0.1.0", tickplant::lse::venue_session)
