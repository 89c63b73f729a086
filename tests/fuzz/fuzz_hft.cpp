// A client's message of any content: requests or problems, each problem with a number of the registry's range.
#include <tickplant/dialect.hpp>

#include <cstring>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* ops = static_cast<const tp_dialect_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
  static const tp_dialect_host table{sizeof(tp_dialect_host),
                                     TP_ABI_MINOR,
                                     [](tp_ctx*, const tp_request* request) {
                                       if (request->kind == 0) __builtin_trap();
                                     },
                                     [](tp_ctx*, const tp_problem* problem) {
                                       if (problem->code < 4300 || problem->code > 4399) __builtin_trap();
                                     },
                                     [](tp_ctx*, int32_t, tp_str) {},
                                     [](tp_ctx*, tp_str, tp_str) {}};
  static void* const self = [] {
    void* made = nullptr;
    const tp_config none{sizeof(tp_config), 0, nullptr};
    ops->create(&none, &table, nullptr, &made);
    return made;
  }();
  std::vector<uint8_t> text(data, data + size);
  text.resize(size + TP_FRAME_PADDING);
  const tp_frame frame{text.data(), static_cast<uint32_t>(size), TP_FRAME_TEXT};
  if (ops->decode(self, &frame, nullptr) < 0) __builtin_trap();
  return 0;
}
