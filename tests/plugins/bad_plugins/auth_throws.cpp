// Lets exceptions out, as no plugin may.
#include <stdexcept>

#define PLUGIN_NAME "auth_throws"
#define CHECK check_throws
#define RECHECK recheck_throws
#include "auth_table.h"

static int32_t check_throws(void*, uint64_t, const tp_credential*) {
  throw std::runtime_error{"out of the plugin"};
}
static int32_t recheck_throws(void*, const tp_principal*, int64_t) {
  static_cast<void>(auth_somebody);
  throw 42;
}
