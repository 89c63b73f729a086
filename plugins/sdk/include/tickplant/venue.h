/*
 * The venue kind: a plugin that decodes one exchange's feed. Bytes and timers in; normalised events, requests and line
 * status out. It does no I/O and reads no clock: the host opens the lines that the plugin asks for, and hands over what
 * they bring. All calls for one instance come from one thread, never re-entrantly. Meaning of every word: ABI.md.
 */
#ifndef TICKPLANT_VENUE_H
#define TICKPLANT_VENUE_H

#include <tickplant/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TP_ALL 0xFFFFFFFFu      /* instrument: every one of the channel; parent: none */
#define TP_OF_ORDER 0xFFFFFFFEu /* instrument: the one that `order` belongs to */

/* ---- the normalised event: 64 bytes, fixed for the major version ---- */

enum {
  TP_EV_ADD = 1, /* an order appears at the back of its level */
  TP_EV_MODIFY,  /* new price and new total quantity of an order */
  TP_EV_EXECUTE, /* an order trades; to zero removes it, no DELETE follows */
  TP_EV_REDUCE,  /* part of an order is cancelled: `quantity` is the decrement */
  TP_EV_DELETE,
  TP_EV_REPLACE, /* `order` goes, `ref` comes, at the back of its level; side and participant stay */
  TP_EV_LEVEL,   /* price-level books: absolute quantity at a price, 0 removes */
  TP_EV_CLEAR,   /* the book is empty */
  TP_EV_QUOTE,   /* best bid and ask as the venue states them; never enters the levels */
  TP_EV_TRADE,   /* a trade that no order in the book took part in; TP_BID: the aggressor bought */
  TP_EV_BREAK,   /* trade `ref` is void */
  TP_EV_CORRECT, /* trade `ref` has another quantity or price */
  TP_EV_STATUS,
  TP_EV_PHASE,
  TP_EV_IMBALANCE,
  TP_EV_VALUE,
  TP_EV_SNAPSHOT_BEGIN, /* `detail`: TP_SNAPSHOT_* */
  TP_EV_SNAPSHOT_END    /* `sequence`: the last live number that the snapshot includes */
};

enum {
  TP_BID = 0x1, /* both sides clear: unknown. EXECUTE, REDUCE, DELETE, REPLACE: the stored order's side rules */
  TP_ASK = 0x2,
  TP_END = 0x4,            /* last event of one venue event: the book may be shown after it */
  TP_SNAPSHOT = 0x8,       /* part of a snapshot, not of the live flow */
  TP_PRINT = 0x10,         /* counts for volume and last price */
  TP_PRICE = 0x20,         /* EXECUTE, CORRECT: `price` is given; otherwise the known price stands */
  TP_LEFT = 0x40,          /* EXECUTE: `extra` = quantity that remains: set it, do not subtract */
  TP_KEEP = 0x80,          /* MODIFY: keeps its place in the queue if the price is the same */
  TP_NO_LIMIT = 0x100,     /* ADD: market order, outside the price levels */
  TP_CHECK = 0x200,        /* MODIFY, DELETE: `ref`, `extra` = old price and quantity, to be verified */
  TP_UNSET = 0x400,        /* VALUE: withdrawn by the venue */
  TP_TIME_GUESSED = 0x800, /* venue_ns estimated by the plugin */
  TP_OWN_SCALE = 0x1000    /* VALUE: low byte of `extra` = exponent (int8) instead of the instrument's */
};

typedef struct tp_event {
  uint8_t kind, detail; /*  0 TP_EV_*; 1 by kind: state, phase, auction, value key, snapshot */
  uint16_t flags;       /*  2 */
  uint32_t instrument;  /*  4 */
  uint64_t order;       /*  8 */
  int64_t price;        /* 16 mantissa, exponent of the instrument */
  int64_t quantity;     /* 24 mantissa */
  uint64_t ref;         /* 32 */
  uint64_t extra;       /* 40 */
  uint64_t sequence;    /* 48 the venue's number in this channel, 0 = none */
  uint64_t venue_ns;    /* 56 */
} tp_event;

enum {
  TP_STATE_UNKNOWN,
  TP_STATE_TRADING,
  TP_STATE_HALTED,
  TP_STATE_PAUSED,
  TP_STATE_QUOTE_ONLY,
  TP_STATE_AUCTION,
  TP_STATE_PRE_OPEN,
  TP_STATE_CLOSED,
  TP_STATE_NO_DEPTH
};

enum {
  TP_PHASE_UNKNOWN,
  TP_PHASE_DAY_START,
  TP_PHASE_PRE_OPEN,
  TP_PHASE_EARLY,
  TP_PHASE_CORE,
  TP_PHASE_LATE,
  TP_PHASE_CLOSED,
  TP_PHASE_DAY_END
};

enum {
  TP_AUCTION_UNKNOWN,
  TP_AUCTION_OPENING,
  TP_AUCTION_CLOSING,
  TP_AUCTION_REOPENING,
  TP_AUCTION_INTRADAY,
  TP_AUCTION_EXTENDED
};

