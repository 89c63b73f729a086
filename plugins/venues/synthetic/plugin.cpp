#include "venue_session.hpp"

TP_VENUE_PLUGIN("synthetic", "0.1.0", tickplant::synthetic::venue_session)
