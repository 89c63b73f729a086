/*
 * The dialect kind: a plugin that speaks one client protocol. A client's frame becomes requests; elements of a
 * publication become bytes, once per variant, shared by all clients of that variant; replies and errors become frames.
 *
 * Pure: no I/O, no clock, no state per connection. One instance serves one loop; all calls come from its thread.
 * A message of the stream is  envelope(n) element separator element ... tail : the envelope is printed per client and
 * frame, the elements are shared bytes.
 *
 * Functions that print return the number of bytes that the text needs. If that exceeds `capacity` the host offers a
 * larger buffer and calls again with the same arguments; what was written is then void. Negative: TP_E_*.
 */
#ifndef TICKPLANT_DIALECT_H
#define TICKPLANT_DIALECT_H

#include <tickplant/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a client asks ---- */

enum {
  TP_REQ_HELLO = 1,
  TP_REQ_SUBSCRIBE,
  TP_REQ_UNSUBSCRIBE,
  TP_REQ_UPDATE,
  TP_REQ_HEARTBEAT,
  TP_REQ_PING,
  TP_REQ_AUTH,
  TP_REQ_REFRESH,
  TP_REQ_RESUME,
  TP_REQ_SNAPSHOT,
  TP_REQ_PAUSE,
  TP_REQ_LIST,
  TP_REQ_HISTORY,
  TP_REQ_ACK
};

enum {
  TP_DATA_QUOTES = 1,
  TP_DATA_TRADES = 2,
  TP_DATA_ORDER_BOOK = 4,
  TP_DATA_STATISTICS = 8,
  TP_DATA_SIGNALS = 16 /* since 1.2; what is told once, by TP_REPLY_SIGNAL */
};

/* An option that the client did not name. */
#define TP_ABSENT 0xFFFFFFFFu

/* The lines of one instrument (since 1.3). STATE: its newest value, which may skip values. TRADES: each print once,
 * with corrections and cancellations. BOOK: the changes of its levels at one depth, applied in order to a snapshot. */
enum { TP_SERIES_STATE = 0, TP_SERIES_TRADES = 1, TP_SERIES_BOOK = 2 };

/* How updates come: as the dialect is used to; each single one; newest values only; one snapshot and no more. */
enum { TP_MODE_ABSENT = 0, TP_MODE_ALL, TP_MODE_CONFLATE, TP_MODE_SNAPSHOT_ONLY };

/* What becomes of a client that is behind: newest values only; oldest dropped, told by GAP; closed with 4103. */
enum { TP_SLOW_ABSENT = 0, TP_SLOW_CONFLATE, TP_SLOW_DROP_OLDEST, TP_SLOW_DISCONNECT };

/* A place on a line, as the client knows it. */
typedef struct tp_position {
  uint32_t struct_size, series; /* TP_SERIES_* */
  tp_str symbol;                /* as in symbols[] */
  uint64_t epoch, sequence;     /* the last that the client has */
} tp_position;

/* One condition on the state of an instrument; all of a subscription have to hold. */
enum {
  TP_FILTER_PRICE = 1, /* last trade, else middle */
  TP_FILTER_BID,
  TP_FILTER_ASK,
  TP_FILTER_SPREAD,
  TP_FILTER_VOLUME,
  TP_FILTER_CHANGE_PERCENT,
  TP_FILTER_VENUE /* `text`: equal or not equal, without regard to case */
};
enum { TP_OP_LESS = 1, TP_OP_AT_MOST, TP_OP_EQUAL, TP_OP_NOT_EQUAL, TP_OP_AT_LEAST, TP_OP_GREATER };
typedef struct tp_filter {
  uint32_t struct_size;
  uint8_t field, op; /* TP_FILTER_*, TP_OP_* */
  int8_t exponent;   /* of value: value * 10^exponent */
  uint8_t reserved;
  int64_t value;
  tp_str text;
} tp_filter;

