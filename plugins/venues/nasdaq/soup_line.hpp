// One SoupBinTCP connection of an instance, kept up over a list of addresses: login, heartbeats both ways, silence, and
// after a failure the next address with growing pauses. What the server sends goes to a handler; time comes in with the
// calls. One thread.
#pragma once

#include "soup.hpp"

#include <tickplant/backoff.hpp>
#include <tickplant/venue.hpp>

#include <functional>
#include <string>
#include <vector>

namespace tickplant::nasdaq {

/// How to reach one service.
struct soup_options {
  std::vector<std::string> addresses; // first the primary, then its backups; empty: not configured
  std::string username, password;
  soup_version version = soup_version::v3_00;
  uint64_t silence_ns = 15'000'000'000;       // of the server: the connection is dead
  uint64_t refused_pause_ns = 30'000'000'000; // after "not authorised": asking on and on helps nobody
};

class soup_line {
public:
  struct wish {
    std::string session;
    uint64_t sequence = 1;
  };
  /// What to ask for at a login.
  using wish_fn = std::function<wish()>;
  enum class state : uint8_t { off, waiting, opening, logging_in, up };
  /// What a line's news or a timer came to.
  enum class change : uint8_t { none, down };

  /// `line`: the plugin's number of the line; `timer`: the first of two timers. `options` outlives this object.
  soup_line(sdk::venue_host host, const soup_options& options, uint32_t line, uint32_t timer, std::string_view name,
            uint16_t role, wish_fn wishes)
    : host_(host), options_(options), line_(line), timer_(timer), name_(name), role_(role), wishes_(std::move(wishes)) {
  }

  bool is_configured() const { return !options_.addresses.empty(); }
  state now() const { return state_; }
  bool is_up() const { return state_ == state::up; }
  /// Between the connection and its end, logged in or not.
  bool is_connected() const { return state_ == state::logging_in || state_ == state::up; }
  /// The last login was answered by "not authorised", and none has succeeded since.
  bool is_refused() const { return refused_; }

  /// Connects and stays connected, beginning after what pause the last failure asks for.
  void want(uint64_t now_ns);
  /// Says goodbye and closes; nothing is tried again. The next connection comes no sooner than in a second.
  void release(uint64_t now_ns);
  /// Gives this connection up and tries the next address after a pause; `why` is logged.
  void fail(std::string_view why, uint64_t now_ns);
  /// The connection was worth something: the next failure begins with the shortest pause again.
  void succeeded() { failures_ = 0; }

  change on_line(uint32_t state, std::string_view why, uint64_t now_ns);
  bool owns_timer(uint32_t id) const { return id == timer_ || id == timer_ + 1; }
  change on_timer(uint32_t id, uint64_t now_ns);

  /// Cuts what the server sent. A handler has
  ///   bool accepted(std::string_view session, uint64_t sequence);  // false: this server is of no use
  ///   void sequenced(const uint8_t* data, uint32_t size);
  ///   void ended();                                                // of the session
  ///   void rejected(char reason);                                  // the line tries again by itself
  ///   void broken();                                               // bytes that are no packet; the same
  /// and may call release(), want() and fail().
  template <class Handler>
  int64_t on_stream(const tp_unit& unit, Handler&& handler) {
    std::span<const uint8_t> rest{unit.data, unit.size};
    heard_ns_ = unit.recv_ns;
    const uint64_t connection = connection_;
    soup_packet packet;
    while (is_connected() && connection == connection_) {
      const auto cut = cut_soup(rest, packet);
      if (cut == soup_cut::incomplete) return static_cast<int64_t>(unit.size - rest.size());
      if (cut == soup_cut::packet && packet.type == 'S' && state_ == state::up) [[likely]]
        handler.sequenced(packet.data, packet.size);
      else
        take(cut, packet, handler, unit.recv_ns);
    }
    return unit.size; // closed on the way
  }

private:
  void open(uint64_t now_ns);
  void schedule(uint64_t now_ns, uint64_t least_ns);
  void log_in(uint64_t now_ns);
  void send(std::span<const uint8_t> bytes, uint64_t now_ns);
  void close();

  template <class Handler>
  void take(soup_cut cut, const soup_packet& packet, Handler&& handler, uint64_t now_ns) {
    if (cut == soup_cut::broken || (packet.type == 'S' && state_ != state::up)) {
      handler.broken();
      if (!is_connected()) return;
      return fail(cut == soup_cut::broken ? "a packet of length 0" : "a message before the login was answered", now_ns);
    }
    switch (packet.type) {
      case 'A': {
        if (state_ == state::up) return; // once is enough
        const auto answer = read_soup_accepted(packet);
        if (!answer) {
          handler.broken();
          if (!is_connected()) return;
          return fail("the answer to the login makes no sense", now_ns);
        }
        state_ = state::up;
        refused_ = false;
        if (!handler.accepted(answer->session, answer->sequence) && is_connected())
          fail("the server has another session", now_ns);
        return;
      }
      case 'J': {
        const char reason = packet.size > 0 ? static_cast<char>(packet.data[0]) : ' ';
        refused_ = reason != 'S';
        const uint64_t connection = connection_;
        handler.rejected(reason);
        if (connection != connection_ || !is_connected()) return;
        fail(refused_ ? "the login was refused: not authorised" : "the login was refused: no such session", now_ns);
        return;
      }
      case 'Z': return handler.ended();
      default: return; // heartbeats, debug texts, unsequenced data, and what later versions bring
    }
  }

  sdk::venue_host host_;
  const soup_options& options_;
  uint32_t line_, timer_;
  std::string_view name_;
  uint16_t role_;
  wish_fn wishes_;
  state state_ = state::off;
  bool refused_ = false;
  uint8_t failures_ = 0;
  size_t address_ = 0;
  uint64_t connection_ = 0; // counts them
  uint64_t heard_ns_ = 0, spoke_ns_ = 0, not_before_ns_ = 0;
};

} // namespace tickplant::nasdaq
