#define SEAM 0
#define PLUGIN_NAME "compression_missing_function"
#include "compression_table.h"
