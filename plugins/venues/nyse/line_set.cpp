#include "line_set.hpp"

#include <utility>

namespace tickplant::nyse {

line_set::line_set(sdk::venue_host host, const options& opts)
  : host_(host), options_(opts), lines_(first_line + places * opts.channels.size()) {
  for (size_t place = 0; place < opts.channels.size(); ++place) {
    const auto& c = opts.channels[place];
    const std::string prefix = opts.channels.size() > 1 ? std::to_string(c.channel) + '.' : "";
    const auto set = [&](line_role role, const char* name, const std::string& address) {
      known_line& l = lines_[number(place, role)];
      l.name = prefix + name;
      l.address = address;
      l.is_stream = address.starts_with("tcp://");
    };
    set(line_role::a, "a", c.a);
    set(line_role::b, "b", c.b);
    set(line_role::retransmission, "retransmission", c.retransmission);
    set(line_role::refresh, "refresh", c.refresh);
    for (size_t i = 0; i < c.summaries.size(); ++i)
      set(i == 0 ? line_role::summary : line_role::second_summary, i == 0 ? "summary" : "summary.b", c.summaries[i]);
  }
}

void line_set::open_all() {
  for (uint32_t i = 0; i < lines_.size(); ++i)
    if (!lines_[i].address.empty() && !lines_[i].is_stream) open(i);
  // Without a live line nothing would ever ask for the pictures.
  for (size_t place = 0; place < options_.channels.size(); ++place)
    if (options_.channels[place].a.empty() && options_.channels[place].b.empty()) want_refresh(place);
}

void line_set::want_refresh(size_t channel_place) {
  const uint32_t number_of_it = number(channel_place, line_role::refresh);
  const known_line& l = lines_[number_of_it];
  if (l.is_stream && !l.is_open && !l.is_waiting) open(number_of_it);
}

void line_set::open(uint32_t number_of_it) {
  known_line& l = lines_[number_of_it];
  const auto role = static_cast<line_role>((number_of_it - first_line) % places);
  const bool is_live = role == line_role::a || role == line_role::b;
  tp_line_spec spec{};
  spec.struct_size = sizeof spec;
  spec.line = number_of_it;
  spec.name = sdk::to_tp(l.name);
  spec.max_unit = 65'535;
  spec.kind = l.is_stream ? TP_LINE_TCP : TP_LINE_UDP_GROUP;
  spec.role = is_live                             ? TP_ROLE_LIVE
              : role == line_role::retransmission ? TP_ROLE_REREQUEST
              : role == line_role::refresh        ? TP_ROLE_SNAPSHOT
                                                  : TP_ROLE_REFERENCE;
  if (is_live) spec.pair = static_cast<uint16_t>((number_of_it - first_line) / places + 1);
  spec.address = sdk::to_tp(l.address);
  if (!l.is_stream) {
    spec.from_interface = sdk::to_tp(options_.from_interface);
    spec.only_sources = sdk::to_tp(options_.only_sources);
  }
  l.is_open = true;
  if (const int32_t answer = host_.line_open(spec); answer != TP_OK) {
    l.is_open = false;
    host_.log(sdk::log_level::error, "line " + l.name + " cannot be opened: code " + std::to_string(answer));
    schedule(number_of_it);
  }
}

void line_set::on_line(uint32_t number_of_it, uint32_t state, std::string_view why) {
  if (number_of_it >= lines_.size()) return;
  known_line& l = lines_[number_of_it];
  if (l.address.empty()) return;
  if (state == TP_LINE_UP) {
    if (!l.is_stream) l.pause.succeed();
    return;
  }
  l.is_open = false;
  // It brought what it had. One that is wanted again and again waits as after a failure.
  if (l.is_stream && state != TP_LINE_FAILED) return schedule(number_of_it);
  host_.log(sdk::log_level::warning, "line " + l.name + " is down, trying again: " + std::string{why});
  schedule(number_of_it);
}

void line_set::schedule(uint32_t number_of_it) {
  known_line& l = lines_[number_of_it];
  l.is_waiting = true;
  host_.set_timer(first_timer + number_of_it, l.pause.fail(host_.random()));
}

bool line_set::on_timer(uint32_t id) {
  if (id < first_timer || id >= first_timer + lines_.size()) return false;
  known_line& l = lines_[id - first_timer];
  if (!std::exchange(l.is_waiting, false) || l.is_open) return true;
  if (!l.is_stream) open(id - first_timer); // a stream is opened when it is wanted again
  return true;
}

void line_set::close_all() {
  for (uint32_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].is_waiting) host_.cancel_timer(first_timer + i);
}

} // namespace tickplant::nyse
