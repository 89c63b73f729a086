// WebSocket lines, client side, by Beast: it joins fragments, answers pings while reading, and checks the frames.
#include "runtime/net/venue/deadline.hpp"
#include "runtime/net/venue/dial.hpp"
#include "runtime/net/venue/guarded.hpp"
#include "runtime/net/venue/line.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <chrono>
#include <deque>

namespace tickplant::net::venue {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

struct incoming {
  explicit incoming(size_t max_size) : bytes(max_size) {}
  beast::flat_buffer bytes;
  uint64_t received_ns = 0;
  uint32_t flags = 0;
};

struct outgoing {
  std::vector<uint8_t> bytes;
  bool is_binary;
};

class websocket_line final : public line {
public:
  websocket_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, line_settings s)
    : line(std::move(world), std::move(s)), tls_(std::move(tls)), stream_(this->world().context()),
      patience_(this->world().context()) {}

  void open() override;
  int32_t send(uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  void resume() override;

private:
  // What may wait for one turn. A message that has begun to wait is joined only by those that are readable already.
  static constexpr size_t messages_per_turn = 64;
  static constexpr size_t bytes_per_turn = 256 * 1024;
  static constexpr int longest_linger = 64; // rounds of the loop: a slow large message does not hold up small ones
  static constexpr size_t beast_slack = 64 * 1024; // Beast asks for more room than a message needs
  static constexpr size_t message_overhead = 64;   // so that empty messages cannot fill the queue without end

  std::shared_ptr<websocket_line> self() { return std::static_pointer_cast<websocket_line>(shared_from_this()); }
  void dialled(const std::string& fault);
  void upgraded(const error_code& fault);
  void set_options();
  void read();
  void on_read(const error_code& fault);
  void hand_over();
  void on_end(const error_code& fault);
  void write();
  void on_written(const error_code& fault);
  void trim();
  void deliver_units(turns& out) override;
  void shut() noexcept override;

  std::shared_ptr<tls_client> tls_;
  websocket::stream<transport, false> stream_;
  std::weak_ptr<dialer> dialer_;
  deadline patience_;
  websocket::response_type response_;
  std::vector<std::unique_ptr<incoming>> messages_; // [0, complete_) wait for the turn; the one behind is being read
  size_t complete_ = 0, complete_bytes_ = 0, seen_ = 0;
  std::deque<outgoing> queue_;
  size_t queued_bytes_ = 0;
  int rounds_ = 0;
  bool is_upgrading_ = false, reading_ = false, lingering_ = false;
};

void websocket_line::open() {
  auto d = std::make_shared<dialer>(shared_world(), tls_, stream_.next_layer(), settings().where,
                                    [me = self()](const std::string& fault) { me->dialled(fault); });
  dialer_ = d;
  d->start();
  patience_.start(self(), world().options().connect_timeout_ns, [](websocket_line& l) {
    const auto busy = l.dialer_.lock();
    l.fail("not connected in time (" +
           std::string{l.is_upgrading_ || !busy ? "in the WebSocket handshake" : busy->phase()} + ")");
  });
}

void websocket_line::set_options() {
  websocket::stream_base::timeout times;
  times.handshake_timeout = websocket::stream_base::none(); // our own deadline covers it
  times.idle_timeout = std::chrono::nanoseconds{static_cast<int64_t>(world().options().silence_timeout_ns)};
  times.keep_alive_pings = true;
  stream_.set_option(times);
  stream_.read_message_max(settings().max_unit);
  stream_.auto_fragment(false);
  stream_.set_option(
    websocket::stream_base::decorator([headers = settings().headers](websocket::request_type& request) {
      request.set(beast::http::field::user_agent, "tickplant");
      for (const auto& [name, value] : headers) request.set(name, value);
    }));
}

void websocket_line::dialled(const std::string& fault) {
  if (!is_active()) return;
  if (!fault.empty()) return fail(fault);
  is_upgrading_ = true;
  set_options();
  const auto& where = settings().where;
  stream_.async_handshake(response_, where.host_header(), where.target,
                          guarded(self(), [](websocket_line& l, error_code ec) { l.upgraded(ec); }));
}

void websocket_line::upgraded(const error_code& fault) {
  if (!is_active()) return;
  patience_.cancel();
  if (fault == websocket::error::upgrade_declined) {
    std::string why = "upgrade refused with HTTP " + std::to_string(response_.result_int());
    if (const auto wait = response_[beast::http::field::retry_after]; !wait.empty())
      why += ", Retry-After " + shown({wait.data(), wait.size()});
    return fail(why);
  }
  if (fault) return fail("WebSocket handshake: " + fault.message());
  response_ = {};
  report_up();
}

void websocket_line::read() {
  if (complete_ == messages_.size())
    messages_.push_back(std::make_unique<incoming>(settings().max_unit + beast_slack + TP_PADDING));
  messages_[complete_]->bytes.clear();
  reading_ = true;
  stream_.async_read(messages_[complete_]->bytes,
                     guarded(self(), [](websocket_line& l, error_code ec, size_t) { l.on_read(ec); }));
}

void websocket_line::on_read(const error_code& fault) {
  reading_ = false;
  if (!is_active()) return;
  if (fault) return on_end(fault);
  auto& m = *messages_[complete_++];
  m.flags = stream_.got_text() ? TP_UNIT_TEXT : TP_UNIT_BINARY;
  m.received_ns = wall_now_ns();
  m.bytes.prepare(TP_PADDING);
  complete_bytes_ += m.bytes.size();
  counters().bytes += m.bytes.size();
  if (complete_ == messages_per_turn || complete_bytes_ >= bytes_per_turn) return hand_over();
  read();
  if (lingering_) return;
  lingering_ = true;
  rounds_ = 0;
  seen_ = complete_;
  asio::post(world().context(), guarded(self(), [](websocket_line& l) { l.hand_over(); }));
}

// Waits one more round of the loop as long as messages still come out of what was received already.
void websocket_line::hand_over() {
  if (!is_active()) return;
  const bool is_full = !reading_;
  const bool may_grow = complete_ > seen_ || stream_.next_layer().has_readable();
  if (lingering_ && !is_full && may_grow && rounds_ < longest_linger) {
    ++rounds_;
    seen_ = complete_;
    asio::post(world().context(), guarded(self(), [](websocket_line& l) { l.hand_over(); }));
    return;
  }
  lingering_ = false;
  if (complete_ > 0) world().schedule(shared_from_this());
}

void websocket_line::on_end(const error_code& fault) {
  if (fault == websocket::error::closed) {
    const auto& reason = stream_.reason();
    std::string why = "closed by the other side, code " + std::to_string(reason.code);
    if (!reason.reason.empty()) why += ": " + shown({reason.reason.data(), reason.reason.size()});
    return end(TP_LINE_CLOSED, why);
  }
  if (fault == websocket::error::message_too_big || fault == websocket::error::buffer_overflow)
    return fail("message larger than max_unit, " + std::to_string(settings().max_unit) + " bytes");
  if (fault == asio::error::eof) return fail("connection lost without a close frame");
  if (fault == beast::error::timeout) return fail("silent for too long, also after a ping");
  fail("reading: " + fault.message());
}

void websocket_line::deliver_units(turns& out) {
  for (size_t i = 0; i < complete_; ++i) {
    const auto& m = *messages_[i];
    const auto bytes = m.bytes.data();
    ++counters().units;
    out.add({static_cast<const uint8_t*>(bytes.data()), static_cast<uint32_t>(bytes.size()), settings().number,
             m.received_ns, m.flags, 0});
  }
}

void websocket_line::resume() {
  if (complete_ > 0) {
    // The message that is being read keeps its buffer and becomes the first.
    if (complete_ < messages_.size()) std::swap(messages_[0], messages_[complete_]);
    complete_ = complete_bytes_ = seen_ = 0;
    trim();
  }
  if (is_up() && !reading_) read();
}

// Rare large messages must not leave a large buffer behind in every place.
void websocket_line::trim() {
  size_t kept = 0;
  for (size_t i = reading_ ? 1 : 0; i < messages_.size(); ++i) {
    auto& bytes = messages_[i]->bytes;
    bytes.clear();
    kept += bytes.capacity();
    if (kept > settings().max_unit + 4 * bytes_per_turn) bytes.shrink_to_fit();
  }
}

int32_t websocket_line::send(uint32_t unit_flags, std::span<const uint8_t> bytes) {
  if (!is_up()) return TP_E_DOWN;
  if ((unit_flags & TP_UNIT_TEXT) && (unit_flags & TP_UNIT_BINARY)) return TP_E_ARGUMENT;
  const size_t cost = bytes.size() + message_overhead;
  if (cost > send_queue_limit - queued_bytes_) {
    ++counters().send_refused;
    return TP_E_LIMIT;
  }
  ++counters().sent_units;
  counters().sent_bytes += bytes.size();
  queued_bytes_ += cost;
  queue_.push_back({{bytes.begin(), bytes.end()}, (unit_flags & TP_UNIT_BINARY) != 0});
  if (queue_.size() == 1) write();
  return TP_OK;
}

void websocket_line::write() {
  stream_.binary(queue_.front().is_binary);
  stream_.async_write(asio::buffer(queue_.front().bytes),
                      guarded(self(), [](websocket_line& l, error_code ec, size_t) { l.on_written(ec); }));
}

void websocket_line::on_written(const error_code& fault) {
  if (!is_active()) return;
  // Aborted by a close frame, which the reading side reports with its code.
  if (fault == asio::error::operation_aborted) return;
  if (fault) return fail("writing: " + fault.message());
  queued_bytes_ -= queue_.front().bytes.size() + message_overhead;
  queue_.pop_front();
  if (!queue_.empty()) write();
}

void websocket_line::shut() noexcept {
  patience_.cancel();
  if (const auto d = dialer_.lock()) d->cancel();
  stream_.next_layer().close();
}

} // namespace

std::shared_ptr<line> make_websocket_line(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls,
                                          line_settings settings) {
  return std::make_shared<websocket_line>(std::move(world), std::move(tls), std::move(settings));
}

} // namespace tickplant::net::venue
