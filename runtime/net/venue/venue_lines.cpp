#include "runtime/net/venue/venue_lines.hpp"

#include "runtime/net/venue/http_client.hpp"
#include "runtime/net/venue/line.hpp"
#include "runtime/net/venue/settings.hpp"
#include "runtime/net/venue/timer_table.hpp"
#include "runtime/net/venue/tls.hpp"
#include "runtime/net/venue/turns.hpp"

#include <map>
#include <utility>

namespace tickplant::net {

using namespace venue;

struct venue_lines::implementation {
  implementation(event_loop& loop, plugin::venue_sink& sink, venue_lines_options options)
    : tls(std::make_shared<tls_client>(options.ca_file)),
      world(std::make_shared<turns>(loop, sink, std::move(options))), timers(std::make_shared<timer_table>(world)),
      http(std::make_shared<http_client>(world, tls)) {
    world->set_closer([this] { shut(); });
  }
  ~implementation() {
    world->set_closer(nullptr);
    shut();
    world->stop();
  }
  void shut() {
    for (auto& [number, l] : lines) l->close();
    http->shut();
    timers->shut();
  }
  std::shared_ptr<line> make(line_settings settings) {
    switch (settings.kind) {
      case TP_LINE_TCP: return make_tcp_line(world, tls, std::move(settings));
      case TP_LINE_WEBSOCKET: return make_websocket_line(world, tls, std::move(settings));
      case TP_LINE_FILE: return make_file_line(world, std::move(settings));
      default: return make_udp_line(world, std::move(settings));
    }
  }
  line* find(uint32_t number) {
    const auto at = lines.find(number);
    return at != lines.end() ? at->second.get() : nullptr;
  }

  std::shared_ptr<tls_client> tls;
  std::shared_ptr<turns> world;
  std::shared_ptr<timer_table> timers;
  std::shared_ptr<http_client> http;
  std::map<uint32_t, std::shared_ptr<line>> lines; // at most one for each number below line_number_limit
};

venue_lines::venue_lines(event_loop& loop, plugin::venue_sink& sink, venue_lines_options options)
  : implementation_(std::make_unique<implementation>(loop, sink, std::move(options))) {}

venue_lines::~venue_lines() = default;

int32_t venue_lines::line_open(const tp_line_spec& spec) {
  auto& in = *implementation_;
  if (in.world->is_stopped()) return TP_E_STOPPING;
  line_settings settings;
  std::string fault;
  auto code = check(spec, settings, fault);
  if (const auto* old = code == TP_OK ? in.find(spec.line) : nullptr; old && !old->is_over()) {
    fault = "the number is in use";
    code = TP_E_ARGUMENT;
  }
  if (code != TP_OK) {
    in.world->log(TP_LOG_ERROR, "line " + std::to_string(spec.line) + " not opened: " + fault);
    return code;
  }
  auto opened = in.make(std::move(settings));
  in.lines[spec.line] = opened;
  opened->open();
  return TP_OK;
}

void venue_lines::line_close(uint32_t number) {
  // Kept alive: its buffers may lie below the call that this one comes from.
  if (auto* l = implementation_->find(number)) l->close();
}

int32_t venue_lines::send(uint32_t number, uint32_t unit_flags, std::span<const uint8_t> bytes) {
  if (implementation_->world->is_stopped()) return TP_E_STOPPING;
  auto* l = implementation_->find(number);
  return l ? l->send(unit_flags, bytes) : TP_E_DOWN;
}

int32_t venue_lines::http_get(const tp_http_request& request) {
  auto& in = *implementation_;
  if (in.world->is_stopped()) return TP_E_STOPPING;
  http_settings settings;
  std::string fault;
  if (const auto code = check(request, settings, fault); code != TP_OK) {
    in.world->log(TP_LOG_ERROR, "request " + std::to_string(request.id) + " not sent: " + fault);
    return code;
  }
  return in.http->get(std::move(settings));
}

void venue_lines::set_timer(uint32_t id, uint64_t after_ns) {
  implementation_->timers->set(id, after_ns);
}

std::vector<line_status> venue_lines::status() const {
  std::vector<line_status> out;
  out.reserve(implementation_->lines.size());
  for (const auto& [number, l] : implementation_->lines) out.push_back(l->status());
  return out;
}

} // namespace tickplant::net