/* Keys of an element that a client may choose; symbol, venue and the time always come. */
enum {
  TP_FIELD_PRICE = 1,
  TP_FIELD_BID = 2,
  TP_FIELD_ASK = 4,
  TP_FIELD_BID_SIZE = 8,
  TP_FIELD_ASK_SIZE = 16,
  TP_FIELD_VOLUME = 32,
  TP_FIELD_CHANGE = 64,
  TP_FIELD_CHANGE_PERCENT = 128,
  TP_FIELD_HIGH = 256,
  TP_FIELD_LOW = 512,
  TP_FIELD_OPEN = 1024,
  TP_FIELD_PREVIOUS_CLOSE = 2048,
  TP_FIELD_LAST_TRADE = 4096,
  TP_FIELD_LEVELS = 8192
};

/* What a HELLO chooses, and what else a request says. */
enum {
  TP_CHOICE_STAMPS = 1,         /* HELLO: elements carry sentUs */
  TP_CHOICE_NUMBER_STRINGS = 2, /* HELLO: prices and sizes as strings */
  TP_CHOICE_RESUMES = 4,        /* SUBSCRIBE: positions are given, one for each symbol that has one */
  TP_CHOICE_PAUSED = 8,         /* PAUSE: stop; without it: go on */
  TP_CHOICE_FILTER = 16,        /* a filter is named; without conditions it lets everything through */
  TP_CHOICE_FIELDS = 32         /* fields are named; 0 means all */
};

typedef struct tp_request {
  uint32_t struct_size, kind;
  uint32_t data_types;   /* TP_DATA_*; 0 = not named */
  uint32_t frequency_ms; /* least interval between updates, 0 = every event */
  uint32_t depth;        /* levels a side */
  uint32_t symbol_count;
  const tp_str* symbols;
  tp_str id;         /* the client's own id of this message, echoed in the reply */
  tp_str probe;      /* PING: what is to be echoed */
  tp_str token;      /* AUTH, REFRESH; never logged */
  int64_t client_ms; /* the client's time stamp, TP_NONE = none */
  /* Since 1.1 */
  tp_str trace_parent; /* W3C traceparent of the message, not checked; empty = none */
  /* Since 1.3 */
  uint32_t mode;    /* TP_MODE_* */
  uint32_t on_slow; /* TP_SLOW_* */
  uint32_t fields;  /* TP_FIELD_*, 0 = all */
  uint32_t choices; /* TP_CHOICE_* */
  uint32_t version; /* HELLO: of the protocol; 0 = not named */
  uint32_t filter_count, position_count;
  uint32_t reserved;
  const tp_filter* filters;
  const tp_position* positions; /* RESUME; SUBSCRIBE with TP_CHOICE_RESUMES */
  tp_str encodings;             /* HELLO: what the client reads, names with a comma between; empty = not named */
} tp_request;

/* Error numbers are those of the protocol's registry: 43xx the session goes on. */
typedef struct tp_problem {
  uint32_t struct_size;
  int32_t code;
  tp_str field;  /* the key at fault, empty = the message as a whole */
  tp_str detail; /* what is wrong and what to do */
  tp_str id;     /* the client's id of the message, if it could be read */
} tp_problem;

enum { TP_FRAME_TEXT = 1, TP_FRAME_BINARY = 2 };

/* A whole message of a client, fragments joined, text checked to be UTF-8. TP_FRAME_PADDING readable bytes lie behind
 * it. */
#define TP_FRAME_PADDING 64u
typedef struct tp_frame {
  const uint8_t* data;
  uint32_t size, flags;
} tp_frame;

/* ---- what is printed ---- */

/* The choices that decide bytes; clients with equal variants share them. */
typedef struct tp_variant {
  uint32_t struct_size;
  uint32_t data_types; /* TP_DATA_* */
  uint32_t depth;      /* levels a side, 0 = none */
  uint32_t extras;     /* TP_EXTRA_* */
  /* Since 1.3 */
  uint32_t fields; /* TP_FIELD_*, 0 = all */
  uint32_t series; /* TP_SERIES_* */
} tp_variant;

enum {
  TP_EXTRA_SEQUENCE = 1,      /* stream, epoch, sequence, prevSequence, conflated */
  TP_EXTRA_STAMPS = 2,        /* sentUs */
  TP_EXTRA_NUMBER_STRINGS = 4 /* since 1.3: prices and sizes as strings */
};

