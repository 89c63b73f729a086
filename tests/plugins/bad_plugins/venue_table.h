/* A venue plugin that does nothing, correctly: each bad plugin spoils one thing of it before it includes this. */
#ifndef BAD_PLUGINS_VENUE_TABLE_H
#define BAD_PLUGINS_VENUE_TABLE_H

#include <tickplant/venue.h>

#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(tp_venue_ops)
#endif
#ifndef ON_UNITS
#define ON_UNITS on_units
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef VALIDATE
#define VALIDATE validate
#endif
#ifndef PLUGIN_NAME
#define PLUGIN_NAME "bad"
#endif
#ifndef NAME_SIZE
#define NAME_SIZE (sizeof(PLUGIN_NAME) - 1)
#endif
#ifndef MAJOR
#define MAJOR TP_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR TP_ABI_MINOR
#endif
#ifndef KIND
#define KIND TP_KIND_VENUE
#endif
#ifndef EVENT_SIZE
#define EVENT_SIZE sizeof(tp_event)
#endif
#ifndef MANIFEST_SIZE
#define MANIFEST_SIZE sizeof(tp_plugin)
#endif
#ifndef MANIFEST
#define MANIFEST &plugin
#endif

static int instance;

static inline int32_t validate(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx) {
  (void)config, (void)host, (void)ctx;
  return TP_OK;
}
static inline int32_t create(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) {
  (void)config, (void)host, (void)ctx;
  *self = &instance;
  return TP_OK;
}
static int32_t start(void* self, uint64_t now_ns) {
  (void)self, (void)now_ns;
  return TP_OK;
}
static inline int32_t on_units(void* self, const tp_unit* units, size_t count) {
  (void)self, (void)units, (void)count;
  return TP_OK;
}
static int32_t on_line(void* self, uint32_t line, uint32_t state, tp_str why, uint64_t now_ns) {
  (void)self, (void)line, (void)state, (void)why, (void)now_ns;
  return TP_OK;
}
static int32_t on_timer(void* self, uint32_t id, uint64_t now_ns) {
  (void)self, (void)id, (void)now_ns;
  return TP_OK;
}
static int32_t stop(void* self, uint64_t now_ns) {
  (void)self, (void)now_ns;
  return TP_OK;
}
static void destroy(void* self) {
  (void)self;
}

static const tp_venue_ops ops = {(uint32_t)(TABLE_SIZE),
                                 TP_REFS_NONE,
                                 0,
                                 0,
                                 0,
                                 VALIDATE,
                                 CREATE,
                                 start,
                                 ON_UNITS,
                                 0,
                                 on_line,
                                 0,
                                 on_timer,
                                 0,
                                 0,
                                 stop,
                                 destroy};

static const tp_plugin plugin = {(uint32_t)(MANIFEST_SIZE), MAJOR,      MINOR,       KIND, (uint32_t)(EVENT_SIZE), 0,
                                 {PLUGIN_NAME, NAME_SIZE},  {"1.0", 3}, {"test", 4}, &ops};

#ifdef __cplusplus
extern "C"
#endif
  TP_EXPORT const tp_plugin*
  tp_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_major, (void)host_minor;
  (void)&plugin;
  return MANIFEST;
}

#endif
