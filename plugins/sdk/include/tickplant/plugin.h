/*
 * What every Tickplant plugin shares: basic types, result codes, settings, the manifest and the one exported symbol.
 * C99, two standard headers. Rules of ownership, threads and growth: ABI.md. Kinds: venue.h, dialect.h, auth.h,
 * compression.h.
 *
 * Times are nanoseconds since 1970 UTC; integers have the machine's byte order. A struct that may grow starts with
 * struct_size: the size its writer knew. A reader uses a member only if it lies inside that size.
 */
#ifndef TICKPLANT_PLUGIN_H
#define TICKPLANT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TP_ABI_MAJOR 1u
#define TP_ABI_MINOR 3u

/* Plugin kinds. Number 5 is reserved for a kind whose header follows the recipe of the others. */
#define TP_KIND_VENUE 1u
#define TP_KIND_DIALECT 2u
#define TP_KIND_AUTH 3u
#define TP_KIND_COMPRESSION 4u
#define TP_KIND_BACKPLANE 5u

/* A price, quantity or other signed value that is not given. */
#define TP_NONE INT64_MIN

/* The host's record of one plugin instance; opaque, handed back with every call of a host service. */
typedef struct tp_ctx tp_ctx;

/* Borrowed text, valid for the call only; raw bytes, not always UTF-8, not zero-terminated. */
typedef struct tp_str {
  const char* data;
  size_t size;
} tp_str;

typedef struct tp_pair {
  tp_str key, value;
} tp_pair;

enum {
  TP_OK = 0,
  TP_E_ARGUMENT = -1,    /* a value that makes no sense */
  TP_E_UNSUPPORTED = -2, /* cannot be done here; ask in another way */
  TP_E_AGAIN = -3,       /* not now */
  TP_E_DOWN = -4,        /* the line is not up */
  TP_E_LIMIT = -5,       /* a quota or bound is reached */
  TP_E_STOPPING = -6,    /* the instance is being stopped: return at once */
  TP_E_BROKEN = -7,      /* the instance cannot go on: its supervisor restarts it */
  TP_E_INTERNAL = -8     /* an exception or a bug behind the edge */
};

enum { TP_LOG_DEBUG = 1, TP_LOG_INFO, TP_LOG_WARNING, TP_LOG_ERROR };

/* The instance's settings, flattened: key "lines.a", value "udp://127.0.0.1:26400". Lists are "symbols.0", "symbols.1".
 */
typedef struct tp_config {
  uint32_t struct_size, count;
  const tp_pair* pairs;
} tp_config;

/* The manifest: static memory of the plugin, never freed. */
typedef struct tp_plugin {
  uint32_t struct_size;
  uint32_t abi_major;  /* of the header that the plugin was built against */
  uint32_t abi_minor;  /* the same; may be answered lower for an older host */
  uint32_t kind;       /* TP_KIND_* */
  uint32_t event_size; /* venue: sizeof(tp_event); dialect: tp_element; auth: tp_principal; compression: tp_agreement */
  uint32_t reserved;
  tp_str name, version, build_id;
  const void* ops; /* the kind's table: tp_venue_ops, tp_dialect_ops, tp_auth_ops, tp_compression_ops */
} tp_plugin;

/* Told the host's version; returns NULL if it cannot serve such a host. */
typedef const tp_plugin* (*tp_plugin_entry_fn)(uint32_t host_major, uint32_t host_minor);

#define TP_PLUGIN_ENTRY_NAME "tp_plugin_entry"

#if defined(__GNUC__)
#define TP_EXPORT __attribute__((visibility("default")))
#else
#define TP_EXPORT
#endif

/* The one symbol that a plugin exports. */
TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t host_minor);

#ifdef __cplusplus
}
#endif
#endif