typedef struct tp_level {
  int64_t price, quantity;
  uint32_t orders, reserved; /* orders: 0 = not known */
} tp_level;

/* A 128-bit total: value = high * 2^64 + low. */
typedef struct tp_wide {
  uint64_t low;
  int64_t high;
} tp_wide;

enum { TP_AGGRESSOR_UNKNOWN, TP_AGGRESSOR_BUY, TP_AGGRESSOR_SELL };

/* One venue's part of a consolidated instrument; prices and sizes have the exponents of the element. */
typedef struct tp_leg {
  tp_str venue, symbol;
  int64_t bid, ask, bid_quantity, ask_quantity;
  uint32_t status; /* TP_STATUS_*; only one that is OK contributes to the element */
  uint8_t state;   /* TP_STATE_* of venue.h */
  uint8_t reserved[3];
  tp_str reason; /* why it does not contribute */
} tp_leg;

#define TP_NO_LEG 0xFFFFFFFFu

/* The state of one instrument, complete; missing values are TP_NONE. Prices have price_exponent, sizes and totals of
 * size quantity_exponent. `price` (last trade, else mid) and `change` have shown_exponent, which may be finer. */
typedef struct tp_element {
  uint32_t struct_size;
  uint8_t state; /* TP_STATE_* of venue.h */
  uint8_t stale; /* last state kept, not trustworthy */
  int8_t price_exponent, quantity_exponent, shown_exponent;
  uint8_t last_aggressor; /* TP_AGGRESSOR_* */
  uint16_t reserved;
  uint32_t reserved2;
  tp_str symbol, venue;
  int64_t price, change;
  int64_t change_percent; /* exponent -4 */
  int64_t bid, ask, bid_quantity, ask_quantity;
  int64_t open, high, low, previous_close;
  int64_t last_price, last_quantity;
  uint64_t last_ns; /* time of the last trade */
  tp_wide volume;
  uint64_t trades;             /* number of trades of the day */
  const tp_level *bids, *asks; /* best first */
  uint32_t bid_count, ask_count;
  uint64_t venue_ns;                           /* time of the last venue event in it */
  uint64_t epoch, sequence, previous_sequence; /* of the instrument's STATE line */
  uint64_t conflated;                          /* changes merged since previous_sequence */
  uint64_t tick_ns;                            /* start of the tick that sends it */
  /* Since 1.2 */
  const tp_leg* legs;        /* of a consolidated instrument */
  uint32_t leg_count;        /* 0: an instrument of one venue */
  uint32_t bid_leg, ask_leg; /* whose bid and ask are the element's; TP_NO_LEG = nobody's */
  uint32_t reserved3;
  int64_t bid_total, ask_total; /* size at the best price, over all legs that contribute */
} tp_element;

/* Since 1.3: one entry of a TRADES line. */
enum { TP_TRADE_PRINT = 1, TP_TRADE_BREAK, TP_TRADE_CORRECT };
typedef struct tp_trade {
  uint32_t struct_size;
  uint8_t kind; /* TP_TRADE_*; BREAK and CORRECT name the print by its trade_id */
  uint8_t aggressor;
  int8_t price_exponent, quantity_exponent;
  tp_str symbol, venue;
  int64_t price, quantity; /* TP_NONE = not told */
  uint64_t trade_id;       /* the venue's, 0 = none */
  uint32_t conditions;     /* TP_COND_* of venue.h */
  uint32_t reserved;
  uint64_t venue_ns;
  uint64_t epoch, sequence; /* of the TRADES line; sequence rises by one */
  uint64_t tick_ns;         /* start of the tick that sends it */
} tp_trade;

/* Since 1.3: one entry of a BOOK line. Of each level that changed the new size, 0 = it is gone from this depth. */
typedef struct tp_book_delta {
  uint32_t struct_size;
  int8_t price_exponent, quantity_exponent;
  uint16_t reserved;
  tp_str symbol, venue;
  const tp_level *bids, *asks; /* best first */
  uint32_t bid_count, ask_count;
  uint64_t venue_ns;
  uint64_t epoch, sequence, previous_sequence;
  uint64_t conflated; /* changes of the book that went into this one, beyond the first */
  uint64_t tick_ns;
} tp_book_delta;

