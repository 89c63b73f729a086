// Name, connection, TLS handshake: one after the other, for every kind of TCP line and for HTTP. Knows no time: the
// owner closes the transport when its own time is over.
#pragma once

#include "runtime/net/venue/address.hpp"
#include "runtime/net/venue/tls.hpp"
#include "runtime/net/venue/transport.hpp"
#include "runtime/net/venue/turns.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tickplant::net::venue {

class dialer : public std::enable_shared_from_this<dialer> {
public:
  /// `done` holds the owner of `t`, gets what went wrong (empty = connected), and is called neither from inside `start`
  /// nor after `cancel`. Pending operations keep the dialer and so the owner alive: the owner keeps a weak pointer.
  dialer(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, transport& t, const address& where,
         std::function<void(std::string fault)> done);

  void start();
  void cancel() noexcept;
  /// What it is busy with, for the message of a time-out.
  std::string_view phase() const { return phase_; }
  turns& world() { return *world_; }

private:
  using tcp = boost::asio::ip::tcp;
  template <class Endpoints>
  void connect(const Endpoints& endpoints);
  void connected();
  void finish(std::string fault);

  std::shared_ptr<turns> world_;
  std::shared_ptr<tls_client> tls_;
  transport& transport_;
  std::string host_;
  uint16_t port_;
  bool is_secure_;
  tcp::resolver resolver_;
  std::function<void(std::string)> done_;
  bool is_cancelled_ = false;
  std::string_view phase_ = "looking up the host";
};

} // namespace tickplant::net::venue
