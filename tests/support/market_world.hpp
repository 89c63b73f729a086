// Several scripted venues on one or more feed loops, with consolidation over them: tests set what a venue quotes, let
// clients talk, and kill whatever they like.
#pragma once

#include "actors/consolidation_context.hpp"
#include "tests/support/spine_world.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::tests {

/// What one venue quotes, by instrument number.
struct market {
  struct instrument {
    std::string symbol, currency = "USD";
    int8_t price_exponent = -2;
    int64_t bid = TP_NONE, ask = TP_NONE, bid_quantity = 100, ask_quantity = 100;
    uint8_t state = TP_STATE_TRADING;
    bool is_defined = true;
    uint32_t wanted = 0; // TP_WANT_*, as last told to the plugin
  };
  std::vector<instrument> instruments;
  uint64_t sequence = 0; // goes on over instances of the plugin
  instrument& find(std::string_view symbol);
  /// By the venue's name.
  static std::map<std::string, market, std::less<>>& all();
};

class market_line;

struct market_world : actor_world {
  explicit market_world(uint32_t feed_count = 1);
  ~market_world() override;

  /// A venue with these symbols; before `start`.
  market& add_venue(const std::string& name, const std::vector<std::string>& symbols);
  void start(consolidation::rules rules);
  /// Delivers what the venue quotes now of a symbol.
  void deliver(std::string_view venue, std::string_view symbol);
  void quote(std::string_view venue, std::string_view symbol, int64_t bid, int64_t ask, int64_t size = 100);
  void set_state(std::string_view venue, std::string_view symbol, uint8_t state);
  void set_defined(std::string_view venue, std::string_view symbol, bool is_defined);

  void connect(uint32_t index);
  void say(uint32_t index, std::string_view text);
  std::vector<std::string> got(uint32_t index);
  std::vector<actors::child_info> children(const caf::strong_actor_ptr& of);
  caf::strong_actor_ptr find(std::string_view path);
  void kill(std::string_view path);

  recorded_sockets sockets;
  std::vector<std::unique_ptr<actors::feed_context>> feeds;
  std::unique_ptr<actors::consolidation_context> consolidation;
  std::unique_ptr<actors::gateway_context> gateway;
  policy::principal_table principals;
  std::map<std::string, market_line*, std::less<>> lines; // of the plugin instances that live, by venue
  std::vector<std::string> venues;
  caf::actor node;
  uint32_t generation = 1;
};

} // namespace tickplant::tests
