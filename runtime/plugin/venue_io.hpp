// The world of a venue plugin, as two small interfaces: what the plugin asks of it (venue_io) and what it brings
// (venue_sink). The server's world is runtime/net, the replay tool's is a capture, a test's is the test.
// Everything is called on the thread of the instance; venue_io never calls venue_sink from inside one of its functions.
#pragma once

#include <tickplant/venue.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tickplant::plugin {

class venue_io {
public:
  virtual ~venue_io() = default;
  /// All answer TP_OK or TP_E_*: ARGUMENT (bad address, number in use), LIMIT, DOWN. The result of opening comes by
  /// venue_sink::on_line, UP or FAILED.
  virtual int32_t line_open(const tp_line_spec& spec) = 0;
  /// No on_line follows; the number is free again at once.
  virtual void line_close(uint32_t line) = 0;
  virtual int32_t send(uint32_t line, uint32_t unit_flags, std::span<const uint8_t> bytes) = 0;
  virtual int32_t http_get(const tp_http_request& request) = 0;
  /// One shot; the same id again moves it; UINT64_MAX turns it off.
  virtual void set_timer(uint32_t id, uint64_t after_ns) = 0;
  /// The wall clock of a world that has its own, such as a capture's, ns; nothing: the machine's.
  virtual std::optional<uint64_t> clock_ns() const { return std::nullopt; }
  /// The world itself, where this one only stands before it.
  virtual const venue_io& innermost() const { return *this; }
};

class venue_sink {
public:
  virtual ~venue_sink() = default;
  /// Datagrams, WebSocket messages or file records, of one or several lines, in the order of their arrival.
  virtual void on_units(std::span<const tp_unit> units) = 0;
  /// Unread bytes of a TCP stream; answers how many were consumed, or TP_E_* which closes the line.
  virtual int64_t on_stream(const tp_unit& unit) = 0;
  virtual void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t now_ns) = 0;
  virtual void on_http(const tp_http_answer& answer) = 0;
  virtual void on_timer(uint32_t id, uint64_t now_ns) = 0;
};

} // namespace tickplant::plugin
