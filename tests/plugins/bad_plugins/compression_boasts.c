/* Says that it unpacked more than it had room for. */
#include <tickplant/compression.h>
static int64_t boast(void* self, uint32_t group, const uint8_t* in, size_t size, uint8_t* out, size_t capacity) {
  (void)self, (void)group, (void)in, (void)size, (void)out;
  return (int64_t)capacity + 1;
}
#define UNPACK boast
#define PLUGIN_NAME "compression_boasts"
#include "compression_table.h"
