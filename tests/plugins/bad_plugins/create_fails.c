#include <tickplant/venue.h>
static int32_t complain_and_fail(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) {
  const tp_str key = {"lines.a", 7}, problem = {"is missing", 10};
  (void)config, (void)self;
  host->complain(ctx, key, problem);
  return TP_E_ARGUMENT;
}
#define CREATE complain_and_fail
#define PLUGIN_NAME "create_fails"
#include "venue_table.h"
