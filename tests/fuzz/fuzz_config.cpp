// A configuration file of any content: it loads, or every fault is told; nothing else.
#include "runtime/config/loader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    tickplant::config::parse_server({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  } catch (const tickplant::config::config_fault& fault) {
    if (fault.faults.empty()) __builtin_trap();
  }
  return 0;
}
