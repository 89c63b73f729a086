// The whole tree of actors over loops stepped by hand: a scripted venue in, recorded sockets out. Tests place orders,
// let clients talk, and kill whatever they like.
#pragma once

#include "actors/node.hpp"
#include "tests/support/actor_world.hpp"
#include "tests/support/plain_dialect.hpp"
#include "tests/support/script_venue.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::tests {

/// What clients got, per socket; replies and frames in one list, in order.
class recorded_sockets final : public actors::client_sockets {
public:
  struct client {
    std::vector<std::string> got;
    std::optional<uint16_t> closed; // 0: aborted
    bool is_paused = false;
  };
  std::map<uint32_t, client> clients;
  /// Plays the peer that answers a close, in a later turn.
  std::function<void(fanout::client_key, uint16_t)> answer;

  fanout::written write(fanout::client_key key, std::span<const uint8_t> frame) override;
  void reply(fanout::client_key key, wire::opcode kind, std::span<const uint8_t> payload) override;
  void close(fanout::client_key key, uint16_t code, std::string_view reason) override;
  void abort(fanout::client_key key) override;
  void pause_reading(fanout::client_key key) override { clients[key.index].is_paused = true; }
  void resume_reading(fanout::client_key key) override { clients[key.index].is_paused = false; }
};

class scripted_world;

struct spine_world : actor_world {
  spine_world();
  ~spine_world() override;

  void start(supervision::policy policy);
  /// That of the clients that connect from then on; without it they speak plain_dialect.
  void add_dialect(std::string name, std::unique_ptr<plugin::dialect_host> host);
  /// Places an order at the exchange: the venue's plugin gets it as a unit.
  void place(std::string_view symbol, uint16_t side, int64_t price, int64_t quantity = 100);
  /// The same from within a call of the loop, which brings it on.
  void place_in_call(std::string_view symbol, uint16_t side, int64_t price, int64_t quantity = 100);
  /// AAPL and MSFT have a bid and an ask around 100.
  void quote_both();
  /// A trade that no order took part in.
  void print(std::string_view symbol, int64_t price, int64_t quantity = 100);
  /// A line of the plugin changes: TP_LINE_*. The plugin reports a stream state.
  void set_line(uint32_t line, uint32_t state);
  void stream(const tp_stream& stream);
  /// A client on socket `index`; what it says; what it got since the last look.
  void connect(uint32_t index);
  /// One that has to log in; `answer_login` plays the check's answer.
  void connect_stranger(uint32_t index, std::optional<policy::principal> who = std::nullopt);
  void answer_login(uint32_t index, policy::auth_outcome outcome, uint64_t request = 1);
  void say(uint32_t index, std::string_view text);
  std::vector<std::string> got(uint32_t index);
  bool is_connected(uint32_t index) { return !sockets.clients[index].closed; }

  /// The children of a supervisor, and an actor by its path: "venues/SCRIPT/books/AAPL".
  std::vector<actors::child_info> children(const caf::strong_actor_ptr& of);
  caf::strong_actor_ptr find(std::string_view path);
  void kill(std::string_view path);
  void kill(const caf::strong_actor_ptr& victim);

  actors::venue_care care; // of the venue; set it before `start`
  recorded_sockets sockets;
  std::unique_ptr<actors::feed_context> feed;
  std::unique_ptr<actors::gateway_context> gateway;
  policy::principal_table principals;
  std::shared_ptr<actors::listener_rules> rules = std::make_shared<actors::listener_rules>();
  std::vector<scripted_world*> worlds; // of the plugin instances that live
  caf::actor node;
  std::string node_end; // why the node ended
  uint32_t generation = 1;

private:
  void happen(const script_exchange::placed& what);
  void deliver(const script_exchange::placed& what);
};

} // namespace tickplant::tests
