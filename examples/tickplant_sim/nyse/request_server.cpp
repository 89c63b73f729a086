#include "tickplant_sim/nyse/request_server.hpp"

#include "tickplant_sim/wall_clock.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <utility>

namespace tickplant::sim::nyse {
namespace {

using boost::asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t most_waiting_responses = 1'000;

std::uint32_t number(std::span<const std::uint8_t> packet, std::size_t offset, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | packet[offset + i];
  return value;
}

} // namespace

/// Keeps itself alive while the connection lives.
class request_server::session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, request_server& owner)
    : socket_{std::move(socket)}, heartbeat_timer_{socket_.get_executor()}, owner_{owner} {}

  void start() {
    wait_for_heartbeat();
    read();
  }
  void close() {
    error_code ignored;
    heartbeat_timer_.cancel();
    socket_.close(ignored);
  }
  bool is_open() const { return socket_.is_open(); }
  void heartbeat_answered() { awaits_answer_ = false; }

  const std::string& source() const noexcept { return source_; }
  void set_source(const std::string& source) { source_ = source; }

  void respond_after(std::chrono::milliseconds wait, message_buffer response) {
    if (wait.count() == 0) return respond(std::move(response));
    const auto timer = std::make_shared<boost::asio::steady_timer>(socket_.get_executor(), wait);
    timer->async_wait([self = shared_from_this(), timer, held = std::move(response)](error_code error) mutable {
      if (!error) self->respond(std::move(held));
    });
  }

private:
  void respond(message_buffer response) {
    packet_.begin(delivery::original, ++sent_);
    packet_.add(response);
    send();
  }

  void send() {
    if (!is_open() || outgoing_.size() >= most_waiting_responses) return;
    const auto bytes = packet_.bytes(unix_ms() * 1'000'000);
    outgoing_.emplace_back(bytes.begin(), bytes.end());
    if (outgoing_.size() == 1) write();
  }

  void write() {
    auto& packet = outgoing_.front();
    bool cuts = false;
    if (const auto kept = owner_.desk_.faults().cut(packet.size())) {
      packet.resize(*kept);
      cuts = true;
    }
    boost::asio::async_write(socket_, boost::asio::buffer(packet),
                             [self = shared_from_this(), cuts](error_code error, std::size_t) {
                               if (error || cuts) return self->close();
                               self->outgoing_.pop_front();
                               if (!self->outgoing_.empty()) self->write();
                             });
  }

  void wait_for_heartbeat() {
    heartbeat_timer_.expires_after(owner_.options_.heartbeat_interval);
    heartbeat_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      self->packet_.begin(delivery::heartbeat, self->sent_ + 1);
      self->awaits_answer_ = true;
      self->send();
      self->wait_for_answer();
    });
  }

  void wait_for_answer() {
    heartbeat_timer_.expires_after(owner_.options_.answer_limit);
    heartbeat_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (error) return;
      if (!self->awaits_answer_) return self->wait_for_heartbeat();
      ++self->owner_.counts_.silent;
      self->close();
    });
  }

  void read() {
    socket_.async_read_some(boost::asio::buffer(incoming_.data() + held_, incoming_.size() - held_),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->close();
                              self->held_ += bytes;
                              if (self->take_packets()) return self->read();
                              ++self->owner_.counts_.malformed;
                              self->close();
                            });
  }

  /// False for bytes that are no packets.
  bool take_packets() {
    std::size_t at = 0;
    while (held_ - at >= 2) {
      const std::span<const std::uint8_t> rest{incoming_.data() + at, held_ - at};
      const std::size_t size = number(rest, 0, 2);
      if (size < packet_header_bytes || size > most_packet_bytes) return false;
      if (rest.size() < size) break;
      if (!take_packet(rest.first(size))) return false;
      if (!is_open()) return true;
      at += size;
    }
    std::copy(incoming_.begin() + static_cast<std::ptrdiff_t>(at),
              incoming_.begin() + static_cast<std::ptrdiff_t>(held_), incoming_.begin());
    held_ -= at;
    return true;
  }

  bool take_packet(std::span<const std::uint8_t> packet) {
    auto messages = packet.subspan(packet_header_bytes);
    for (auto left = packet[3]; left > 0; --left) {
      const auto message = first_message(messages);
      if (message.empty()) return false;
      owner_.on_message(*this, message, number(packet, 4, 4));
      messages = messages.subspan(message.size());
    }
    return messages.empty();
  }

  tcp::socket socket_;
  boost::asio::steady_timer heartbeat_timer_;
  request_server& owner_;
  std::string source_;
  std::array<std::uint8_t, 4 * most_packet_bytes> incoming_{};
  std::size_t held_ = 0;
  xdp_packet packet_;
  std::deque<message_buffer> outgoing_;
  std::uint32_t sent_ = 0;
  bool awaits_answer_ = false;
};

request_server::request_server(boost::asio::io_context& io, const request_server_options& options, request_desk& desk,
                               take_outcome take)
  : acceptor_{io, options.listen}, endpoint_{acceptor_.local_endpoint()}, options_{options}, desk_{desk}, take_{
                                                                                                            std::move(
                                                                                                              take)} {}

request_server::~request_server() = default;

void request_server::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      std::erase_if(sessions_, [](const auto& held) { return held.expired(); });
      // A refused connection is closed by leaving.
      if (sessions_.size() >= options_.most_connections || desk_.faults().refuses()) {
        ++counts_.turned_away;
      } else {
        ++counts_.connections;
        error_code ignored;
        socket.set_option(tcp::no_delay{true}, ignored);
        auto entered = std::make_shared<session>(std::move(socket), *this);
        sessions_.push_back(entered);
        entered->start();
      }
    }
    accept();
  });
}

void request_server::on_message(session& from, std::span<const std::uint8_t> message, std::uint32_t request) {
  auto outcome = desk_.handle(message, request);
  if (!outcome.source.empty() && outcome.source != from.source()) claim(from, outcome.source);
  if (outcome.action == desk_outcome::kind::heartbeat) return from.heartbeat_answered();
  const auto wait = desk_.faults().delay();
  if (!outcome.response.empty()) from.respond_after(wait, outcome.response);
  if (outcome.action != desk_outcome::kind::nothing) take_(outcome, wait);
}

void request_server::claim(session& by, const std::string& source) {
  by.set_source(source);
  // The newest connection of a client wins: Common Client 2.4p, request server.
  for (const auto& held : sessions_) {
    const auto other = held.lock();
    if (!other || other.get() == &by || other->source() != source || !other->is_open()) continue;
    ++counts_.replaced;
    other->close();
  }
}

void request_server::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& held : sessions_)
    if (const auto alive = held.lock()) alive->close();
}

} // namespace tickplant::sim::nyse
