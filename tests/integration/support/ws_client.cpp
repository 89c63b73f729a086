#include "ws_client.hpp"

#include "client_stream.hpp"
#include "socket_bytes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace tickplant::testing {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr size_t most_waiting = 500'000;
constexpr uint16_t no_close_frame = 1006;

} // namespace

struct ws_client::implementation {
  explicit implementation(const options& given) : wanted(given) {}

  struct outgoing {
    std::string bytes;
    bool is_text;
  };

  asio::io_context io{1};
  const options wanted;
  client_stream link{io, wanted.has_tls};
  websocket::response_type answer; // this and the next: of the handshake, not written any more after it
  std::string certificate_name;
  uint16_t port = 0; // its own
  beast::flat_buffer incoming;
  std::deque<outgoing> to_send;
  bool is_writing = false, is_reading = false, is_paused = false;

  mutable std::mutex lock;
  std::condition_variable changed;
  std::deque<message> waiting;
  uint64_t received = 0, dropped = 0;
  std::optional<close_info> closed;
  std::thread thread;

  void connect(uint16_t server, std::promise<void>& done) {
    try {
      auto& socket = link.socket();
      socket.open(tcp::v4());
      // Before connecting: the window's scale is agreed on then.
      if (wanted.receive_buffer > 0) socket.set_option(asio::socket_base::receive_buffer_size{wanted.receive_buffer});
      if (!wanted.from.empty()) socket.bind({asio::ip::make_address(wanted.from), 0});
      socket.connect({asio::ip::address_v4::loopback(), server});
      socket.set_option(tcp::no_delay{true});
      port = socket.local_endpoint().port();
    } catch (const std::exception&) {
      return done.set_exception(std::current_exception());
    }
    link.shake_tls([this, server, &done](error_code error) {
      if (error)
        return done.set_exception(std::make_exception_ptr(std::runtime_error("TLS handshake: " + error.message())));
      certificate_name = link.certificate_name();
      link.with([&](auto& stream) { shake(stream, server, done); });
    });
  }

  template <class Stream>
  void shake(Stream& stream, uint16_t server, std::promise<void>& done) {
    auto limits = websocket::stream_base::timeout::suggested(beast::role_type::client);
    limits.handshake_timeout = patience;
    stream.set_option(limits);
    stream.read_message_max(16u << 20);
    websocket::permessage_deflate deflate;
    deflate.client_enable = wanted.offers_deflate;
    stream.set_option(deflate);
    stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      for (const auto& [name, value] : wanted.fields) request.set(name, value);
      std::string offered;
      for (const auto& one : wanted.subprotocols) offered += (offered.empty() ? "" : ", ") + one;
      if (!offered.empty()) request.set(beast::http::field::sec_websocket_protocol, offered);
    }));
    stream.async_handshake(answer, "127.0.0.1:" + std::to_string(server), wanted.path, [this, &done](error_code error) {
      if (error == websocket::error::upgrade_declined)
        return done.set_exception(std::make_exception_ptr(handshake_refused(answer.result_int(), answer.body())));
      if (error)
        return done.set_exception(std::make_exception_ptr(std::runtime_error("handshake: " + error.message())));
      read();
      done.set_value();
    });
  }

  void read() {
    if (is_reading || is_paused) return;
    is_reading = true;
    link.with([this](auto& stream) {
      stream.async_read(incoming, [this](error_code error, size_t) {
        is_reading = false;
        if (error) return finish(error);
        take();
        read();
      });
    });
  }

  void take() {
    const auto at = steady_clock::now();
    const std::string text = beast::buffers_to_string(incoming.cdata());
    incoming.consume(incoming.size());
    auto body = nlohmann::json::parse(text, nullptr, false);
    std::lock_guard guard{lock};
    ++received;
    if (waiting.size() >= most_waiting)
      ++dropped;
    else
      waiting.push_back({std::move(body), at, text.size()});
    changed.notify_all();
  }

  void finish(error_code error) {
    std::lock_guard guard{lock};
    if (closed) return;
    closed = close_info{no_close_frame, error.message()};
    if (error == websocket::error::closed)
      link.with([this](auto& stream) { closed = {stream.reason().code, stream.reason().reason.c_str()}; });
    changed.notify_all();
  }

  void write() {
    if (is_writing || to_send.empty()) return;
    is_writing = true;
    link.with([this](auto& stream) {
      stream.text(to_send.front().is_text);
      stream.async_write(asio::buffer(to_send.front().bytes), [this](error_code error, size_t) {
        is_writing = false;
        to_send.pop_front();
        if (!error) write(); // a failed one shows by the end of reading
      });
    });
  }

  void send(std::string bytes, bool is_text) {
    asio::post(io, [this, one = outgoing{std::move(bytes), is_text}]() mutable {
      to_send.push_back(std::move(one));
      write();
    });
  }
};

