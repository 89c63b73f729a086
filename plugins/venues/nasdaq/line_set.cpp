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
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) {
    host_.log(sdk::log_level::error,
              "line " + std::string{name(line)} + " cannot be opened: code " + std::to_string(answer));
    schedule(line);
  }
}

void line_set::on_line(uint32_t line, uint32_t state, std::string_view why) {
  if (line >= failures_.size()) return;
  if (state == TP_LINE_UP) {
    failures_[line] = 0;
    return;
  }
  if (state == TP_LINE_FILE_END || line == file) return; // a file is read once
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

} // namespace tickplant::nasdaq