enum {
  TP_VAL_OTHER, /* `ref` = text handle of the name */
  TP_VAL_OPEN,
  TP_VAL_HIGH,
  TP_VAL_LOW,
  TP_VAL_CLOSE,
  TP_VAL_PREVIOUS_CLOSE,
  TP_VAL_REFERENCE,
  TP_VAL_LIMIT_UP,
  TP_VAL_LIMIT_DOWN,
  TP_VAL_COLLAR_UPPER,
  TP_VAL_COLLAR_LOWER,
  TP_VAL_VWAP,
  TP_VAL_VOLUME,
  TP_VAL_TURNOVER,
  TP_VAL_TRADES,
  TP_VAL_SHORT_RESTRICTED,
  TP_VAL_RETAIL_INTEREST
};

/* TRADE, EXECUTE, CORRECT: low half of `extra`; the high half holds the venue's own four condition letters. */
enum {
  TP_COND_ISO = 1,
  TP_COND_ODD_LOT = 2,
  TP_COND_EXTENDED = 4,
  TP_COND_OPENING = 8,
  TP_COND_CLOSING = 16,
  TP_COND_REOPENING = 32,
  TP_COND_AUCTION = 64,
  TP_COND_CROSS = 128,
  TP_COND_BLOCK = 256,
  TP_COND_CONTINGENT = 512,
  TP_COND_LATE = 1024,
  TP_COND_HIDDEN = 2048,
  TP_COND_RFQ = 4096,
  TP_COND_CASH = 8192
};

/* SNAPSHOT_BEGIN: what lies between BEGIN and END. */
enum {
  TP_SNAPSHOT_PICTURE, /* the book as it stands: orders or levels; the day's trades and totals are not in it */
  TP_SNAPSHOT_HISTORY  /* the channel's messages from the first number: totals of the day start anew with it */
};

/* ---- instrument definition: rare, the only struct of the flow with texts ---- */

enum { TP_BOOK_NONE, TP_BOOK_ORDERS, TP_BOOK_LEVELS, TP_BOOK_QUOTE };

typedef struct tp_instrument {
  uint32_t struct_size;
  uint32_t number;          /* chosen by the plugin, dense from 0; the same number again = changed definition */
  uint32_t channel, parent; /* channel of its sequence numbers; parent: TP_ALL, or whose second book this is */
  uint8_t book;             /* TP_BOOK_* */
  int8_t price_exponent, quantity_exponent;
  uint8_t is_test;        /* a test symbol of the venue: hidden from clients unless configured */
  uint32_t partial_depth; /* levels known at most, 0 = whole book */
  int64_t price_step, quantity_step, lot, previous_close; /* mantissas, TP_NONE = unknown; price_step sizes the book */
  tp_str symbol, venue_code, name, currency, isin, segment, security_type; /* empty = the venue does not tell */
} tp_instrument;

/* ---- lines: asked for by the plugin, opened and read by the host ---- */

enum { TP_LINE_UDP_GROUP = 1, TP_LINE_UDP_PEER, TP_LINE_TCP, TP_LINE_WEBSOCKET, TP_LINE_FILE };
enum { TP_ROLE_LIVE = 1, TP_ROLE_REREQUEST, TP_ROLE_SNAPSHOT, TP_ROLE_REFERENCE };
enum { TP_LINE_UP = 1, TP_LINE_CLOSED, TP_LINE_FAILED, TP_LINE_FILE_END };
enum { TP_CUT_NONE, TP_CUT_LENGTH16BE, TP_CUT_TEXT_LINES, TP_CUT_PCAP }; /* how the host cuts a FILE into units */

typedef struct tp_line_spec {
  uint32_t struct_size, line; /* line: the plugin's number, below 1024, free again after CLOSED, FAILED or FILE_END */
  uint16_t kind, role, cut;
  uint16_t pair;                       /* lines of one pair (not 0) carry the same data: A and B, of any kinds */
  uint32_t max_unit, header_count;     /* max_unit: largest datagram, message, or unconsumed rest of a stream */
  const tp_pair* headers;              /* WebSocket upgrade */
  tp_str name, address;                /* address: udp tcp tls ws wss file URL */
  tp_str from_interface, only_sources; /* UDP_GROUP: local address to join on; comma list of senders, empty = any */
} tp_line_spec;

enum { TP_UNIT_TEXT = 1, TP_UNIT_BINARY = 2, TP_UNIT_TRUNCATED = 4 };

/* A datagram, WebSocket message or file record, or the unread part of a TCP stream; 32 bytes, fixed for the major. */
typedef struct tp_unit {
  const uint8_t* data;
  uint32_t size, line;
  uint64_t recv_ns;
  uint32_t flags, reserved;
} tp_unit;

typedef struct tp_http_request {
  uint32_t struct_size, id;
  tp_str url;
  const tp_pair* headers;
  uint32_t header_count, max_body;
  uint64_t timeout_ns;
} tp_http_request;

