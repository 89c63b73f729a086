// What clients of the replay and recovery services say, and how the services answer, in MITCH and in GTP. Pure.
#pragma once

#include "tickplant_sim/lse/message_buffer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace tickplant::sim::lse {

enum class protocol : std::uint8_t { mitch, gtp };
enum class service_kind : std::uint8_t { replay, recovery };

struct login_request {
  std::string comp_id;
  std::string password; // empty in GTP
};

struct logout_request {};

struct replay_request {
  std::optional<char> group; // MITCH only
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t id = 0; // GTP only
};

struct recovery_request {
  enum class level : std::uint8_t { instrument, segment, channel };
  enum class kind : std::uint8_t { directory = 0, books = 1, trades = 2, statistics = 3, statuses = 4, events = 6 };
  level of = level::instrument;
  std::uint64_t instrument = 0;
  std::string segment;
  std::uint8_t book = 0; // GTP's code, 0: all
  std::uint8_t type = 1; // a `kind`, as it was sent
  std::uint32_t from = 0;
  std::uint32_t id = 0; // GTP only
};

/// A type that the service does not know.
struct other_request {
  std::uint8_t type = 0;
};

using client_message = std::variant<login_request, logout_request, replay_request, recovery_request, other_request>;

/// The answers' status letters that both protocols share.
namespace answer {
inline constexpr char accepted = 'A', out_of_range = 'O', unavailable = 'U', other = 'e';
inline constexpr char concurrent_limit = 'c', unsupported = 'd';
inline constexpr char invalid_group = 'I', replay_limit = 'D';    // replay
inline constexpr char invalid_target = 'a', recovery_limit = 'b'; // recovery
} // namespace answer

namespace login_answer {
inline constexpr char accepted = 'A', locked = 'a', limit = 'b', unavailable = 'c', concurrent = 'd', other = 'e';
inline constexpr char invalid = 'f'; // GTP; MITCH closes without a word
} // namespace login_answer

class service_protocol {
public:
  virtual ~service_protocol() = default;

  virtual protocol name() const noexcept = 0;
  /// GTP's server closes when all requests are answered; MITCH's waits for the client's logout.
  bool closes_when_done() const noexcept { return name() == protocol::gtp; }

  /// The first message of a unit's payload and how long it is. Nothing when the payload is no message.
  struct read_message {
    client_message message;
    std::size_t length = 0;
  };
  virtual std::optional<read_message> read(std::span<const std::uint8_t> payload) const = 0;

  virtual void login_response(char status, message_buffer& out) const = 0;
  virtual void replay_response(const replay_request& to, char status, message_buffer& out) const = 0;
  virtual void recovery_response(const recovery_request& to, std::uint32_t sequence, std::uint32_t messages,
                                 char status, message_buffer& out) const = 0;
};

std::unique_ptr<service_protocol> make_service_protocol(protocol name);

} // namespace tickplant::sim::lse
