#define KIND TP_KIND_DIALECT
#include "venue_table.h"
