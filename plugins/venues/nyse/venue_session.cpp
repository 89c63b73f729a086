#include "venue_session.hpp"

#include <stdexcept>

namespace tickplant::nyse {

namespace {

options checked(const sdk::settings& settings, const sdk::venue_host& host) {
  bool faulty = false;
  auto result = read_options(settings, [&](std::string_view key, std::string_view problem) {
    host.complain(key, problem);
    faulty = true;
  });
  if (faulty) throw std::invalid_argument("nyse: the settings have faults");
  return result;
}

} // namespace

void venue_session::validate(sdk::settings settings, sdk::venue_host host) {
  read_options(settings, [&](std::string_view key, std::string_view problem) { host.complain(key, problem); });
}

venue_session::venue_session(sdk::settings settings, sdk::venue_host host)
  : host_(host), options_(checked(settings, host)), lines_(host, options_), requests_(host, options_, counters_),
    untold_directories_(options_.channels.size()) {
  for (size_t place = 0; place < options_.channels.size(); ++place)
    channels_.push_back(std::make_unique<channel>(
      channel::surroundings{host_, options_, counters_, lines_, requests_, next_instrument_, untold_directories_},
      place));
}

int32_t venue_session::start(uint64_t now_ns) {
  for (auto& c : channels_) c->start(now_ns);
  lines_.open_all();
  requests_.open(now_ns);
  return TP_OK;
}

int32_t venue_session::stop(uint64_t) {
  for (auto& c : channels_) c->stop();
  counters_.flush(host_);
  lines_.close_all();
  requests_.close();
  return TP_OK;
}

void venue_session::end_burst() {
  for (auto& c : channels_) c->end_burst();
  counters_.flush(host_);
}

int32_t venue_session::on_units(std::span<const tp_unit> units) {
  for (const auto& unit : units) {
    const auto at = line_set::role_of(unit.line, channels_.size());
    if (!at) {
      counters_.add(foreign);
      continue;
    }
    channels_[at->first]->on_packet(at->second, unit);
  }
  end_burst();
  return TP_OK;
}

int64_t venue_session::on_stream(const tp_unit& unit) {
  int64_t consumed = unit.size;
  if (unit.line == request_line::line) {
    consumed = requests_.on_stream(unit, [&](const request_response& response) {
      for (auto& c : channels_)
        if (c->on_response(response, unit.recv_ns)) return;
      counters_.add(foreign);
    });
  } else if (const auto at = line_set::role_of(unit.line, channels_.size()); at && at->second == line_role::refresh) {
    const auto cut = cut_packets(unit, [&](const uint8_t* data, size_t size) {
      channels_[at->first]->on_packet(at->second, {data, static_cast<uint32_t>(size), unit.line, unit.recv_ns, 0, 0});
    });
    if (!cut) counters_.add(malformed);
    consumed = cut.value_or(TP_E_ARGUMENT);
  }
  end_burst();
  return consumed;
}

int32_t venue_session::on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) {
  if (line == request_line::line) {
    if (requests_.on_line(state, why, now_ns))
      for (auto& c : channels_) c->on_requests_changed(now_ns);
  } else {
    lines_.on_line(line, state, why);
  }
  end_burst();
  return TP_OK;
}

int32_t venue_session::on_timer(uint32_t id, uint64_t now_ns) {
  if (!requests_.on_timer(id, now_ns) && !lines_.on_timer(id) && id >= 16 && id < 16 + 8 * channels_.size())
    channels_[(id - 16) / 8]->on_timer((id - 16) % 8, now_ns);
  end_burst();
  return TP_OK;
}

int32_t venue_session::resynchronise(uint32_t number, uint32_t instrument, uint64_t now_ns) {
  int32_t answer = TP_OK; // a channel that is not ours has nothing to resynchronise
  for (auto& c : channels_)
    if (c->id() == number) answer = c->resynchronise(instrument, now_ns);
  end_burst();
  return answer;
}

} // namespace tickplant::nyse
