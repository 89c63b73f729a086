// Fails before it can say what it is.
#include <tickplant/plugin.h>

extern "C" TP_EXPORT const tp_plugin* tp_plugin_entry(uint32_t, uint32_t) {
  throw 1;
}
