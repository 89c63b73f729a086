/* The headers compiled as C99, and their layout checked there too. */
#include <tickplant/auth.h>
#include <tickplant/compression.h>
#include <tickplant/dialect.h>
#include <tickplant/plugin.h>
#include <tickplant/venue.h>

#define TP_JOINED_(a, b) a##b
#define TP_JOINED(a, b) TP_JOINED_(a, b)
#define TP_HOLDS(condition) typedef char TP_JOINED(tp_layout_, __LINE__)[(condition) ? 1 : -1];
#define TP_SIZE(type, bytes) TP_HOLDS(sizeof(type) == (bytes))
#define TP_AT(type, member, bytes) TP_HOLDS(offsetof(type, member) == (bytes))

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#include "layout.inc"

int tp_layout_is_checked_in_c(void);
int tp_layout_is_checked_in_c(void) {
  return TP_NONE < 0 && TP_ALL == 0xFFFFFFFFu;
}
