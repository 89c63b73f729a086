/* Never answers. */
#define PLUGIN_NAME "auth_never"
#define CHECK check_never
#include "auth_table.h"

static int32_t check_never(void* self, uint64_t request, const tp_credential* given) {
  (void)self, (void)request, (void)given, (void)auth_somebody, (void)auth_text;
  return TP_OK;
}
