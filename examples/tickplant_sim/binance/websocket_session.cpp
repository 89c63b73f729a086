#include "tickplant_sim/binance/websocket_session.hpp"

#include "tickplant_sim/binance/texts.hpp"
#include "tickplant_sim/wall_clock.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace tickplant::sim::binance {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::size_t longest_client_message = 64 * 1024;
constexpr std::size_t most_waiting_bytes = std::size_t{16} << 20;

constexpr std::chrono::milliseconds longest_notice{10'000};
constexpr std::chrono::seconds longest_close{5};

} // namespace

websocket_session::websocket_session(beast::tcp_stream stream, stream_hub& hub, const session_options& options,
                                     session_counts& counts, connection_faults& faults)
  : socket_{std::move(stream)}, timer_{socket_.get_executor()}, hub_{hub}, options_{options}, counts_{counts},
    faults_{faults}, rate_{options.messages_a_second} {}

websocket_session::~websocket_session() {
  if (attached_) hub_.detach(*this);
}

void websocket_session::start(const request& upgrade, subscriptions initial, bool microseconds) {
  state_ = std::move(initial);
  microseconds_ = microseconds;
  beast::get_lowest_layer(socket_).expires_never();
  auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
  timeouts.idle_timeout = websocket::stream_base::none(); // pings are this class's own
  socket_.set_option(timeouts);
  socket_.auto_fragment(false); // one event, one frame, as the venue sends it
  socket_.read_message_max(longest_client_message);
  socket_.control_callback([this](websocket::frame_type kind, beast::string_view) {
    if (kind == websocket::frame_type::close) return;
    if (kind == websocket::frame_type::pong) awaits_pong_ = false;
    within_rate();
  });
  socket_.async_accept(upgrade, [self = shared_from_this()](error_code error) {
    if (!error) self->on_open();
  });
}

void websocket_session::on_open() {
  open_ = attached_ = true;
  ++counts_.opened;
  opened_ = clock::now();
  ends_ = opened_ + options_.lifetime;
  next_ping_ = opened_ + options_.ping_interval;
  next_second_ = opened_ + std::chrono::seconds{1};
  hub_.attach(*this);
  wait_for_deadline();
  read();
  if (!state_.streams.empty()) hub_.announce_change();
}

void websocket_session::read() {
  socket_.async_read(incoming_, [self = shared_from_this()](error_code error, std::size_t) {
    if (error) return self->drop();
    self->on_text();
    if (self->open_) self->read();
  });
}

void websocket_session::on_text() {
  if (!within_rate()) return incoming_.clear();
  ++counts_.control_messages;
  const auto bytes = incoming_.cdata();
  send(answer_control({static_cast<const char*>(bytes.data()), bytes.size()}, state_, options_.most_streams));
  incoming_.consume(incoming_.size());
  if (!state_.streams.empty()) hub_.announce_change();
}

bool websocket_session::within_rate() {
  if (rate_.allow(clock::now().time_since_epoch() / std::chrono::nanoseconds{1})) return true;
  // "Beyond: disconnect": WebSocket streams, general information, 5 incoming messages per second.
  // Posted, because this also runs inside the read operation, for pings and pongs.
  if (open_ && !std::exchange(over_rate_, true)) {
    ++counts_.over_rate;
    boost::asio::post(socket_.get_executor(),
                      [self = shared_from_this()] { self->close(websocket::close_code::policy_error); });
  }
  return false;
}

void websocket_session::deliver(std::string_view stream, std::string_view event) {
  if (!open_) return;
  std::string converted;
  if (microseconds_) {
    converted = with_microseconds(event);
    event = converted;
  }
  if (auto bad = faults_.malformed(event)) send(std::move(*bad));
  if (auto strange = faults_.unknown()) send(std::move(*strange));
  if (!state_.combined) return send(std::string{event});
  std::string text;
  text.reserve(stream.size() + event.size() + 24);
  send(std::move(text.append("{\"stream\":\"").append(stream).append("\",\"data\":").append(event).append("}")));
}

/// What is sent meanwhile waits, and never leaves if this lasts.
bool websocket_session::is_mute() const {
  const auto now = clock::now();
  return now < stalled_until_ || (options_.silent_after.count() > 0 && now >= opened_ + options_.silent_after);
}

void websocket_session::send(std::string text) {
  if (!open_) return;
  waiting_bytes_ += text.size();
  outgoing_.push_back(std::move(text));
  if (waiting_bytes_ > most_waiting_bytes) {
    ++counts_.slow;
    return drop();
  }
  if (!writing_ && !is_mute()) write();
}

