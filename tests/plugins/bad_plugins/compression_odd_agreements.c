/* Agrees to a group that is not there; to "split" it answers two headers, to "empty" nothing. */
#include <tickplant/compression.h>

#include <string.h>
static int64_t agree(void* self, tp_str offers, tp_agreement* agreement, uint8_t* out, size_t capacity) {
  (void)self;
  if (offers.size == 5 && memcmp(offers.data, "empty", 5) == 0) return 0;
  if (offers.size == 5 && memcmp(offers.data, "split", 5) == 0 && capacity >= 8) {
    memcpy(out, "a\r\nb: c\n", 8);
    return 8;
  }
  if (offers.size == 4 && memcmp(offers.data, "more", 4) == 0) return (int64_t)capacity + 1;
  if (offers.size == 4 && memcmp(offers.data, "less", 4) == 0) return -3;
  if (offers.size == 4 && memcmp(offers.data, "huge", 4) == 0) return INT64_MAX;
  agreement->group = 2;
  out[0] = 'x';
  return 1;
}
#define NEGOTIATE agree
#define PLUGIN_NAME "compression_odd_agreements"
#include "compression_table.h"