enum { TP_SIGNAL_START = 1, TP_SIGNAL_CHANGE, TP_SIGNAL_END };

/* Arbitrage: the bid of one venue is at or above the ask of another. Told at its start, at changes, at its end. */
typedef struct tp_signal {
  uint32_t struct_size, phase; /* TP_SIGNAL_* */
  tp_str key;                  /* the same for start, changes and end of one opportunity */
  tp_str symbol, venue;        /* of the consolidated instrument */
  tp_str buy_venue, buy_symbol, sell_venue, sell_symbol;
  uint8_t is_locked; /* the prices are equal; else crossed */
  int8_t price_exponent, quantity_exponent;
  int8_t net_exponent; /* of net_edge */
  uint32_t reserved;
  int64_t buy_price, sell_price, quantity;
  int64_t edge;                   /* sell_price - buy_price */
  tp_wide net_edge;               /* after fees */
  int64_t edge_bps, net_edge_bps; /* of the buying price, exponent -4 */
  uint64_t sequence;              /* of the instrument's signals, rising by one */
  uint64_t start_ns, wall_ns;     /* since when the market stands so; of this signal */
  uint64_t duration_ns;           /* so far */
  tp_str reason;                  /* END: why */
} tp_signal;

typedef struct tp_envelope {
  uint32_t struct_size, count; /* count: elements that follow */
  int64_t wall_ms;
  uint64_t sequence; /* message number of this connection */
  /* Since 1.3 */
  uint32_t series;      /* TP_SERIES_*: of its elements */
  uint32_t is_snapshot; /* the elements are snapshots: whole states of that series */
} tp_envelope;

enum {
  TP_REPLY_WELCOME = 1,
  TP_REPLY_SUBSCRIBED,
  TP_REPLY_UNSUBSCRIBED,
  TP_REPLY_HEARTBEAT,
  TP_REPLY_PONG,
  TP_REPLY_ERROR,
  TP_REPLY_STREAM_STATUS,
  TP_REPLY_SLOW_CONSUMER, /* results: the line that it is about, and the client's place; none: the whole connection */
  TP_REPLY_SHUTDOWN,
  TP_REPLY_AUTH_SUCCESS,  /* subject, tier, expires_ms */
  TP_REPLY_AUTH_FAILED,   /* code, name, detail */
  TP_REPLY_AUTH_EXPIRING, /* expires_ms: send a new token by REFRESH before */
  TP_REPLY_SIGNAL,        /* since 1.2; signal, to those who subscribed to TP_DATA_SIGNALS */
  /* Since 1.3 */
  TP_REPLY_GAP,           /* results: one line that lacks `from` to `sequence`; detail: why */
  TP_REPLY_RESUMED,       /* results: lines that go on where the client was, nothing missed */
  TP_REPLY_RESUME_FAILED, /* results, with code and reason: lines that begin anew, their snapshot follows */
  TP_REPLY_LIST,          /* results: what the connection has */
  TP_REPLY_PAUSED,        /* results: what rests; or goes on, with status OK */
  TP_REPLY_UPDATED        /* results: UPDATE_SUBSCRIPTION as granted */
};

enum {
  TP_STATUS_OK = 1,
  TP_STATUS_STALE,
  TP_STATUS_HALTED,
  TP_STATUS_RECOVERING,
  TP_STATUS_CLOSED,
  TP_STATUS_PENDING,
  TP_STATUS_PAUSED /* since 1.3 */
};

/* Since 1.3: the lines that a subscription has, one bit each. */
#define TP_LINE_OF(series) (1u << (series))

/* What became of one symbol of a request, or how one stream stands. */
typedef struct tp_result {
  uint32_t struct_size;
  int32_t code;    /* 0, or an error number */
  uint32_t status; /* TP_STATUS_*, 0 = not said */
  uint32_t reserved;
  tp_str asked;         /* the name as the client wrote it */
  tp_str symbol, venue; /* what it resolved to */
  tp_str reason;
  /* Since 1.3 */
  uint32_t series;                /* TP_SERIES_*, of a result about one line */
  uint32_t frequency_ms;          /* LIST */
  uint32_t data_types, depth;     /* LIST */
  uint64_t epoch, from, sequence; /* the line's newest sequence (HEARTBEAT, LIST, RESUMED); GAP: first and last lost */
  uint32_t lines;                 /* TP_LINE_OF(TP_SERIES_*) of what was granted, 0 = not said */
  uint32_t matched, left_out;     /* of a wildcard: instruments that it has; that it lacks for a limit */
  uint32_t reserved2;
} tp_result;

