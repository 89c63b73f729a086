/* One secret for all clients: who knows it is let in as the subject of the settings. */
#include <tickplant/auth.h>

#include <stdlib.h>
#include <string.h>

enum { least_secret = 16, most_secret = 1024, most_subject = 256 };

typedef struct policy {
  const tp_auth_host* host;
  tp_ctx* ctx;
  char secret[most_secret], subject[most_subject];
  size_t secret_size, subject_size;
} policy;

static tp_str text(const char* words) {
  tp_str result;
  result.data = words;
  result.size = strlen(words);
  return result;
}

static int is(tp_str a, const char* b) {
  return a.size == strlen(b) && memcmp(a.data, b, a.size) == 0;
}

/* Takes a secret from the settings or from its file; a newline at the end belongs to the editor. */
static void take_secret(void* to, tp_str given) {
  policy* const self = to;
  size_t size = given.size;
  if (size > 0 && given.data[size - 1] == '\n') --size;
  if (size > most_secret) return;
  if (size > 0) memcpy(self->secret, given.data, size);
  self->secret_size = size;
}

/* Fills `self`; answers how many faults were told. */
static int read_settings(policy* self, const tp_config* config) {
  int faults = 0;
  uint32_t i;
  for (i = 0; i < config->count; ++i) {
    const tp_pair pair = config->pairs[i];
    if (is(pair.key, "secret")) {
      take_secret(self, pair.value);
    } else if (is(pair.key, "secret_file")) {
      if (self->host->read_file(self->ctx, pair.key, pair.value, take_secret, self) != TP_OK) ++faults;
    } else if (is(pair.key, "subject") && pair.value.size > 0 && pair.value.size <= most_subject) {
      memcpy(self->subject, pair.value.data, pair.value.size);
      self->subject_size = pair.value.size;
    } else {
      self->host->complain(self->ctx, pair.key, text("wanted: secret, secret_file, or subject of 1 to 256 bytes"));
      ++faults;
    }
  }
  if (self->secret_size < least_secret && faults == 0) {
    self->host->complain(self->ctx, text("secret"), text("is missing, or not of 16 to 1024 bytes"));
    ++faults;
  }
  return faults;
}

static void begin(policy* self, const tp_auth_host* host, tp_ctx* ctx) {
  memset(self, 0, sizeof *self);
  self->host = host;
  self->ctx = ctx;
  memcpy(self->subject, "member", 6);
  self->subject_size = 6;
}

static int32_t validate(const tp_config* config, const tp_auth_host* host, tp_ctx* ctx) {
  policy trial;
  begin(&trial, host, ctx);
  return read_settings(&trial, config) == 0 ? TP_OK : TP_E_ARGUMENT;
}

static int32_t create(const tp_config* config, const tp_auth_host* host, tp_ctx* ctx, void** self) {
  policy* const made = malloc(sizeof *made);
  if (!made) return TP_E_LIMIT;
  begin(made, host, ctx);
  if (read_settings(made, config) != 0) {
    free(made);
    return TP_E_ARGUMENT;
  }
  *self = made;
  return TP_OK;
}

/* Takes the same time wherever the first difference lies. */
static int is_secret(const policy* self, tp_str given) {
  unsigned char difference = given.size != self->secret_size;
  size_t i;
  for (i = 0; i < self->secret_size; ++i)
    difference |= (unsigned char)(self->secret[i] ^ (i < given.size ? given.data[i] : 0));
  return difference == 0;
}

/* Several threads at once: the policy is only read. */
static int32_t check(void* data, uint64_t request, const tp_credential* given) {
  const policy* const self = data;
  tp_principal who;
  if (!is_secret(self, given->secret)) {
    self->host->refuse(self->ctx, request, 4001, text("secret is not the one"));
    return TP_OK;
  }
  memset(&who, 0, sizeof who);
  who.struct_size = sizeof who;
  who.subject.data = self->subject;
  who.subject.size = self->subject_size;
  who.expires_ns = TP_NONE;
  self->host->accept(self->ctx, request, &who);
  return TP_OK;
}

static void destroy(void* data) {
  free(data);
}

static const tp_auth_ops ops = {sizeof(tp_auth_ops), TP_AUTH_NEEDS_CREDENTIAL, validate, create, check, 0, destroy};
static const tp_plugin plugin = {sizeof(tp_plugin),
                                 TP_ABI_MAJOR,
                                 TP_ABI_MINOR,
                                 TP_KIND_AUTH,
                                 sizeof(tp_principal),
                                 0,
                                 {"shared_secret", 13},
                                 {"1.0.0", 5},
                                 {TP_BUILD_ID, sizeof(TP_BUILD_ID) - 1},
                                 &ops};

TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor;
  return host_major == TP_ABI_MAJOR ? &plugin : NULL;
}