typedef struct tp_http_answer {
  uint32_t struct_size, id;
  int32_t status; /* HTTP code, or TP_E_* where no answer came */
  uint32_t header_count;
  const tp_pair* headers; /* names in lower case */
  tp_str body;            /* TP_PADDING readable bytes lie behind it, of any value */
  uint64_t recv_ns;
} tp_http_answer;

/* Readable bytes behind every unit and HTTP body, so that vectorised parsers may read past the end. */
#define TP_PADDING 64u

/* ---- how a channel or instrument stands ---- */

enum {
  TP_STREAM_LIVE = 1,  /* good from here on, a gap is filled; `from`: the first number, if known from its start */
  TP_STREAM_GAP,       /* numbers from..to are missing and may still come */
  TP_STREAM_LOST,      /* only a snapshot helps */
  TP_STREAM_RESTARTED, /* numbers begin anew */
  TP_STREAM_SILENT,    /* nothing heard for too long */
  TP_STREAM_CLOSED,    /* the venue said goodbye */
  TP_STREAM_DIRECTORY, /* every instrument of the channel has been defined: unknown symbols do not exist */
  TP_STREAM_RENUMBERED /* behind LOST: numbers begin anew within the day, whose figures stay */
};

typedef struct tp_stream {
  uint32_t struct_size, channel, instrument, state;
  uint64_t from, to;
  tp_str reason;
} tp_stream;

/* ---- host services: from the instance's thread, inside any of its calls (log: any thread) ---- */

typedef struct tp_venue_host {
  uint32_t struct_size, abi_minor;
  int32_t (*emit)(tp_ctx*, uint32_t channel, const tp_event*, size_t count); /* applied before it returns */
  int32_t (*define)(tp_ctx*, const tp_instrument*);                          /* 1 wanted, 0 not wanted, TP_E_* */
  void (*retire)(tp_ctx*, uint32_t instrument);
  void (*stream)(tp_ctx*, const tp_stream*);
  uint32_t (*text)(tp_ctx*, tp_str);                  /* interned handle, 0 = table full */
  int32_t (*line_open)(tp_ctx*, const tp_line_spec*); /* the result comes by on_line */
  void (*line_close)(tp_ctx*, uint32_t line);         /* no on_line follows; the number is free at once */
  int32_t (*send)(tp_ctx*, uint32_t line, uint32_t unit_flags, const uint8_t*, size_t); /* copied */
  int32_t (*http_get)(tp_ctx*, const tp_http_request*);       /* the answer comes by on_http */
  void (*set_timer)(tp_ctx*, uint32_t id, uint64_t after_ns); /* one shot; again = moved; UINT64_MAX = off */
  void (*count)(tp_ctx*, uint32_t counter, uint64_t by);      /* index into tp_venue_ops.counters */
  void (*log)(tp_ctx*, int32_t level, tp_str);
  void (*complain)(tp_ctx*, tp_str key, tp_str problem);         /* validate, create: a fault in the settings */
  int64_t (*zone_offset)(tp_ctx*, tp_str zone, uint64_t utc_ns); /* ns, local minus UTC; TP_NONE = unknown zone */
  uint64_t (*random)(tp_ctx*);                                   /* jitter; seeded in a replay */
} tp_venue_host;

/* ---- the plugin ---- */

/* What clients look at; the union over all of them. */
enum { TP_WANT_QUOTE = 1, TP_WANT_TRADES = 2, TP_WANT_BOOK = 4 };
typedef struct tp_interest {
  uint32_t instrument, want;
} tp_interest;

/* Which index of order references the host should take. */
enum { TP_REFS_NONE, TP_REFS_DENSE, TP_REFS_SPARSE };

typedef struct tp_venue_ops {
  uint32_t struct_size, order_refs;
  /* Names of the plugin's counters. Well-known: "messages.<type>" per message type of the venue, "gaps.seen",
   * "gaps.filled", "duplicates", "malformed", "unknown". Count in bulk, not per message. */
  const tp_str* counters;
  uint32_t counter_count, reserved;
  int32_t (*validate)(const tp_config*, const tp_venue_host*, tp_ctx*); /* may only complain, log, zone_offset */
  int32_t (*create)(const tp_config*, const tp_venue_host*, tp_ctx*, void** self);
  int32_t (*start)(void* self, uint64_t now_ns); /* opens lines, sets timers */
  int32_t (*on_units)(void* self, const tp_unit*, size_t count);
  int64_t (*on_stream)(void* self, const tp_unit*); /* TCP: bytes consumed, or TP_E_* */
  int32_t (*on_line)(void* self, uint32_t line, uint32_t state, tp_str why, uint64_t now_ns);
  int32_t (*on_http)(void* self, const tp_http_answer*);
  int32_t (*on_timer)(void* self, uint32_t id, uint64_t now_ns);
  int32_t (*on_interest)(void* self, const tp_interest*, size_t count, uint64_t now_ns);
  int32_t (*resynchronise)(void* self, uint32_t channel, uint32_t instrument, uint64_t now_ns);
  int32_t (*stop)(void* self, uint64_t now_ns); /* say goodbye; the host closes the lines */
  void (*destroy)(void* self);
} tp_venue_ops;

#ifdef __cplusplus
}
#endif
#endif