typedef struct tp_reply {
  uint32_t struct_size, kind;
  int64_t wall_ms;
  uint64_t sequence;                                                 /* message number of this connection */
  tp_str id, probe;                                                  /* echoed */
  tp_str session;                                                    /* WELCOME */
  uint32_t protocol_version, heartbeat_ms, max_message, max_symbols; /* WELCOME */
  uint32_t frequency_ms, data_types, depth;                          /* SUBSCRIBED: as granted */
  uint32_t symbol_count; /* SUBSCRIBED, UNSUBSCRIBED: symbols that the request was granted for. HEARTBEAT, LIST: lines
                            that the client has and that are not among the results */
  uint32_t result_count;
  int32_t code; /* ERROR */
  const tp_result* results;
  tp_str name, field, detail; /* ERROR: registry name, key at fault, what to do */
  uint32_t retry_after_ms, recoverable;
  /* Since 1.1 */
  tp_str subject, tier; /* AUTH_SUCCESS; WELCOME of a client that is known already */
  int64_t expires_ms;   /* AUTH_SUCCESS, AUTH_EXPIRING; TP_NONE = never */
  uint32_t needs_auth;  /* WELCOME: the client has to send AUTH within auth_deadline_ms */
  uint32_t auth_deadline_ms;
  /* Since 1.2 */
  const tp_signal* signal; /* SIGNAL */
  /* Since 1.3 */
  uint32_t extras;        /* TP_EXTRA_* of the client: without TP_EXTRA_SEQUENCE it has not sent HELLO */
  uint32_t mode, on_slow; /* SUBSCRIBED, UPDATED: as granted */
  uint32_t is_session;    /* WELCOME: the answer to HELLO */
} tp_reply;

typedef struct tp_dialect_host {
  uint32_t struct_size, abi_minor;
  void (*request)(tp_ctx*, const tp_request*); /* inside decode */
  void (*problem)(tp_ctx*, const tp_problem*); /* inside decode */
  void (*log)(tp_ctx*, int32_t level, tp_str);
  void (*complain)(tp_ctx*, tp_str key, tp_str problem); /* validate, create */
} tp_dialect_host;

typedef struct tp_dialect_ops {
  uint32_t struct_size;
  uint32_t frame_flags;  /* TP_FRAME_TEXT or TP_FRAME_BINARY: how what it prints is sent */
  uint32_t max_elements; /* of one frame; 0 = any number */
  uint32_t default_data_types, default_depth, default_frequency_ms;
  tp_str separator, tail; /* between elements; after the last one. At most 8 bytes each */
  int32_t (*validate)(const tp_config*, const tp_dialect_host*, tp_ctx*);
  int32_t (*create)(const tp_config*, const tp_dialect_host*, tp_ctx*, void** self);
  /* Calls request or problem, any number of times, before it returns; `to` is handed through. */
  int32_t (*decode)(void* self, const tp_frame*, tp_ctx* to);
  int64_t (*envelope)(void* self, const tp_envelope*, const tp_variant*, uint8_t* out, size_t capacity);
  int64_t (*element)(void* self, const tp_element*, const tp_variant*, uint8_t* out, size_t capacity);
  int64_t (*reply)(void* self, const tp_reply*, uint8_t* out, size_t capacity); /* 0 = this dialect says nothing here */
  void (*destroy)(void* self);
  /* Since 1.3; null: this dialect has no such lines, and its clients get states alone. */
  int64_t (*trade)(void* self, const tp_trade*, const tp_variant*, uint8_t* out, size_t capacity);
  int64_t (*book_delta)(void* self, const tp_book_delta*, const tp_variant*, uint8_t* out, size_t capacity);
} tp_dialect_ops;

#ifdef __cplusplus
}
#endif
#endif
