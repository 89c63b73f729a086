// Snapshots of the simulated market on request: books of one instrument, of a segment, in GTP of the channel, and there
// also directory, trades, statistics, statuses and system event.
#pragma once

#include "tickplant_sim/lse/answer_service.hpp"
#include "tickplant_sim/lse/message_cache.hpp"
#include "tickplant_sim/lse/trading_day.hpp"

#include <deque>
#include <functional>
#include <vector>

namespace tickplant::sim::lse {

/// GTP's trades of the day with their numbers. Bounded; the oldest go first.
class trade_log {
public:
  static constexpr std::size_t capacity = 50'000;

  struct logged_trade {
    std::uint32_t sequence;
    byte_buffer message;
  };

  void append(std::uint32_t sequence, std::span<const std::uint8_t> message);
  void clear() noexcept { trades_.clear(); }
  const std::deque<logged_trade>& trades() const noexcept { return trades_; }

private:
  std::deque<logged_trade> trades_;
};

class recovery_service final : public answer_service {
public:
  /// What the service sees of the market. Everything must outlive it and be in step: the last number sent contains all
  /// that the day's books say.
  struct market_view {
    const trading_day& day;
    const message_cache& cache;
    const trade_log& trades;
    std::function<feed_time()> now;
  };

  recovery_service(const service_protocol& protocol, market_view view, char group);

  service_kind kind() const noexcept override { return service_kind::recovery; }
  prepared_answer prepare(const client_message& request, bool stale) override;
  message_buffer refuse(const client_message& request, char status) const override;
  bool has_stale() const noexcept override { return older_ != nullptr; }

  /// Takes a picture of all books for stale answers to come, which give the one before the last.
  void remember();
  /// Old pictures belong to numbers that are no more.
  void forget();

  /// One book of one instrument as it is sent.
  struct book_picture {
    std::uint32_t instrument = 0;
    book_kind kind = book_kind::orders;
    char status = ' '; // as it stands in GTP's Complete
    message_buffer messages;
  };
  struct market_picture {
    std::uint32_t sequence = 0;
    std::vector<std::vector<book_picture>> books; // by index of instrument
  };

private:
  std::vector<std::size_t> targets(const recovery_request& request) const;
  std::vector<book_picture> picture(std::size_t index) const;
  std::uint32_t last_sequence() const noexcept { return view_.cache.next() - 1; }
  prepared_answer prepare_mitch(const recovery_request& request, std::vector<std::size_t> targets, bool stale);
  prepared_answer prepare_gtp_books(const recovery_request& request, const std::vector<std::size_t>& targets,
                                    bool stale);
  prepared_answer prepare_gtp_rest(const recovery_request& request, const std::vector<std::size_t>& targets);

  const service_protocol& protocol_;
  market_view view_;
  char group_;
  std::shared_ptr<const market_picture> older_;
  std::shared_ptr<const market_picture> newer_;
};

/// A feed of the protocol that writes to `out`, which must outlive it.
std::unique_ptr<market_feed> make_feed(protocol name, message_buffer& out);

} // namespace tickplant::sim::lse
