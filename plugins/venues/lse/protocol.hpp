// What differs between MITCH and GTP, as the session sees it: how messages are framed, what the administrative ones
// say, and what becomes of the others. One implementation each in mitch/ and gtp/.
#pragma once

#include "event_batch.hpp"
#include "symbol_map.hpp"
#include "unit.hpp"

#include <optional>
#include <vector>

namespace tickplant::lse {

/// What a snapshot is asked for.
struct snapshot_target {
  enum class scope : uint8_t { instrument, segment, channel, directory };
  scope of = scope::instrument;
  uint64_t instrument = 0;
  std::string segment;
  bool operator==(const snapshot_target&) const = default;
};

/// An administrative message of a server, in either protocol's words.
struct admin_message {
  enum class kind : uint8_t { login_response, replay_response, snapshot_response, complete };
  kind what = kind::login_response;
  char status = 0;                  // of a response: A is accepted
  std::optional<uint64_t> includes; // the number that a snapshot is synchronised to
  uint32_t request = 0;             // GTP: whose answer it is
  bool names_book = false;          // complete: `instrument` and `book` say what of
  uint64_t instrument = 0;
  book_kind book = book_kind::orders;
  std::string_view segment; // complete: of a whole segment
  char trading_status = 0;  // GTP, complete
};

/// Which book a message on the recovery channel belongs to.
struct snapshot_message {
  enum class part : uint8_t { nothing, reference, book };
  part what = part::nothing;
  uint64_t instrument = 0;
  book_kind book = book_kind::orders;
  bool is_silent = false; // it marks the beginning, and says nothing else
};

class protocol {
public:
  virtual ~protocol() = default;

  // ---- bytes ----
  virtual length_field width() const = 0;
  virtual size_t longest_message() const = 0;
  /// Whether a unit of `group` belongs to the group `own`; 0 is none yet.
  virtual bool is_own_group(char group, char own) const = 0;
  virtual std::optional<admin_message> read_admin(const uint8_t* message) const = 0;
  virtual std::vector<uint8_t> login(const options& opts) const = 0;
  virtual std::vector<uint8_t> logout() const = 0; // empty: the protocol has none
  virtual std::vector<uint8_t> replay_request(char group, uint64_t first, uint32_t count, uint32_t request) const = 0;
  virtual std::vector<uint8_t> snapshot_request(const snapshot_target& target, const options& opts,
                                                uint32_t request) const = 0;
  /// How many snapshot requests may wait at the server while their answers can still be told apart.
  virtual size_t snapshots_at_once() const = 0;
  /// Whether the whole channel can be asked for at once.
  virtual bool has_channel_snapshot() const = 0;
  virtual snapshot_message read_snapshot(const uint8_t* message) const = 0;
  /// A System Event that begins the day.
  virtual bool is_day_start(const uint8_t* message) const = 0;

  // ---- events ----
  /// Decodes `count` live messages that lie back to back; the first has number `sequence`.
  virtual void live(uint64_t sequence, const uint8_t* message, uint32_t count, const decode_context& context) = 0;
  /// Decodes one message of the recovery channel.
  virtual void snapshot(const uint8_t* message, const decode_context& context) = 0;
  /// The status that a snapshot's end tells.
  virtual void closing_status(instrument& of, char status, const decode_context& context) = 0;
  /// Messages are missing: what earlier ones told of the time is void.
  virtual void note_gap() = 0;
  /// A new day or epoch at `now_ns`.
  virtual void begin_day(uint64_t now_ns) = 0;
  /// Moves counts gathered by type to the sheet; once a burst.
  virtual void count_messages() = 0;

  /// Whether every book of the channel is known from its beginning; a day start in the flow makes it so.
  bool is_complete = false;
  /// The number behind the last hole of the last loss: nothing before it makes a book right.
  uint64_t whole_from = 0;
  /// What live() came across; the session takes note and resets it.
  bool has_day_started = false, has_day_ended = false;
  /// A message that changes a book could not be read: whose is not known, or of the books listed.
  bool is_suspect = false;
  std::vector<uint32_t> suspects;
};

} // namespace tickplant::lse
