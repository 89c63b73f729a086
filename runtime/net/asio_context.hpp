// The Asio side of event_loop; included in runtime/net only.
#pragma once

#include "runtime/net/event_loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace tickplant::net {

struct event_loop::implementation {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
};

inline boost::asio::io_context& context_of(event_loop& loop) {
  return loop.inside().context;
}

} // namespace tickplant::net
