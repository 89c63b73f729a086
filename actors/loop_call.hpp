// Runs a call on a loop and waits for its result, for threads that may wait (start, reload, stop): never for a loop.
#pragma once

#include "actors/loop.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <type_traits>

namespace tickplant::actors {

inline constexpr auto loop_call_patience = std::chrono::seconds{5};

/// What `call` throws comes out here. Throws std::runtime_error if the loop does not get to it in time: the call may
/// still run later, so it must own what it uses.
template <class Call>
auto call_on(actor_loop& loop, Call call) -> std::invoke_result_t<Call> {
  using result = std::invoke_result_t<Call>;
  auto task = std::make_shared<std::packaged_task<result()>>(std::move(call));
  auto done = task->get_future();
  loop.post([task] { (*task)(); });
  if (done.wait_for(loop_call_patience) != std::future_status::ready)
    throw std::runtime_error("a loop did not answer within 5 s");
  return done.get();
}

} // namespace tickplant::actors
