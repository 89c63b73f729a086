#define PLUGIN_NAME "compression_good"
#include "compression_table.h"
