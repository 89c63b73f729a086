// Answers MoldUDP64 v1.00 re-requests: one datagram back to the sender for each request it can serve, else silence.
#pragma once

#include "tickplant_sim/message_store.hpp"
#include "tickplant_sim/nasdaq/mold_packet.hpp"
#include "tickplant_sim/service_faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace tickplant::sim::nasdaq {

/// What a request came to.
enum class request_outcome : std::uint8_t { answered, malformed, other_session, not_available };

/// Reads the 20-byte request and fills `answer` with as many of the wanted messages as fit one datagram. The answer is
/// only meaningful for `answered`.
request_outcome answer_request(std::span<const std::uint8_t> request, const session_name& session,
                               const message_store& store, mold_packet& answer);

class rerequest_server {
public:
  struct request_counts {
    std::uint64_t answered = 0;
    std::uint64_t messages = 0;
    std::uint64_t malformed = 0;
    std::uint64_t other_session = 0;
    std::uint64_t not_available = 0;
    std::uint64_t refused = 0; // answers the kernel would not take
  };

  /// Binds at once (port 0 picks one); throws `boost::system::system_error` when that fails. `store` must outlive it.
  /// A request that `faults` refuses meets silence.
  rerequest_server(boost::asio::io_context& io, const boost::asio::ip::udp::endpoint& at, const session_name& session,
                   const message_store& store, service_faults faults = {{}, 1});

  void start() { receive(); }
  void stop();
  void change_session(const session_name& session);
  boost::asio::ip::udp::endpoint endpoint() const { return socket_.local_endpoint(); }
  const request_counts& counts() const noexcept { return counts_; }
  const service_fault_counts& faults() const noexcept { return faults_.counts(); }

private:
  void receive();
  void handle(std::size_t bytes);
  void answer(std::span<const std::uint8_t> packet, const boost::asio::ip::udp::endpoint& to, std::uint16_t messages);
  void answer_later(std::chrono::milliseconds wait);

  boost::asio::ip::udp::socket socket_;
  session_name session_;
  const message_store& store_;
  mold_packet answer_;
  std::array<std::uint8_t, 64> request_{};
  boost::asio::ip::udp::endpoint from_;
  request_counts counts_;
  service_faults faults_;
};

} // namespace tickplant::sim::nasdaq
