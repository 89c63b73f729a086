/*
 * The compression kind: a plugin that negotiates a WebSocket extension and makes payloads smaller, once for all clients
 * that share them. Pure: no I/O, no clock, no state per client. One instance serves one loop; all calls come from its
 * thread.
 *
 * A message for a client is   head(envelope) part(element) seam(separator) part(element) ... tail(end)
 * where parts are made once per element and shared by all clients of one group; head, seam and tail cost no more than a
 * copy. What the pieces give one behind another has to unpack to  envelope element separator element ... end .
 *
 * Functions that write return the number of bytes of the result. Where it does not fit `capacity` they return a number
 * above `capacity` that surely suffices: the host offers that much and calls again with the same arguments, and what
 * was written is void. Negative: TP_E_*.
 */
#ifndef TICKPLANT_COMPRESSION_H
#define TICKPLANT_COMPRESSION_H

#include <tickplant/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was agreed with one client. */
typedef struct tp_agreement {
  uint32_t struct_size;
  uint32_t group;               /* below group_count: clients of one group can read the same bytes */
  uint32_t may_send_compressed; /* the client may send compressed messages: `unpack` takes them */
  uint32_t reserved;
} tp_agreement;

/* What one instance does, by its settings. */
typedef struct tp_compression_traits {
  uint32_t struct_size;
  uint32_t threshold;   /* bytes: a message whose plain payload is smaller is sent as it is */
  uint32_t group_count; /* 1 to 16 */
  uint32_t reserved;
} tp_compression_traits;

typedef struct tp_compression_host {
  uint32_t struct_size, abi_minor;
  void (*log)(tp_ctx*, int32_t level, tp_str);
  void (*complain)(tp_ctx*, tp_str key, tp_str problem); /* validate, create */
} tp_compression_host;

typedef struct tp_compression_ops {
  uint32_t struct_size, flags; /* flags: 0 */
  int32_t (*validate)(const tp_config*, const tp_compression_host*, tp_ctx*);
  int32_t (*create)(const tp_config*, const tp_compression_host*, tp_ctx*, void** self);
  int32_t (*traits)(void* self, tp_compression_traits*);
  /* `offers`: all Sec-WebSocket-Extensions fields of the request, joined by commas (RFC 6455, section 9.1). Writes the
   * answer for that header and fills `agreement`; 0 = nothing offered suits, the client is served uncompressed. */
  int64_t (*negotiate)(void* self, tp_str offers, tp_agreement* agreement, uint8_t* out, size_t capacity);
  int64_t (*head)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  int64_t (*part)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  int64_t (*seam)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  int64_t (*tail)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  /* A lone message, as small as it gets. */
  int64_t (*whole)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  /* A client's message. Never writes beyond `capacity`: TP_E_LIMIT if more would come out, TP_E_ARGUMENT if the bytes
   * are broken. */
  int64_t (*unpack)(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity);
  void (*destroy)(void* self);
} tp_compression_ops;

#ifdef __cplusplus
}
#endif
#endif
