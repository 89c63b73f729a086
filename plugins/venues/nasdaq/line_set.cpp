#include "line_set.hpp"

namespace tickplant::nasdaq {

std::string_view line_set::name(uint32_t line) {
  switch (line) {
    case a: return "a";
    case b: return "b";
    case file: return "file";
    default: return "rerequest";
  }
}

void line_set::open_all() {
  if (!options_.file.empty()) return open(file);
  if (!options_.line_a.empty()) open(a);
  if (!options_.line_b.empty()) open(b);
  for (uint32_t i = 0; i < servers(); ++i) open(first_server + i);
}

void line_set::open(uint32_t line) {
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = line;
  spec.name = sdk::to_tp(name(line));
  spec.max_unit = 65'535;
  if (is_live(line)) {
    spec.kind = TP_LINE_UDP_GROUP;
    spec.role = TP_ROLE_LIVE;
    spec.pair = 1;
    spec.address = sdk::to_tp(line == a ? options_.line_a : options_.line_b);
    spec.from_interface = sdk::to_tp(options_.from_interface);
    spec.only_sources = sdk::to_tp(options_.only_sources);
  } else if (line == file) {
    spec.kind = TP_LINE_FILE;
    spec.role = TP_ROLE_LIVE;
    spec.cut = options_.zero_lengths ? TP_CUT_NONE : TP_CUT_LENGTH16BE;
    spec.address = sdk::to_tp(options_.file);
  } else {
    spec.kind = TP_LINE_UDP_PEER;
    spec.role = TP_ROLE_REREQUEST;
    spec.address = sdk::to_tp(options_.servers[line - first_server]);
  }
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) retries_.refused(line, name(line), answer);
}

void line_set::on_line(uint32_t line, uint32_t state, std::string_view why) {
  if (state == TP_LINE_UP) return retries_.up(line);
  if (state == TP_LINE_FILE_END || line == file) return; // a file is read once
  retries_.down(line, name(line), why);
}

bool line_set::on_timer(uint32_t id) {
  const auto line = retries_.line_of(id);
  if (line) open(*line);
  return line.has_value();
}

} // namespace tickplant::nasdaq
