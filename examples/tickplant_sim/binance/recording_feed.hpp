// Plays a recording at a chosen speed, from the first subscription on.
#pragma once

#include "tickplant_sim/binance/feed.hpp"
#include "tickplant_sim/binance/recording.hpp"
#include "tickplant_sim/binance/stream_hub.hpp"
#include "tickplant_sim/random_source.hpp"
#include "tickplant_sim/run_state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace tickplant::sim::binance {

struct recording_feed_options {
  std::vector<std::string> files;
  double speed = 1; // times real time; 0: as fast as the clients read
  feed_faults faults;
};

/// Depth requests before the recorded snapshot's place wait for it, at most 64 of them; later ones get the recording's
/// book with the id of the last diff played, so that a join works at any moment. After the last line it stays silent.
class recording_feed final : public feed {
public:
  /// Reads up to the first depth event to learn the symbol. Throws `std::runtime_error` for files that cannot be read
  /// or have none. `hub` must outlive the feed.
  recording_feed(boost::asio::io_context& io, stream_hub& hub, recording_feed_options options,
                 const run_state& state = always_running);

  void start() override;
  void stop() override;
  const std::vector<listed_market>& markets() const override { return listed_; }
  void depth(std::string_view symbol, std::size_t limit, depth_reply reply) override;
  bool at_end() const override { return at_end_; }
  nlohmann::json summary() const override;
  std::optional<book_view> truth(std::string_view symbol) const override;
  /// Called with a text when the recording cannot be read on; the connections stay. Set before `start`.
  void on_error(std::function<void(const std::string&)> report) { report_ = std::move(report); }

private:
  struct waiting_request {
    std::size_t limit;
    depth_reply reply;
  };

  void begin_playing();
  void play();
  void play_line();
  void read_next();
  void play_again_after(std::chrono::steady_clock::duration delay);
  std::chrono::steady_clock::time_point due() const;
  void answer(std::size_t limit, const depth_reply& reply);
  void answer_waiting();

  boost::asio::steady_timer timer_;
  stream_hub& hub_;
  recording_feed_options options_;
  const run_state& state_;
  random_source random_;
  recording_reader reader_;
  recorded_line line_;
  recorded_book book_;
  std::string depth_stream_;
  std::vector<listed_market> listed_;
  std::vector<waiting_request> waiting_;
  std::chrono::steady_clock::time_point started_;
  std::uint64_t first_ns_ = 0;
  bool playing_ = false;
  bool stopped_ = false;
  bool at_end_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t gaps_ = 0;
  std::uint64_t stale_answers_ = 0;
  std::function<void(const std::string&)> report_;
};

} // namespace tickplant::sim::binance
