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
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) retries_.refused(line, name(line), answer);
}

void line_set::on_line(uint32_t line, uint32_t state, std::string_view why) {
  if (state == TP_LINE_UP) return retries_.up(line);
  retries_.down(line, name(line), why);
}

bool line_set::on_timer(uint32_t id) {
  const auto line = retries_.line_of(id);
  if (line) open(*line);
  return line.has_value();
}

} // namespace tickplant::lse
