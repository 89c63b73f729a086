#include "venue_session.hpp"

TP_VENUE_PLUGIN("binance", "0.1.0", tickplant::binance::venue_session)
