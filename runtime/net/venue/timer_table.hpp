// A plugin's timers over one Asio timer. Moving one to a later time, which a silence timer does with every packet, is
// one store: the Asio timer then wakes early once and looks again.
#pragma once

#include "runtime/net/venue/turns.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <utility>
#include <vector>

namespace tickplant::net::venue {

class timer_table final : public source {
public:
  explicit timer_table(std::shared_ptr<turns> world);

  void set(uint32_t id, uint64_t after_ns);
  void shut() noexcept;
  turns& world() { return *world_; }
  void deliver(turns& out) override;

private:
  static constexpr uint64_t off = UINT64_MAX;
  struct entry {
    uint32_t id;
    uint64_t due_ns; // monotonic
  };
  entry* find(uint32_t id);
  void arm(uint64_t due_ns);
  void arm_earliest();

  std::shared_ptr<turns> world_;
  boost::asio::steady_timer clock_;
  std::vector<entry> entries_; // by id; those that are off stay, to be used again
  std::vector<entry> due_;
  uint64_t armed_ns_ = off;
  uint64_t armed_count_ = 0; // tells a handler of an earlier arming that it is out of date
  bool is_over_ = false;
};

} // namespace tickplant::net::venue
