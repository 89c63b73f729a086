// Lets exceptions out, as no plugin may.
#include <tickplant/venue.h>

#include <stdexcept>

static int32_t throw_from_units(void*, const tp_unit*, size_t) {
  throw std::runtime_error{"out of the plugin"};
}
static int32_t throw_from_validate(const tp_config* config, const tp_venue_host*, tp_ctx*) {
  if (config->count > 0) throw 42;
  return TP_OK;
}
#define ON_UNITS throw_from_units
#define VALIDATE throw_from_validate
#define PLUGIN_NAME "throws"
#include "venue_table.h"
