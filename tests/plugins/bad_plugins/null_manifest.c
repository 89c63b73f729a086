#define MANIFEST 0
#include "venue_table.h"
