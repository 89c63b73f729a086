#include <tickplant/compression.h>
static int32_t no_groups(void* self, tp_compression_traits* to) {
  (void)self;
  to->group_count = 0;
  return TP_OK;
}
#define TRAITS no_groups
#define PLUGIN_NAME "compression_no_groups"
#include "compression_table.h"
