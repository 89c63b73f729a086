#define MAJOR 2
#include "venue_table.h"