void websocket_session::write() {
  writing_ = true;
  if (const auto kept = faults_.cut(outgoing_.front().size())) return cut_inside(*kept);
  socket_.text(true);
  socket_.async_write(boost::asio::buffer(outgoing_.front()),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        self->writing_ = false;
                        if (error) return self->drop();
                        self->waiting_bytes_ -= self->outgoing_.front().size();
                        self->outgoing_.pop_front();
                        if (self->is_mute()) return;
                        if (!self->outgoing_.empty()) return self->write();
                        if (self->close_code_ != 0) self->finish_close();
                      });
}

/// The beginning of a frame and no more, below the WebSocket layer: what a failing network leaves of a message.
void websocket_session::cut_inside(std::size_t kept) {
  ++counts_.cut;
  open_ = false;
  const auto& text = outgoing_.front();
  std::string bytes;
  bytes.push_back(static_cast<char>(0x81)); // text, final
  if (text.size() < 126) {
    bytes.push_back(static_cast<char>(text.size()));
  } else {
    const int width = text.size() < 65'536 ? 2 : 8;
    bytes.push_back(static_cast<char>(width == 2 ? 126 : 127));
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFF));
  }
  bytes.append(text, 0, kept);
  const auto held = std::make_shared<const std::string>(std::move(bytes));
  boost::asio::async_write(beast::get_lowest_layer(socket_), boost::asio::buffer(*held),
                           [self = shared_from_this(), held](error_code, std::size_t) { self->drop(); });
}

websocket_session::clock::time_point websocket_session::shutdown_notice() const {
  // The venue promises no lead time.
  return ends_ - std::min(options_.lifetime / 2, longest_notice);
}

void websocket_session::wait_for_deadline() {
  auto next = std::min({next_ping_, ends_, next_second_});
  if (!announced_) next = std::min(next, shutdown_notice());
  if (options_.cut_after.count() > 0) next = std::min(next, opened_ + options_.cut_after);
  timer_.expires_at(next);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error || !self->open_) return;
    self->check_deadlines();
    if (self->open_) self->wait_for_deadline();
  });
}

void websocket_session::check_deadlines() {
  const auto now = clock::now();
  if (options_.cut_after.count() > 0 && now >= opened_ + options_.cut_after) {
    ++counts_.cut;
    return drop();
  }
  if (now >= next_second_) {
    next_second_ = now + std::chrono::seconds{1};
    if (const auto length = faults_.stall()) stalled_until_ = now + *length;
    if (stalled_until_ > now) next_second_ = stalled_until_;
    if (options_.silent_after.count() > 0 && now >= opened_ + options_.silent_after && !std::exchange(is_silent_, true))
      ++counts_.silent;
  }
  if (is_mute()) {
    next_ping_ = std::max(next_ping_, now + std::chrono::milliseconds{100});
    return;
  }
  if (!writing_ && !outgoing_.empty()) write();
  if (now >= ends_) {
    ++counts_.expired;
    return close(websocket::close_code::going_away);
  }
  if (!announced_ && now >= shutdown_notice()) announce_shutdown();
  if (now < next_ping_) return;
  if (awaits_pong_ && now - pinged_ >= options_.pong_timeout) {
    ++counts_.missed_pongs;
    return drop();
  }
  ping();
  next_ping_ = now + options_.ping_interval;
}

void websocket_session::ping() {
  if (pinging_) return; // the last one has not left: the client does not read
  if (!awaits_pong_) pinged_ = clock::now();
  awaits_pong_ = pinging_ = true;
  const auto text = std::to_string(unix_ms());
  socket_.async_ping({text.data(), text.size()}, [self = shared_from_this()](error_code error) {
    self->pinging_ = false;
    if (error) self->drop();
  });
}

void websocket_session::announce_shutdown() {
  announced_ = true;
  const std::string event = "{\"e\":\"serverShutdown\",\"E\":" + std::to_string(unix_ms()) + "}";
  deliver("!serverShutdown", event);
}

void websocket_session::end_after(std::chrono::milliseconds notice) {
  if (!open_) return;
  ends_ = std::min(ends_, clock::now() + notice);
  if (!announced_) announce_shutdown();
  timer_.cancel(); // its handler ends without setting it again
  wait_for_deadline();
}

void websocket_session::shut_down() {
  if (!open_) return;
  if (!announced_) announce_shutdown();
  close(websocket::close_code::going_away);
}

void websocket_session::close(websocket::close_code code) {
  if (!open_) return;
  open_ = false;
  close_code_ = static_cast<std::uint16_t>(code);
  // What was said before the close still goes out, unless the client does not read.
  timer_.expires_after(longest_close);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->drop();
  });
  if (!writing_) finish_close();
}

void websocket_session::finish_close() {
  socket_.async_close(close_code_, [self = shared_from_this()](error_code) { self->drop(); });
}

void websocket_session::drop() {
  open_ = false;
  timer_.cancel();
  if (attached_) hub_.detach(*this);
  attached_ = false;
  beast::get_lowest_layer(socket_).close();
}

} // namespace tickplant::sim::binance
