#include "tickplant_sim/nasdaq/soup_server.hpp"

#include "tickplant_sim/fault_summary.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace tickplant::sim::nasdaq {
namespace {

using boost::asio::ip::tcp;
using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto tick_interval = 1ms;
constexpr std::size_t write_room = 64 * 1024; // before a write: no client can make it grow
// Behind the last byte the server waits for the client's own close, because closing at once would throw away what the
// client has not read yet.
constexpr auto close_patience = 1s;

} // namespace

class soup_server::connection : public std::enable_shared_from_this<connection> {
public:
  connection(tcp::socket socket, const soup_offer& offer, service_faults& faults, soup_counts& counts)
    : socket_{std::move(socket)}, talk_{offer, faults, counts, clock::now()} {}

  bool is_closed() const noexcept { return !socket_.is_open(); }

  void read() {
    socket_.async_read_some(boost::asio::buffer(in_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
                              if (self->is_closed()) return;
                              if (error) return self->close();
                              if (!self->closes_at_)
                                self->talk_.receive(std::span{self->in_}.first(bytes), clock::now());
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
    talk_.advance(clock::now(), write_room, out_);
    if (!out_.empty()) return write();
    if (!talk_.is_over()) return;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    closes_at_ = clock::now() + close_patience;
  }

  void close() {
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
  soup_conversation talk_;
  std::array<std::uint8_t, 2048> in_{};
  byte_buffer out_;
  bool writing_ = false;
  std::optional<steady_time> closes_at_;
};

soup_server::soup_server(boost::asio::io_context& io, const tcp::endpoint& at, const soup_offer& offer,
                         service_faults faults)
  : acceptor_{io, at}, at_{acceptor_.local_endpoint()}, timer_{io}, offer_{offer}, faults_{std::move(faults)} {}

soup_server::~soup_server() = default;

void soup_server::start() {
  timer_.expires_after(tick_interval);
  accept();
  wait_for_tick();
}

void soup_server::accept() {
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
    if (stopping_ || error == boost::asio::error::operation_aborted) return;
    if (!error && connections_.size() < most_connections) {
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      connections_.push_back(std::make_shared<connection>(std::move(socket), offer_, faults_, counts_));
      connections_.back()->read();
    } else if (!error) {
      ++turned_away_;
    }
    accept();
  });
}

void soup_server::wait_for_tick() {
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    for (const auto& one : connections_) one->pump();
    std::erase_if(connections_, [](const auto& one) { return one->is_closed(); });
    timer_.expires_after(tick_interval);
    wait_for_tick();
  });
}

void soup_server::stop() {
  stopping_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& one : connections_) one->close();
  connections_.clear();
}

nlohmann::json soup_server::summary() const {
  return {{"connections", counts_.connections}, {"turned_away", turned_away_},  {"logins", counts_.logins},
          {"refused", counts_.refused},         {"messages", counts_.messages}, {"malformed", counts_.malformed},
          {"timeouts", counts_.timeouts},       {"cut", counts_.cut},           {"faults", to_json(faults_.counts())}};
}

} // namespace tickplant::sim::nasdaq
