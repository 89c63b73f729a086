#define EVENT_SIZE 48
#include "venue_table.h"
