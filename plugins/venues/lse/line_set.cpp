#include "line_set.hpp"

#include "unit.hpp"

namespace tickplant::lse {

void line_set::open_all() {
  for (const uint32_t line : {a, b})
    if (is_configured(line)) open(line);
}

void line_set::open(uint32_t line) {
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line;
  spec.name = sdk::to_tp(name(line));
  spec.max_unit = largest_unit;
  spec.kind = TP_LINE_UDP_GROUP;
  spec.role = TP_ROLE_LIVE;
  spec.pair = 1;
  spec.address = sdk::to_tp(line == a ? options_.line_a : options_.line_b);
  spec.from_interface = sdk::to_tp(options_.from_interface);
  spec.only_sources = sdk::to_tp(options_.only_sources);
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) {
    host_.log(sdk::log_level::error,
              "line " + std::string{name(line)} + " cannot be opened: code " + std::to_string(answer));
    schedule(line);
  }
}

void line_set::on_line(uint32_t line, uint32_t state, std::string_view why) {
  if (!is_live(line)) return;
  if (state == TP_LINE_UP) {
    failures_[line] = 0;
    return;
  }
  host_.log(sdk::log_level::warning, "line " + std::string{name(line)} + " is down, trying again: " + std::string{why});
  schedule(line);
}

// 1 s, doubling to 32 s, a quarter up or down by chance so that many instances do not come back at the same moment.
void line_set::schedule(uint32_t line) {
  constexpr uint64_t second = 1'000'000'000;
  const uint64_t pause = second << std::min<uint8_t>(failures_[line], 5);
  if (failures_[line] < UINT8_MAX) ++failures_[line];
  host_.set_timer(first_timer + line, pause * 3 / 4 + host_.random() % (pause / 2));
}

bool line_set::on_timer(uint32_t id) {
  if (id < first_timer || id >= first_timer + failures_.size()) return false;
  open(id - first_timer);
  return true;
}

void line_set::close_all() {
  for (uint32_t line = 0; line < failures_.size(); ++line) host_.cancel_timer(first_timer + line);
}

} // namespace tickplant::lse
