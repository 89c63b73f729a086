/* The smallest complete venue plugin, in C: one line, datagrams of the form "SYMBOL BID ASK" with whole numbers, one
 * quote event each. Copy it, and put your venue's decoder in the place of `decode`. */
#include <tickplant/venue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { live_line = 0, channel = 0, most_symbols = 64, longest_symbol = 16 };

enum { count_quotes, count_malformed, count_end };
static const tp_str counters[count_end] = {{"messages.quote", 14}, {"malformed", 9}};

typedef struct {
  char symbol[longest_symbol];
  int wanted;
} instrument;

typedef struct {
  const tp_venue_host* host;
  tp_ctx* ctx;
  char* address;
  instrument instruments[most_symbols];
  uint32_t known;
  uint64_t sequence;
} venue;

static tp_str text(const char* literal) {
  const tp_str result = {literal, strlen(literal)};
  return result;
}

static int is(tp_str a, const char* literal) {
  return a.size == strlen(literal) && memcmp(a.data, literal, a.size) == 0;
}

/* Finds the address; complains about everything that is wrong. */
static int32_t read_settings(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, tp_str* address) {
  int32_t result = TP_OK;
  address->data = NULL;
  for (uint32_t i = 0; i < config->count; ++i) {
    const tp_pair* pair = &config->pairs[i];
    if (is(pair->key, "lines.a")) {
      *address = pair->value;
    } else if (pair->key.size > 8 && memcmp(pair->key.data, "symbols.", 8) == 0) {
      continue; /* the host's: it asks for them by its answer to `define` */
    } else {
      host->complain(ctx, pair->key, text("is not a key of this plugin; known keys: lines.a"));
      result = TP_E_ARGUMENT;
    }
  }
  if (!address->data) {
    host->complain(ctx, text("lines.a"), text("is missing; wanted udp://ADDRESS:PORT"));
    result = TP_E_ARGUMENT;
  }
  return result;
}

static int32_t validate(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx) {
  tp_str address;
  read_settings(config, host, ctx, &address);
  return TP_OK; /* what is wrong has been told by `complain` */
}

static void destroy(void* self) {
  venue* v = self;
  free(v->address);
  free(v);
}

static int32_t create(const tp_config* config, const tp_venue_host* host, tp_ctx* ctx, void** self) {
  tp_str address;
  if (read_settings(config, host, ctx, &address) != TP_OK) return TP_E_ARGUMENT;
  venue* v = calloc(1, sizeof *v);
  if (!v) return TP_E_LIMIT;
  v->address = malloc(address.size + 1);
  if (!v->address) {
    free(v);
    return TP_E_LIMIT;
  }
  memcpy(v->address, address.data, address.size); /* settings are borrowed: keep a copy */
  v->address[address.size] = '\0';
  v->host = host;
  v->ctx = ctx;
  *self = v;
  return TP_OK;
}

static int32_t open_line(venue* v) {
  tp_line_spec spec;
  memset(&spec, 0, sizeof spec);
  spec.struct_size = sizeof spec;
  spec.line = live_line;
  spec.kind = TP_LINE_UDP_GROUP;
  spec.role = TP_ROLE_LIVE;
  spec.max_unit = 1500;
  spec.name = text("a");
  spec.address = text(v->address);
  return v->host->line_open(v->ctx, &spec);
}

static int32_t start(void* self, uint64_t now_ns) {
  (void)now_ns;
  const int32_t opened = open_line(self);
  return opened < 0 ? TP_E_BROKEN : TP_OK;
}

/* The number of a symbol; announces it at first sight. -1 if there is no room. */
static int number_of(venue* v, const char* symbol) {
  for (uint32_t i = 0; i < v->known; ++i)
    if (strcmp(v->instruments[i].symbol, symbol) == 0) return (int)i;
  if (v->known == most_symbols) return -1;
  instrument* fresh = &v->instruments[v->known];
  snprintf(fresh->symbol, sizeof fresh->symbol, "%s", symbol);
  tp_instrument definition;
  memset(&definition, 0, sizeof definition);
  definition.struct_size = sizeof definition;
  definition.number = v->known;
  definition.channel = channel;
  definition.parent = TP_ALL;
  definition.book = TP_BOOK_QUOTE;
  definition.price_step = definition.quantity_step = definition.lot = definition.previous_close = TP_NONE;
  definition.symbol = text(fresh->symbol);
  fresh->wanted = v->host->define(v->ctx, &definition) == 1;
  return (int)v->known++;
}

static int32_t decode(venue* v, const tp_unit* unit) {
  char line[64], symbol[longest_symbol];
  long bid, ask;
  if (unit->size >= sizeof line) return v->host->count(v->ctx, count_malformed, 1), TP_OK;
  memcpy(line, unit->data, unit->size);
  line[unit->size] = '\0';
  if (sscanf(line, "%15s %ld %ld", symbol, &bid, &ask) != 3) return v->host->count(v->ctx, count_malformed, 1), TP_OK;
  v->host->count(v->ctx, count_quotes, 1);
  const int number = number_of(v, symbol);
  if (number < 0 || !v->instruments[number].wanted) return TP_OK;
  tp_event event;
  memset(&event, 0, sizeof event);
  event.kind = TP_EV_QUOTE;
  event.flags = TP_END;
  event.instrument = (uint32_t)number;
  event.price = bid;
  event.order = (uint64_t)ask;
  event.quantity = 1;
  event.ref = 1;
  event.sequence = ++v->sequence;
  event.venue_ns = unit->recv_ns;
  return v->host->emit(v->ctx, channel, &event, 1);
}

static int32_t on_units(void* self, const tp_unit* units, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (decode(self, &units[i]) == TP_E_STOPPING) break;
  return TP_OK;
}

static int32_t on_line(void* self, uint32_t line, uint32_t state, tp_str why, uint64_t now_ns) {
  venue* v = self;
  (void)line, (void)why, (void)now_ns;
  if (state == TP_LINE_CLOSED || state == TP_LINE_FAILED) v->host->set_timer(v->ctx, live_line, 1000000000u);
  return TP_OK;
}

static int32_t on_timer(void* self, uint32_t id, uint64_t now_ns) {
  (void)now_ns;
  if (id == live_line) open_line(self);
  return TP_OK;
}

static int32_t stop(void* self, uint64_t now_ns) {
  (void)self, (void)now_ns;
  return TP_OK;
}

static const tp_venue_ops ops = {
  .struct_size = sizeof(tp_venue_ops),
  .order_refs = TP_REFS_NONE,
  .counters = counters,
  .counter_count = count_end,
  .validate = validate,
  .create = create,
  .start = start,
  .on_units = on_units,
  .on_line = on_line,
  .on_timer = on_timer,
  .stop = stop,
  .destroy = destroy,
};

static const tp_plugin plugin = {
  .struct_size = sizeof(tp_plugin),
  .abi_major = TP_ABI_MAJOR,
  .abi_minor = TP_ABI_MINOR,
  .kind = TP_KIND_VENUE,
  .event_size = sizeof(tp_event),
  .name = {"template", 8},
  .version = {"0.1.0", 5},
  .build_id = {TP_BUILD_ID, sizeof TP_BUILD_ID - 1},
  .ops = &ops,
};

const tp_plugin* tp_plugin_entry(uint32_t host_major, uint32_t host_minor) {
  (void)host_minor;
  return host_major == TP_ABI_MAJOR ? &plugin : NULL;
}
