#include "tickplant_sim/lse/tcp_service.hpp"

#include "tickplant_sim/fault_summary.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

namespace tickplant::sim::lse {
namespace {

using boost::asio::ip::tcp;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Deadlines and delays of the services are told in tens of milliseconds at least.
constexpr auto tick_interval = 5ms;
// What is appended before a write: some round trips' worth, so that no client can make it grow.
constexpr std::size_t write_room = 64 * 1024;
// After the last byte the server waits for the client's own close, because closing at once would throw away what the
// client has not read yet when it still sends.
constexpr auto close_patience = 1s;

} // namespace

class tcp_service::connection : public std::enable_shared_from_this<connection> {
public:
  connection(tcp::socket socket, const service_parts& parts) : socket_{std::move(socket)} {
    talk_.emplace(parts, clock::now());
  }

  bool is_closed() const noexcept { return !socket_.is_open(); }

  void read() {
    socket_.async_read_some(boost::asio::buffer(in_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
                              if (self->is_closed()) return;
                              if (error) return self->close();
                              if (self->talk_) self->talk_->receive(std::span{self->in_}.first(bytes), clock::now());
                              self->pump();
                              if (!self->is_closed()) self->read();
                            });
  }

  /// Writes what is due and ends what is over.
  void pump() {
    if (is_closed() || writing_) return;
    if (closes_at_) {
      if (clock::now() >= *closes_at_) close();
      return;
    }
    out_.clear();
    talk_->advance(clock::now(), write_room, out_);
    if (!out_.empty()) return write();
    if (!talk_->is_over()) return;
    talk_.reset();
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    closes_at_ = clock::now() + close_patience;
  }

  void close() {
    talk_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

private:
  void write() {
    writing_ = true;
    boost::asio::async_write(socket_, boost::asio::buffer(out_),
                             [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                               self->writing_ = false;
                               if (self->is_closed()) return;
                               if (error) return self->close();
                               self->pump();
                             });
  }

  tcp::socket socket_;
  std::optional<conversation> talk_;
  std::array<std::uint8_t, 2048> in_{};
  byte_buffer out_;
  bool writing_ = false;
  std::optional<steady_time> closes_at_;
};

tcp_service::tcp_service(boost::asio::io_context& io, const tcp::endpoint& at, const service_setup& setup)
  : acceptor_{io, at}, at_{acceptor_.local_endpoint()}, timer_{io}, setup_{setup}, faults_{setup.faults} {}

tcp_service::~tcp_service() = default;

void tcp_service::start() {
  timer_.expires_after(tick_interval);
  accept();
  wait_for_tick();
}

void tcp_service::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (stopping_ || error == boost::asio::error::operation_aborted) return;
    if (!error && connections_.size() < most_connections) {
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      const service_parts parts{setup_.protocol, setup_.answers, setup_.desk, faults_, counts_, setup_.group};
      connections_.push_back(std::make_shared<connection>(std::move(socket), parts));
      connections_.back()->read();
    } else if (!error) {
      ++turned_away_;
    }
    accept();
  });
}

void tcp_service::wait_for_tick() {
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    for (const auto& one : connections_) one->pump();
    std::erase_if(connections_, [](const auto& one) { return one->is_closed(); });
    timer_.expires_after(tick_interval);
    wait_for_tick();
  });
}

void tcp_service::stop() {
  stopping_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& one : connections_) one->close();
  connections_.clear();
}

nlohmann::json tcp_service::summary() const {
  return {{"connections", counts_.connections},
          {"turned_away", turned_away_},
          {"logins", counts_.logins},
          {"login_refusals", counts_.login_refusals},
          {"second_logins", counts_.second_logins},
          {"requests", counts_.requests},
          {"answered", counts_.answered},
          {"request_refusals", counts_.request_refusals},
          {"beyond_limits", counts_.beyond_limits},
          {"bytes", counts_.bytes},
          {"timeouts", counts_.timeouts},
          {"malformed", counts_.malformed},
          {"ignored", counts_.ignored},
          {"faults", to_json(faults_.counts())}};
}

} // namespace tickplant::sim::lse
