#include "venue_session.hpp"

TP_VENUE_PLUGIN("nasdaq", "0.1.0", tickplant::nasdaq::venue_session)
