/* Answers nonsense, another for each secret: the first letter says which. */
#define PLUGIN_NAME "auth_nonsense"
#define CHECK check_nonsense
#define RECHECK recheck_nonsense
#include "auth_table.h"

static char long_text[4096];

static int32_t check_nonsense(void* self, uint64_t request, const tp_credential* given) {
  tp_principal who = auth_somebody();
  (void)self;
  memset(long_text, 'x', sizeof long_text);
  switch (given->secret.data[0]) {
    case 'a': auth_host_table->accept(auth_host_ctx, request, 0); return TP_OK;
    case 'b': who.struct_size = 8; break;
    case 'c': who.subject.size = 0; break;
    case 'd': who.subject.data = 0; break;
    case 'e': who.subject.data = long_text, who.subject.size = sizeof long_text; break;
    case 'f': who.account_count = 4000000000u; break;
    case 'g': who.entitlement_count = 2; break;
    case 'h': who.tier = auth_text("go\nld"); break;
    case 'i': who.credential = given->secret; break;
    case 'j': auth_host_table->refuse(auth_host_ctx, request, 12, auth_text("no such code")); return TP_OK;
    case 'k': auth_host_table->refuse(auth_host_ctx, request, 4001, given->secret); return TP_OK;
    case 'l':
      auth_host_table->log(auth_host_ctx, 99, given->secret);
      auth_host_table->complain(auth_host_ctx, auth_text("x"), auth_text("outside of validate"));
      auth_host_table->refuse(auth_host_ctx, request, 4001, auth_text("a\nb\x01"));
      return TP_OK;
    default: return -12345;
  }
  auth_host_table->accept(auth_host_ctx, request, &who);
  return TP_OK;
}
static int32_t recheck_nonsense(void* self, const tp_principal* who, int64_t now_ns) {
  (void)self, (void)now_ns;
  return who->subject.size == 8 ? INT32_MIN : -7;
}
