/*
 * The auth kind: a plugin that decides who a client is. A credential goes in; a principal (who, which tier, until when)
 * or a refusal with its reason comes out, by the number of the request.
 *
 * `check` is called by several worker threads of the host at once, never by a network loop: it may take milliseconds.
 * It completes by calling `accept` or `refuse` exactly once per request, before it returns or later from any thread;
 * the host gives up on a request after its own deadline and ignores what comes later. No I/O but `read_file`, which
 * works inside `validate` and `create` only: the host then knows which files to watch. A secret never goes into a log
 * line, a reason or a principal.
 */
#ifndef TICKPLANT_AUTH_H
#define TICKPLANT_AUTH_H

#include <tickplant/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the client handed its credential over. NONE: it has given none (yet). */
enum {
  TP_CARRIER_NONE = 0,
  TP_CARRIER_HEADER,      /* Authorization of the upgrade request */
  TP_CARRIER_SUBPROTOCOL, /* an entry of Sec-WebSocket-Protocol */
  TP_CARRIER_QUERY,       /* `token` in the query of the upgrade request, where the listener allows it */
  TP_CARRIER_MESSAGE      /* AUTH or REFRESH in the connection */
};

/* Longest secret that the host hands over; longer ones are refused before. */
#define TP_SECRET_MAX 16384u

typedef struct tp_credential {
  uint32_t struct_size, carrier;
  tp_str secret;   /* a token or key; empty for TP_CARRIER_NONE */
  tp_str scheme;   /* of an Authorization header, as sent ("Bearer", "ApiKey"), else empty */
  tp_str peer;     /* address without port */
  tp_str listener; /* its configured name */
  int64_t now_ns;  /* wall clock */
} tp_credential;

typedef struct tp_principal {
  uint32_t struct_size, flags; /* flags: 0 */
  tp_str subject;              /* who it is; shown in logs and the admin view. At most 256 bytes */
  tp_str tier;                 /* names a tier of the configuration; empty: none, no bound but the listener's */
  tp_str tenant;
  tp_str credential;  /* public name of the key or token (its id, never the secret), for revocation and audit */
  int64_t expires_ns; /* the session ends then; TP_NONE = never */
  uint32_t account_count, entitlement_count;
  const tp_str* accounts;     /* whose order and position streams it may see */
  const tp_str* entitlements; /* symbol patterns beyond the tier's, as "NASDAQ:*" */
} tp_principal;

typedef struct tp_auth_host {
  uint32_t struct_size, abi_minor;
  /* Any thread. The principal is copied. An unknown or completed request number is ignored and counted. */
  void (*accept)(tp_ctx*, uint64_t request, const tp_principal*);
  /* `code` is a number of the protocol's registry: 4001 AUTHENTICATION_FAILED, 4203 TOKEN_EXPIRED, 4003 NOT_ENTITLED,
   * 4104 OVERLOADED. `reason` goes to the client and the audit log: "signature does not match", never the secret. */
  void (*refuse)(tp_ctx*, uint64_t request, int32_t code, tp_str reason);
  /* Inside validate and create. Hands the bytes to `take` before it returns; relative paths are relative to the
   * configuration's folder. TP_E_ARGUMENT: not readable; TP_E_LIMIT: larger than 1 MiB; the host has complained then.
   */
  int32_t (*read_file)(tp_ctx*, tp_str key, tp_str path, void (*take)(void* to, tp_str bytes), void* to);
  void (*log)(tp_ctx*, int32_t level, tp_str);           /* any thread */
  void (*complain)(tp_ctx*, tp_str key, tp_str problem); /* validate, create */
} tp_auth_host;

/* The policy accepts no client without a credential: an upgrade without one waits for AUTH within the deadline. */
#define TP_AUTH_NEEDS_CREDENTIAL 1u

typedef struct tp_auth_ops {
  uint32_t struct_size, flags; /* TP_AUTH_* */
  int32_t (*validate)(const tp_config*, const tp_auth_host*, tp_ctx*);
  int32_t (*create)(const tp_config*, const tp_auth_host*, tp_ctx*, void** self);
  /* Several threads at once. Negative: the host refuses the request with 4100. */
  int32_t (*check)(void* self, uint64_t request, const tp_credential*);
  /* Whether a principal that an earlier instance accepted still stands under this one's settings (a key was revoked, a
   * tier changed). TP_OK, or a registry number as in refuse, negated. Any thread. May be null: then it stands. */
  int32_t (*recheck)(void* self, const tp_principal*, int64_t now_ns);
  void (*destroy)(void* self);
} tp_auth_ops;

#ifdef __cplusplus
}
#endif
#endif
