#define MINOR 7
#include "venue_table.h"
