/* Three faults at once: one message has to name them all. */
#define MINOR 9
#define PLUGIN_NAME "No"
#define ON_UNITS 0
#include "venue_table.h"
