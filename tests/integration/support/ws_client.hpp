// A WebSocket client that speaks JSON, of a library that shares nothing with our server.
#pragma once

#include "deadline.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tickplant::testing {

struct message {
  nlohmann::json body;
  steady_clock::time_point at; ///< when it arrived
  size_t size = 0;             ///< bytes of the text

  std::string type() const { return body.value("type", ""); }
};

using message_test = std::function<bool(const nlohmann::json&)>;

struct connect_options {
  std::string path = "/ws";
  int receive_buffer = 0;                         ///< SO_RCVBUF; 0 leaves the kernel's own
  std::map<std::string, std::string> fields = {}; ///< further ones of the request
  std::vector<std::string> subprotocols = {};     ///< offered, in this order
  bool offers_deflate = false; ///< permessage-deflate (RFC 7692); what is sent is compressed once it is agreed on
  bool has_tls = false;        ///< any certificate is taken: tests look at it themselves
  std::string from = {};       ///< its own address of 127.0.0.0/8; empty: the kernel's choice
};

/// The server did not switch to WebSocket.
struct handshake_refused : std::runtime_error {
  handshake_refused(unsigned status_told, const std::string& body_told)
    : std::runtime_error("handshake: " + std::to_string(status_told) + ' ' + body_told), status(status_told),
      body(body_told) {}
  unsigned status; ///< of HTTP
  std::string body;
};

/// Connected when constructed; throws std::runtime_error if that fails, which is handshake_refused if the server
/// answered. A thread of its own reads and writes, so that
/// messages have their time of arrival whatever the test does meanwhile. At most 500'000 messages wait; more are
/// counted as `dropped`. The destructor cuts the connection.
class ws_client {
public:
  using options = connect_options;
  explicit ws_client(uint16_t port, const options& wanted = {});
  ~ws_client();
  ws_client(const ws_client&) = delete;
  ws_client& operator=(const ws_client&) = delete;

  void send(const nlohmann::json& body) { send_text(body.dump()); }
  void send_text(std::string text);
  void send_binary(std::string bytes);

  /// The oldest message not taken yet; nullopt when the time is over, or the connection is and nothing waits.
  std::optional<message> next(milliseconds within = patience);
  /// Takes messages until one passes.
  std::optional<message> wait_for(const message_test& is_it, milliseconds within = patience);
  std::optional<message> wait_for_type(const std::string& type, milliseconds within = patience);
  /// Everything that arrives between now and then; what waits already is thrown away.
  std::vector<message> collect(milliseconds during);
  void forget_waiting();

  struct close_info {
    uint16_t code = 0; ///< 1006 when there was no close frame
    std::string reason;
  };
  std::optional<close_info> wait_closed(milliseconds within = patience);
  bool is_open() const;

  /// The socket is not read any more, until resume_reading.
  void pause_reading();
  void resume_reading();
  uint16_t local_port() const;

  /// A field of the server's answer to the handshake, empty if it is not there.
  std::string answer_field(const std::string& name) const;
  /// Of the certificate that the server showed, the common name; empty without TLS.
  std::string certificate_name() const;
  /// Bytes that came over the socket so far, those of the handshake too.
  uint64_t socket_bytes() const;

  uint64_t received() const;
  uint64_t dropped() const;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// {"type":"SUBSCRIBE","symbols":...} and whatever `more` has.
nlohmann::json subscribe(const std::vector<std::string>& symbols, nlohmann::json more = nlohmann::json::object());
nlohmann::json unsubscribe(const std::vector<std::string>& symbols);

} // namespace tickplant::testing
