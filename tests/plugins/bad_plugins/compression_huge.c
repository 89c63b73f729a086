/* Wants more than any host gives. */
#include <tickplant/compression.h>
static int64_t huge(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity) {
  (void)self, (void)group, (void)in, (void)size, (void)out, (void)capacity;
  return INT64_MAX;
}
#define PART huge
#define PLUGIN_NAME "compression_huge"
#include "compression_table.h"