ws_client::ws_client(uint16_t port, const options& wanted) : implementation_(std::make_unique<implementation>(wanted)) {
  auto& me = *implementation_;
  std::promise<void> done;
  auto connected = done.get_future();
  asio::post(me.io, [&] { me.connect(port, done); });
  me.thread = std::thread{[&me] {
    const auto keep = asio::make_work_guard(me.io);
    me.io.run();
  }};
  try {
    connected.get();
  } catch (...) {
    me.io.stop();
    me.thread.join();
    throw;
  }
}

ws_client::~ws_client() {
  implementation_->io.stop();
  implementation_->thread.join();
}

void ws_client::send_text(std::string text) {
  implementation_->send(std::move(text), true);
}
void ws_client::send_binary(std::string bytes) {
  implementation_->send(std::move(bytes), false);
}

std::optional<message> ws_client::next(milliseconds within) {
  auto& me = *implementation_;
  std::unique_lock guard{me.lock};
  me.changed.wait_for(guard, within, [&] { return !me.waiting.empty() || me.closed; });
  if (me.waiting.empty()) return std::nullopt;
  auto oldest = std::move(me.waiting.front());
  me.waiting.pop_front();
  return oldest;
}

std::optional<message> ws_client::wait_for(const message_test& is_it, milliseconds within) {
  const auto end = steady_clock::now() + within;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    auto one = next(std::max(left, 0ms));
    if (!one || is_it(one->body)) return one;
    if (left <= 0ms) return std::nullopt; // a stream that never ends must not hold the test
  }
}

std::optional<message> ws_client::wait_for_type(const std::string& type, milliseconds within) {
  return wait_for([&](const nlohmann::json& body) { return body.value("type", "") == type; }, within);
}

std::vector<message> ws_client::collect(milliseconds during) {
  const auto begin = steady_clock::now(), end = begin + during;
  forget_waiting();
  std::vector<message> all;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    auto one = next(std::max(left, 0ms));
    if (!one || one->at >= end) return all;
    all.push_back(std::move(*one));
  }
}

void ws_client::forget_waiting() {
  std::lock_guard guard{implementation_->lock};
  implementation_->waiting.clear();
}

std::optional<ws_client::close_info> ws_client::wait_closed(milliseconds within) {
  auto& me = *implementation_;
  std::unique_lock guard{me.lock};
  me.changed.wait_for(guard, within, [&] { return me.closed.has_value(); });
  return me.closed;
}

bool ws_client::is_open() const {
  std::lock_guard guard{implementation_->lock};
  return !implementation_->closed;
}

// Takes effect once the message under way is there.
void ws_client::pause_reading() {
  asio::post(implementation_->io, [me = implementation_.get()] { me->is_paused = true; });
}

void ws_client::resume_reading() {
  asio::post(implementation_->io, [me = implementation_.get()] {
    me->is_paused = false;
    me->read();
  });
}

uint16_t ws_client::local_port() const {
  return implementation_->port;
}

std::string ws_client::answer_field(const std::string& name) const {
  const auto& answer = implementation_->answer;
  const auto found = answer.find(name);
  return found == answer.end() ? std::string{} : std::string{found->value()};
}

std::string ws_client::certificate_name() const {
  return implementation_->certificate_name;
}

uint64_t ws_client::socket_bytes() const {
  return received_bytes(implementation_->link.socket().native_handle());
}

uint64_t ws_client::received() const {
  std::lock_guard guard{implementation_->lock};
  return implementation_->received;
}

uint64_t ws_client::dropped() const {
  std::lock_guard guard{implementation_->lock};
  return implementation_->dropped;
}

nlohmann::json subscribe(const std::vector<std::string>& symbols, nlohmann::json more) {
  more["type"] = "SUBSCRIBE";
  more["symbols"] = symbols;
  return more;
}

nlohmann::json unsubscribe(const std::vector<std::string>& symbols) {
  return {{"type", "UNSUBSCRIBE"}, {"symbols", symbols}};
}

} // namespace tickplant::testing
