/* A whole auth plugin; a faulty one defines CHECK (and more) before it includes this. */
#include <tickplant/auth.h>

#include <string.h>

static const tp_auth_host* auth_host_table;
static tp_ctx* auth_host_ctx;
static int auth_self;

static tp_str auth_text(const char* text) {
  tp_str result;
  result.data = text;
  result.size = strlen(text);
  return result;
}

static int32_t auth_validate(const tp_config* config, const tp_auth_host* host, tp_ctx* ctx) {
  (void)config, (void)host, (void)ctx;
  return TP_OK;
}
static int32_t auth_create(const tp_config* config, const tp_auth_host* host, tp_ctx* ctx, void** self) {
  (void)config;
  auth_host_table = host;
  auth_host_ctx = ctx;
  *self = &auth_self;
  return TP_OK;
}
static void auth_destroy(void* self) {
  (void)self;
}
static tp_principal auth_somebody(void) {
  tp_principal who;
  memset(&who, 0, sizeof who);
  who.struct_size = sizeof who;
  who.subject = auth_text("somebody");
  who.expires_ns = TP_NONE;
  return who;
}

static int32_t CHECK(void* self, uint64_t request, const tp_credential* given);
#ifdef RECHECK
static int32_t RECHECK(void* self, const tp_principal* who, int64_t now_ns);
#else
#define RECHECK 0
#endif

static const tp_auth_ops auth_ops = {sizeof(tp_auth_ops), 0, auth_validate, auth_create, CHECK, RECHECK, auth_destroy};
static const tp_plugin auth_plugin_manifest = {sizeof(tp_plugin),
                                               TP_ABI_MAJOR,
                                               TP_ABI_MINOR,
                                               TP_KIND_AUTH,
                                               sizeof(tp_principal),
                                               0,
                                               {PLUGIN_NAME, sizeof(PLUGIN_NAME) - 1},
                                               {"1", 1},
                                               {"x", 1},
                                               &auth_ops};

#ifdef __cplusplus
extern "C"
#endif
  TP_EXPORT const tp_plugin*
  tp_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor;
  return host_major == TP_ABI_MAJOR ? &auth_plugin_manifest : 0;
}
