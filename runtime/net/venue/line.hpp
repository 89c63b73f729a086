// What every line has, whatever it is made of: its settings, state and counters. A line object lives from line_open to
// its end; the number may be used again by another object while handlers still hold this one.
#pragma once

#include "runtime/net/venue/address.hpp"
#include "runtime/net/venue/turns.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tickplant::net::venue {

class tls_client;

using header_list = std::vector<std::pair<std::string, std::string>>;

/// tp_line_spec, checked and owned.
struct line_settings {
  uint32_t number = 0, max_unit = 0;
  uint16_t kind = 0, role = 0, cut = 0;
  std::string name, shown_address, from_interface;
  std::vector<std::string> only_sources; // numeric addresses
  header_list headers;
  address where;
};

class line : public source {
public:
  line(std::shared_ptr<turns> world, line_settings settings);

  /// Starts opening. What comes of it is reported in a later turn, also where it is known at once.
  virtual void open() = 0;
  virtual int32_t send(uint32_t unit_flags, std::span<const uint8_t> bytes);
  /// The plugin's wish: silent from here on.
  void close();

  /// Closed, or its end has been told: the number is free.
  bool is_over() const { return closed_ || is_ended(); }
  /// Handlers go on only while this holds.
  bool is_active() const { return !closed_ && !ending_ && !is_ended(); }
  line_status status() const;
  turns& world() { return *world_; }

  void deliver(turns& out) final;

protected:
  virtual void deliver_units(turns& out) = 0;
  /// Closes sockets and files, cancels what is pending; called once or more, never throws.
  virtual void shut() noexcept = 0;

  void report_up(std::string why = {});
  /// CLOSED, FAILED or FILE_END, after what was read before it.
  void end(uint32_t state, std::string why);
  void fail(std::string why) { end(TP_LINE_FAILED, std::move(why)); }
  void log(int32_t level, std::string_view text);

  bool is_up() const { return state_ == TP_LINE_UP && is_active(); }
  const line_settings& settings() const { return settings_; }
  std::shared_ptr<turns> shared_world() const { return world_; }
  line_counters& counters() { return counters_; }

private:
  bool is_ended() const { return state_ == TP_LINE_CLOSED || state_ == TP_LINE_FAILED || state_ == TP_LINE_FILE_END; }
  void change(uint32_t state);

  std::shared_ptr<turns> world_;
  line_settings settings_;
  line_counters counters_;
  std::string why_;
  uint64_t since_ns_ = wall_now_ns();
  uint32_t state_ = 0, ending_ = 0; // ending_: the end that is still to be told
  bool up_due_ = false, closed_ = false;
};

std::shared_ptr<line> make_udp_line(std::shared_ptr<turns> world, line_settings settings);
std::shared_ptr<line> make_tcp_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls,
                                    line_settings settings);
std::shared_ptr<line> make_websocket_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls,
                                          line_settings settings);
std::shared_ptr<line> make_file_line(std::shared_ptr<turns> world, line_settings settings);

} // namespace tickplant::net::venue
