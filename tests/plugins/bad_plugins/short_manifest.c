#define MANIFEST_SIZE 24
#include "venue_table.h"
