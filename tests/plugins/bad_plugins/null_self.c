#include <tickplant/venue.h>
static int32_t create_nothing(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) {
  (void)config, (void)host, (void)ctx, (void)self;
  return TP_OK;
}
#define CREATE create_nothing
#define PLUGIN_NAME "null_self"
#include "venue_table.h"
