/* Answers each request twice, and requests that nobody asked. */
#define PLUGIN_NAME "auth_twice"
#define CHECK check_twice
#include "auth_table.h"

static int32_t check_twice(void* self, uint64_t request, const tp_credential* given) {
  const tp_principal who = auth_somebody();
  (void)self, (void)given;
  auth_host_table->accept(auth_host_ctx, request, &who);
  auth_host_table->refuse(auth_host_ctx, request, 4001, auth_text("changed my mind"));
  auth_host_table->accept(auth_host_ctx, request + 1000, &who);
  return TP_E_INTERNAL;
}
