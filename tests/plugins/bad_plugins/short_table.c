#define TABLE_SIZE 64
#include "venue_table.h"
