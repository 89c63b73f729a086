// Connections per principal, over all network loops: who may open how many. One lock, taken when a login succeeds and
// when a connection ends, never per event. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tickplant::policy {

class principal_table {
  struct body;

public:
  /// One connection's place; leaves the table when it is destroyed. May outlive the table.
  class ticket {
  public:
    ticket() = default;
    ticket(ticket&& other) noexcept
      : table_(std::move(other.table_)), subject_(std::move(other.subject_)),
        symbols_(std::exchange(other.symbols_, 0)), place_(std::exchange(other.place_, 0)) {
      other.table_.reset();
    }
    ticket& operator=(ticket&& other) noexcept {
      std::swap(table_, other.table_);
      std::swap(subject_, other.subject_);
      std::swap(symbols_, other.symbols_);
      std::swap(place_, other.place_);
      return *this;
    }
    ~ticket();
    /// False: refused with 4102 CONNECTION_LIMIT, or moved from.
    explicit operator bool() const { return table_ != nullptr; }

    /// Counts `more` symbols for the principal; false, and nothing is counted, if all its connections together would
    /// have more than `most`. One thread a ticket.
    bool take_symbols(uint32_t more, uint32_t most);
    /// Gives some back; the rest goes with the ticket.
    void give_symbols(uint32_t fewer);

  private:
    friend class principal_table;
    std::shared_ptr<body> table_;
    std::string subject_;
    uint32_t symbols_ = 0;
    uint64_t place_ = 0; // among those who give way; 0: it does not
  };

  struct counts {
    size_t subjects = 0, connections = 0;
    uint64_t refused = 0, sent_away = 0;
  };

  /// At most `most_subjects` principals at a time; one more is refused.
  explicit principal_table(size_t most_subjects = 1 << 20);

  /// A place for one more connection of `subject` (put the tenant into it where there are some), unless it has `limit`
  /// already. The counts never outgrow the connections, so the table needs no sweeping.
  /// `send_away`: this connection gives way to newer ones of its subject. The oldest such is sent away instead of a new
  /// one being refused, from any thread, once; it counts no more from then on, though its ticket lives for a while.
  ticket enter(std::string_view subject, uint32_t limit, std::function<void()> send_away = {});

  uint32_t connections_of(std::string_view subject) const;
  uint32_t symbols_of(std::string_view subject) const;
  counts count() const;

private:
  std::shared_ptr<body> body_;
};

} // namespace tickplant::policy
