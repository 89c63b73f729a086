#include "harbour.hpp"

TP_VENUE_PLUGIN("harbour", "1.0.0", harbour::venue)
