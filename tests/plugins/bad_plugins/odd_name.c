#define PLUGIN_NAME "Bad Plugin!"
#include "venue_table.h"
