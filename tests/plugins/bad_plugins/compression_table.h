/* A compression plugin that copies, correctly: each bad plugin spoils one thing of it before it includes this. */
#ifndef BAD_PLUGINS_COMPRESSION_TABLE_H
#define BAD_PLUGINS_COMPRESSION_TABLE_H

#include <tickplant/compression.h>

#include <string.h>

#ifndef TRAITS
#define TRAITS traits
#endif
#ifndef NEGOTIATE
#define NEGOTIATE negotiate
#endif
#ifndef PART
#define PART copy
#endif
#ifndef SEAM
#define SEAM copy
#endif
#ifndef UNPACK
#define UNPACK unpack
#endif

static int instance;

static int32_t validate(const tp_config* config, const tp_compression_host* host, tp_ctx* ctx) {
  (void)config, (void)host, (void)ctx;
  return TP_OK;
}
static int32_t create(const tp_config* config, const tp_compression_host* host, tp_ctx* ctx, void** self) {
  (void)config, (void)host, (void)ctx;
  *self = &instance;
  return TP_OK;
}
static inline int32_t traits(void* self, tp_compression_traits* to) {
  (void)self;
  to->threshold = 10;
  to->group_count = 2;
  return TP_OK;
}
static inline int64_t negotiate(void* self, tp_str offers, tp_agreement* agreement, uint8_t* out, size_t capacity) {
  (void)self, (void)agreement;
  if (offers.size <= capacity) memcpy(out, offers.data, offers.size);
  return (int64_t)offers.size;
}
static inline int64_t copy(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity) {
  (void)self, (void)group;
  if (size <= capacity) memcpy(out, in, size);
  return (int64_t)size;
}
static inline int64_t unpack(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out,
                             size_t capacity) {
  return size <= capacity ? copy(self, group, in, size, out, capacity) : TP_E_LIMIT;
}
static void destroy(void* self) {
  (void)self;
}

static const tp_compression_ops ops = {
  sizeof(tp_compression_ops), 0, validate, create, TRAITS, NEGOTIATE, copy, PART, SEAM, copy, copy, UNPACK, destroy};

static const tp_plugin plugin = {sizeof(tp_plugin),
                                 TP_ABI_MAJOR,
                                 TP_ABI_MINOR,
                                 TP_KIND_COMPRESSION,
                                 sizeof(tp_agreement),
                                 0,
                                 {PLUGIN_NAME, sizeof(PLUGIN_NAME) - 1},
                                 {"1.0", 3},
                                 {"test", 4},
                                 &ops};

TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major, (void)host_minor;
  return &plugin;
}

#endif
