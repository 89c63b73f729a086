#include "tickplant_sim/nasdaq/rerequest_server.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <memory>
#include <utility>

namespace tickplant::sim::nasdaq {
namespace {

constexpr std::size_t request_bytes = 20;

} // namespace

request_outcome answer_request(std::span<const std::uint8_t> request, const session_name& session,
                               const message_store& store, mold_packet& answer) {
  if (request.size() != request_bytes) return request_outcome::malformed;
  std::uint64_t sequence = 0;
  for (std::size_t i = 10; i < 18; ++i) sequence = sequence << 8 | request[i];
  const auto wanted = static_cast<std::uint16_t>(request[18] << 8 | request[19]);
  if (wanted == 0 || wanted == end_of_session_count) return request_outcome::malformed;
  if (!std::equal(session.begin(), session.end(), request.begin(),
                  [](char ours, std::uint8_t theirs) { return static_cast<std::uint8_t>(ours) == theirs; }))
    return request_outcome::other_session;
  answer.begin(sequence);
  while (answer.count() < wanted) {
    const auto block = store.block(sequence + answer.count());
    if (block.empty() || !answer.fits(block)) break;
    answer.add(block);
  }
  return answer.count() == 0 ? request_outcome::not_available : request_outcome::answered;
}

rerequest_server::rerequest_server(boost::asio::io_context& io, const boost::asio::ip::udp::endpoint& at,
                                   const session_name& session, const message_store& store, service_faults faults)
  : socket_{io, at}, session_{session}, store_{store}, answer_{session}, faults_{faults} {
  socket_.non_blocking(true);
}

void rerequest_server::change_session(const session_name& session) {
  session_ = session;
  answer_ = mold_packet{session};
}

void rerequest_server::stop() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void rerequest_server::receive() {
  socket_.async_receive_from(boost::asio::buffer(request_), from_,
                             [this](const boost::system::error_code& error, std::size_t bytes) {
                               if (error == boost::asio::error::operation_aborted || !socket_.is_open()) return;
                               // Other errors are reports about earlier answers, such as a port that has closed.
                               if (!error) handle(bytes);
                               receive();
                             });
}

void rerequest_server::handle(std::size_t bytes) {
  switch (answer_request(std::span{request_}.first(bytes), session_, store_, answer_)) {
    case request_outcome::malformed: ++counts_.malformed; return;
    case request_outcome::other_session: ++counts_.other_session; return;
    case request_outcome::not_available: ++counts_.not_available; return;
    case request_outcome::answered: break;
  }
  if (faults_.refuses()) return;
  if (const auto wait = faults_.delay(); wait.count() > 0) return answer_later(wait);
  answer(answer_.bytes(), from_, answer_.count());
}

void rerequest_server::answer_later(std::chrono::milliseconds wait) {
  const auto packet = answer_.bytes();
  const auto timer = std::make_shared<boost::asio::steady_timer>(socket_.get_executor(), wait);
  timer->async_wait([this, timer, to = from_, messages = answer_.count(),
                     held = std::vector<std::uint8_t>(packet.begin(), packet.end())](boost::system::error_code error) {
    if (!error && socket_.is_open()) answer(held, to, messages);
  });
}

void rerequest_server::answer(std::span<const std::uint8_t> packet, const boost::asio::ip::udp::endpoint& to,
                              std::uint16_t messages) {
  boost::system::error_code error;
  socket_.send_to(boost::asio::buffer(packet.data(), packet.size()), to, 0, error);
  if (error) {
    ++counts_.refused;
    return;
  }
  ++counts_.answered;
  counts_.messages += messages;
}

} // namespace tickplant::sim::nasdaq
