/* Answers numbers that are no code of the ABI. */
#include <tickplant/compression.h>
static int64_t minus(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity) {
  (void)self, (void)group, (void)in, (void)size, (void)out, (void)capacity;
  return INT64_MIN;
}
#define PART minus
#define UNPACK minus
#define PLUGIN_NAME "compression_negative"
#include "compression_table.h"
