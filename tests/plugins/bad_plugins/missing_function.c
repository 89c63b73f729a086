#define ON_UNITS 0
#include "venue_table.h"
