#define PLUGIN_NAME "good"
#include "venue_table.h"
