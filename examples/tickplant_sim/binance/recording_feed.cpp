#include "tickplant_sim/binance/recording_feed.hpp"

#include "tickplant_sim/binance/texts.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

namespace tickplant::sim::binance {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_waiting_requests = 64;
constexpr std::size_t most_waiting_bytes = 512 * 1024;
// Lines between two looks at the sockets, so that a fast play does not starve them.
constexpr int lines_a_turn = 200;
constexpr std::string_view depth_mark = "@depth";

bool is_diff_stream(std::string_view stream) {
  // `@depth` and `@depth@100ms`, not the partial books `@depth5` and so on.
  const auto at = stream.find(depth_mark);
  if (at == std::string_view::npos) return false;
  const auto rest = stream.substr(at + depth_mark.size());
  return rest.empty() || rest.front() == '@';
}

listed_market describe(std::string_view lower_symbol) {
  listed_market out;
  out.symbol = upper_case(lower_symbol);
  const std::size_t quote = out.symbol.ends_with("USDT") || out.symbol.ends_with("USDC") ? 4 : 3;
  const auto base = out.symbol.size() > quote ? out.symbol.size() - quote : out.symbol.size();
  out.base_asset = out.symbol.substr(0, base);
  out.quote_asset = out.symbol.substr(base);
  return out;
}

std::string first_diff_stream(const std::vector<std::string>& files) {
  recording_reader reader{files};
  recorded_line line;
  while (reader.next(line))
    if (line.what == recorded_line::kind::event && is_diff_stream(line.stream)) return std::string{line.stream};
  throw std::runtime_error("recording '" + files.front() + "' has no depth diff stream");
}

} // namespace

recording_feed::recording_feed(boost::asio::io_context& io, stream_hub& hub, recording_feed_options options,
                               const run_state& state)
  : timer_{io}, hub_{hub}, options_{std::move(options)}, state_{state}, random_{options_.faults.seed},
    reader_{options_.files}, depth_stream_{first_diff_stream(options_.files)} {
  listed_.push_back(describe(std::string_view{depth_stream_}.substr(0, depth_stream_.find('@'))));
  read_next();
  first_ns_ = line_.received_ns;
}

void recording_feed::start() {
  hub_.on_change([this] {
    if (!playing_ && !stopped_) begin_playing();
  });
}

void recording_feed::stop() {
  stopped_ = true;
  timer_.cancel();
  hub_.on_change({});
  for (auto& request : std::exchange(waiting_, {})) request.reply(std::nullopt);
}

void recording_feed::begin_playing() {
  playing_ = true;
  started_ = clock::now();
  // From the loop, so that the answer to the subscription goes out before the first event.
  play_again_after({});
}

void recording_feed::play_again_after(clock::duration delay) {
  timer_.expires_after(delay);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) play();
  });
}

clock::time_point recording_feed::due() const {
  if (options_.speed <= 0 || line_.received_ns <= first_ns_) return started_;
  const auto after = static_cast<double>(line_.received_ns - first_ns_) / options_.speed;
  return started_ + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double, std::nano>{after});
}

void recording_feed::play() {
  for (int turn = 0; turn < lines_a_turn && !at_end_; ++turn) {
    const auto wait = due() - clock::now();
    if (wait > clock::duration::zero()) return play_again_after(wait);
    if (state_.frozen) return play_again_after(std::chrono::milliseconds{10});
    if (options_.speed <= 0 && hub_.waiting_bytes() > most_waiting_bytes)
      return play_again_after(std::chrono::milliseconds{1});
    play_line();
    read_next();
  }
  if (!at_end_) return play_again_after({});
  // A recording without a snapshot can answer nobody.
  for (auto& request : std::exchange(waiting_, {})) request.reply(std::nullopt);
}

void recording_feed::read_next() {
  try {
    at_end_ = !reader_.next(line_);
    if (!at_end_) ++lines_;
  } catch (const std::exception& e) {
    at_end_ = true;
    ++unreadable_;
    if (report_) report_(e.what());
  }
}

void recording_feed::play_line() {
  if (line_.what == recorded_line::kind::snapshot) {
    if (!book_.apply_snapshot(line_.payload)) ++unreadable_;
    answer_waiting();
    return;
  }
  if (line_.stream == depth_stream_) {
    if (!book_.apply_diff(line_.payload)) ++unreadable_;
    if (random_.chance(options_.faults.gap) && state_.faults_active()) {
      ++gaps_;
      return;
    }
  }
  hub_.publish(line_.stream, line_.payload);
}

void recording_feed::depth(std::string_view, std::size_t limit, depth_reply reply) {
  if (book_.complete()) return answer(limit, reply);
  if (at_end_ || stopped_ || waiting_.size() == most_waiting_requests) return reply(std::nullopt);
  waiting_.push_back({limit, std::move(reply)});
}

void recording_feed::answer_waiting() {
  if (!book_.complete()) return;
  for (auto& request : std::exchange(waiting_, {})) answer(request.limit, request.reply);
}

void recording_feed::answer(std::size_t limit, const depth_reply& reply) {
  const bool is_old = random_.chance(options_.faults.stale) || stale_answers_ < options_.faults.stale_snapshots;
  if (is_old && state_.faults_active()) {
    ++stale_answers_;
    // Older than the first diff of the recording, so that nothing a client has buffered reaches back to it.
    return reply(snapshot_text(book_.book(), book_.first_diff_id() > 2 ? book_.first_diff_id() - 2 : 0, limit));
  }
  reply(snapshot_text(book_.book(), book_.last_update_id(), limit));
}

std::optional<book_view> recording_feed::truth(std::string_view symbol) const {
  if (symbol != listed_.front().symbol || !book_.complete()) return std::nullopt;
  return book_view{&book_.book(), book_.last_update_id()};
}

nlohmann::json recording_feed::summary() const {
  return {{"lines", lines_},         {"unreadable", unreadable_},
          {"at_end", at_end_},       {"last_update_id", book_.last_update_id()},
          {"diffs_left_out", gaps_}, {"stale_snapshots", stale_answers_}};
}

} // namespace tickplant::sim::binance
