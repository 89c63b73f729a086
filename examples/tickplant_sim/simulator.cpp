#include "tickplant_sim/simulator.hpp"

#include "tickplant_sim/open_failure.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::sim {
namespace {

using namespace std::chrono_literals;

} // namespace

simulator::simulator(const options& wanted, std::function<void(const std::string&)> report)
  : exchanges_{open_exchanges(wanted, {io_, state_, std::move(report), beyond_loop_})}, api_{state_, exchanges_},
    exit_at_end_{wanted.exit_at_end} {
  if (wanted.control)
    opened("--control " + address_text(*wanted.control), [&] { return &control_.emplace(io_, *wanted.control, api_); });
}

simulator::~simulator() = default;

void simulator::start() {
  for (const auto& exchange : exchanges_) exchange->start();
  if (control_) control_->start();
  running_ = exchanges_.size();
  if (exit_at_end_) wait_for_end();
}

bool simulator::all_files_played() const {
  return std::all_of(exchanges_.begin(), exchanges_.end(),
                     [](const auto& exchange) { return !exchange->plays_a_file() || exchange->at_end(); });
}

void simulator::wait_for_end() {
  timer_.expires_after(50ms);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    if (all_files_played()) return stop();
    wait_for_end();
  });
}

void simulator::stop() {
  if (std::exchange(stopping_, true)) return;
  timer_.cancel();
  if (control_) control_->stop();
  if (running_ == 0) return io_.stop();
  for (const auto& exchange : exchanges_) exchange->stop([this] { one_has_stopped(); });
}

void simulator::one_has_stopped() {
  if (--running_ == 0) io_.stop();
}

std::vector<nlohmann::json> simulator::ready_lines() const {
  std::vector<nlohmann::json> lines;
  for (const auto& exchange : exchanges_)
    for (auto& line : exchange->ready_lines()) lines.push_back(std::move(line));
  if (control_) lines.push_back(control_->ready_line());
  return lines;
}

} // namespace tickplant::sim
