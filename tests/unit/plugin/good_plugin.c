#define PLUGIN_NAME "good"
#include "../../plugins/bad_plugins/venue_table.h"
