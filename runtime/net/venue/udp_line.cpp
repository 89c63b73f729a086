// UDP lines of both kinds: groups (and plain addresses) that are listened to, and peers that are asked and answer.
#include "runtime/net/venue/datagram_batch.hpp"
#include "runtime/net/venue/datagram_socket.hpp"
#include "runtime/net/venue/guarded.hpp"
#include "runtime/net/venue/line.hpp"

#include <boost/asio/ip/udp.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace tickplant::net::venue {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

class udp_line final : public line {
public:
  udp_line(std::shared_ptr<turns> world, line_settings s)
    : line(std::move(world), std::move(s)), socket_(this->world().context()), resolver_(this->world().context()) {}

  void open() override;
  int32_t send(uint32_t unit_flags, std::span<const uint8_t> bytes) override;
  void resume() override {
    if (is_up() && !waiting_) wait();
  }

private:
  bool is_peer() const { return settings().kind == TP_LINE_UDP_PEER; }
  std::shared_ptr<udp_line> self() { return std::static_pointer_cast<udp_line>(shared_from_this()); }
  void start(const udp::endpoint& where);
  void wait();
  bool is_welcome(const udp::endpoint& sender) const;
  void deliver_units(turns& out) override;
  void shut() noexcept override;

  udp::socket socket_;
  udp::resolver resolver_;
  udp::endpoint peer_;
  std::vector<asio::ip::address> sources_; // looked at only where the kernel does not do it
  std::optional<datagram_batch> batch_;
  uint32_t last_drops_ = 0;
  bool waiting_ = false, readable_ = false;
};

void udp_line::open() {
  const auto& where = settings().where;
  error_code fault;
  const auto literal = asio::ip::make_address(where.host, fault);
  if (!fault) return start({literal, where.port});
  resolver_.async_resolve(where.host, std::to_string(where.port),
                          udp::resolver::numeric_service | udp::resolver::address_configured,
                          guarded(self(), [](udp_line& l, error_code ec, const udp::resolver::results_type& found) {
                            if (!l.is_active()) return;
                            if (ec || found.empty()) return l.fail("host not found: " + ec.message());
                            // Feeds are IPv4: "localhost" means 127.0.0.1 here, whatever the resolver prefers.
                            const auto is_v4 = [](const auto& entry) { return entry.endpoint().address().is_v4(); };
                            const auto v4 = std::find_if(found.begin(), found.end(), is_v4);
                            l.start(v4 != found.end() ? v4->endpoint() : found.begin()->endpoint());
                          }));
}

void udp_line::start(const udp::endpoint& where) {
  datagram_socket_request request;
  request.where = where;
  request.is_peer = is_peer();
  request.from_interface = settings().from_interface;
  request.receive_buffer = world().options().receive_buffer;
  for (const auto& text : settings().only_sources) request.sources.push_back(asio::ip::make_address(text));
  auto opened = open_datagram_socket(request);
  if (!opened.fault.empty()) return fail(opened.fault);
  error_code fault;
  socket_.assign(where.protocol(), opened.descriptor.release(), fault);
  if (fault) return fail("the socket cannot be watched: " + fault.message());
  peer_ = where;
  if (!where.address().is_multicast()) sources_ = request.sources;
  batch_.emplace(settings().max_unit, is_peer() || !sources_.empty());
  if (opened.receive_buffer < request.receive_buffer)
    log(TP_LOG_WARNING, "receive buffer of " + std::to_string(opened.receive_buffer) + " bytes granted, " +
                          std::to_string(request.receive_buffer) + " wanted: raise net.core.rmem_max");
  report_up("receive buffer " + std::to_string(opened.receive_buffer) + " bytes");
}

void udp_line::wait() {
  waiting_ = true;
  socket_.async_wait(udp::socket::wait_read, guarded(self(), [](udp_line& l, error_code ec) {
                       l.waiting_ = false;
                       if (!l.is_active()) return;
                       if (ec) return l.fail("waiting for datagrams: " + ec.message());
                       l.readable_ = true;
                       l.world().schedule(l.shared_from_this());
                     }));
}

bool udp_line::is_welcome(const udp::endpoint& sender) const {
  if (is_peer()) return sender == peer_;
  return std::find(sources_.begin(), sources_.end(), sender.address()) != sources_.end();
}

void udp_line::deliver_units(turns& out) {
  if (!readable_) return;
  readable_ = false;
  const int count = batch_->receive(socket_.native_handle());
  if (count < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
      fail(std::string{"receiving: "} + std::strerror(errno));
    return;
  }
  const uint64_t now_ns = wall_now_ns();
  auto& c = counters();
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    const auto d = batch_->at(i);
    // The socket's own sum, 32 bits wide, comes along with a datagram once something was lost.
    if (d.drops) {
      c.kernel_drops += *d.drops - last_drops_;
      last_drops_ = *d.drops;
    }
    if (batch_->has_senders() && !is_welcome(d.sender)) {
      ++c.foreign;
      continue;
    }
    ++c.units;
    c.bytes += d.size;
    c.truncated += d.is_truncated;
    const uint32_t flags = TP_UNIT_BINARY | (d.is_truncated ? uint32_t{TP_UNIT_TRUNCATED} : 0u);
    out.add({d.data, d.size, settings().number, d.received_ns ? d.received_ns : now_ns, flags, 0});
  }
}

int32_t udp_line::send(uint32_t, std::span<const uint8_t> bytes) {
  if (!is_peer()) return TP_E_UNSUPPORTED;
  if (!is_up()) return TP_E_DOWN;
  const auto sent = ::sendto(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                             peer_.data(), static_cast<socklen_t>(peer_.size()));
  auto& c = counters();
  if (sent >= 0) {
    ++c.sent_units;
    c.sent_bytes += bytes.size();
    return TP_OK;
  }
  ++c.send_refused;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return TP_E_AGAIN;
  return errno == EMSGSIZE ? TP_E_LIMIT : TP_E_DOWN;
}

void udp_line::shut() noexcept {
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

} // namespace

std::shared_ptr<line> make_udp_line(std::shared_ptr<turns> world, line_settings settings) {
  return std::make_shared<udp_line>(std::move(world), std::move(settings));
}

} // namespace tickplant::net::venue
