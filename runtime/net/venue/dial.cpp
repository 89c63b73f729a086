#include "runtime/net/venue/dial.hpp"

#include "runtime/net/venue/guarded.hpp"

#include <boost/asio/connect.hpp>

#include <array>
#include <utility>

namespace tickplant::net::venue {

namespace asio = boost::asio;
using boost::system::error_code;

dialer::dialer(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls, transport& t, const address& where,
               std::function<void(std::string)> done)
  : world_(std::move(world)), tls_(std::move(tls)), transport_(t), host_(where.host), port_(where.port),
    is_secure_(where.is_secure()), resolver_(world_->context()), done_(std::move(done)) {}

void dialer::start() {
  error_code not_literal;
  const auto literal = asio::ip::make_address(host_, not_literal);
  // A literal needs no resolver, whose first use starts a thread.
  if (!not_literal) return connect(std::array{tcp::endpoint{literal, port_}});
  resolver_.async_resolve(
    host_, std::to_string(port_), tcp::resolver::numeric_service | tcp::resolver::address_configured,
    guarded(shared_from_this(), [](dialer& d, error_code ec, const tcp::resolver::results_type& found) {
      if (d.is_cancelled_) return;
      if (ec) return d.finish("host not found: " + ec.message());
      d.connect(found);
    }));
}

template <class Endpoints>
void dialer::connect(const Endpoints& endpoints) {
  phase_ = "connecting";
  asio::async_connect(transport_.socket(), endpoints,
                      guarded(shared_from_this(), [](dialer& d, error_code ec, const auto&) {
                        if (d.is_cancelled_) return;
                        if (ec) return d.finish("no connection: " + ec.message());
                        d.connected();
                      }));
}

void dialer::connected() {
  error_code ignored;
  transport_.socket().set_option(tcp::no_delay{true}, ignored);
  transport_.socket().set_option(asio::socket_base::keep_alive{true}, ignored);
  if (!is_secure_) return finish({});
  phase_ = "in the TLS handshake";
  if (auto fault = tls_->prepare(transport_, host_); !fault.empty()) return finish(std::move(fault));
  transport_.tls()->async_handshake(asio::ssl::stream_base::client,
                                    guarded(shared_from_this(), [](dialer& d, error_code ec) {
                                      if (d.is_cancelled_) return;
                                      if (ec)
                                        return d.finish("TLS handshake: " + tls_client::explain(d.transport_, ec));
                                      d.finish({});
                                    }));
}

void dialer::finish(std::string fault) {
  const auto done = std::exchange(done_, nullptr);
  done(std::move(fault));
}

void dialer::cancel() noexcept {
  is_cancelled_ = true;
  resolver_.cancel();
}

} // namespace tickplant::net::venue
