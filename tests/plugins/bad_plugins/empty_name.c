#define PLUGIN_NAME ""
#include "venue_table.h"
