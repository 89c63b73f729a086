/* Needs a function that nobody has. */
void tp_test_nobody_has_this_function(void);
#include <tickplant/venue.h>
static int32_t call_nobody(void* self, const tp_unit* units, size_t count) {
  (void)self, (void)units, (void)count;
  tp_test_nobody_has_this_function();
  return TP_OK;
}
#define ON_UNITS call_nobody
#define PLUGIN_NAME "unresolved"
#include "venue_table.h"
