// Order books written only from the message tables of both London protocols, to judge what the simulated exchange
// tells. It shares nothing with it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace tickplant::sim::test {

class lse_book_checker {
public:
  struct order {
    std::uint64_t id = 0;
    std::uint64_t instrument = 0;
    bool firm_quote = false;
    bool buy = false;
    bool market = false;
    std::int64_t price = 0;
    std::uint64_t quantity = 0;
    std::uint64_t rank = 0; // lower is earlier at the same price
  };
  struct instrument_state {
    char status = ' ';
    std::string isin;
    std::int64_t printed_volume = 0; // cancelled trades taken out
    std::int64_t official_open = 0;
    std::int64_t official_close = 0;
    std::uint64_t auction_trades = 0;
  };

  explicit lse_book_checker(bool is_gtp) : is_gtp_{is_gtp} {}

  /// One message without its unit.
  void apply(std::span<const std::uint8_t> message);
  /// Forgets orders, as a receiver does before a snapshot.
  void forget(std::uint64_t instrument, bool firm_quotes);

  /// The first rule that was broken, in words; empty while all is well.
  const std::string& fault() const { return fault_; }
  std::uint64_t messages() const { return messages_; }
  const std::map<std::uint8_t, std::uint64_t>& by_type() const { return by_type_; }
  std::uint64_t count(char type) const;
  const std::map<std::uint64_t, instrument_state>& instruments() const { return instruments_; }
  const std::map<std::uint64_t, order>& orders() const { return orders_; }
  /// One side in the order of execution.
  std::vector<order> side(std::uint64_t instrument, bool firm_quotes, bool buy) const;
  bool is_crossed(std::uint64_t instrument) const;
  std::uint64_t seconds() const { return seconds_; }
  char event() const { return event_; }
  /// Market orders, icebergs' refills by each form, changes that lost priority: what a day should have shown.
  std::uint64_t market_orders() const { return market_orders_; }
  std::uint64_t refills_by_execution() const { return refills_by_execution_; }
  std::uint64_t priority_lost() const { return priority_lost_; }
  std::uint64_t cancelled() const { return cancelled_; }
  std::uint64_t amended() const { return amended_; }

private:
  struct print {
    std::int64_t quantity;
    bool cancelled;
  };

  void mitch(std::span<const std::uint8_t> m, char type);
  void gtp(std::span<const std::uint8_t> m, char type);
  void day_event(char event);
  void add(order made);
  order* find(std::uint64_t id, const char* by);
  void set(order& of, std::uint64_t quantity, std::int64_t price, bool keeps_priority);
  void remove(std::uint64_t id, const char* by);
  void clear(std::uint64_t instrument, bool firm_quotes);
  void count_print(std::uint64_t instrument, std::uint64_t match, std::int64_t quantity, bool cancels, bool amends);
  void may_execute(std::uint64_t instrument, const char* by);
  void is_open_for_orders(std::uint64_t instrument, const char* by);
  void broken(const std::string& what);

  bool is_gtp_;
  std::map<std::uint64_t, order> orders_;
  std::map<std::uint64_t, instrument_state> instruments_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, print> prints_;
  std::map<std::uint8_t, std::uint64_t> by_type_;
  std::uint64_t messages_ = 0;
  std::uint64_t ranks_ = 0;
  std::uint64_t seconds_ = 0;
  std::uint64_t last_ns_ = 0;
  char event_ = ' ';
  std::uint64_t market_orders_ = 0, refills_by_execution_ = 0, priority_lost_ = 0, cancelled_ = 0, amended_ = 0;
  std::string fault_;
};

} // namespace tickplant::sim::test
