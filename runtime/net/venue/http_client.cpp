#include "runtime/net/venue/http_client.hpp"

#include <algorithm>
#include <utility>

namespace tickplant::net::venue {

int32_t http_client::get(http_settings settings) {
  if (active_.size() >= http_active_limit && waiting_.size() >= http_waiting_limit) return TP_E_LIMIT;
  auto f = std::make_shared<http_fetch>(world_, tls_, std::move(settings), [w = weak_from_this()](http_fetch& done) {
    if (const auto client = w.lock()) client->settled(done);
  });
  f->wait();
  waiting_.push_back(std::move(f));
  start_next();
  return TP_OK;
}

void http_client::settled(http_fetch& f) {
  const auto is_it = [&f](const auto& other) { return other.get() == &f; };
  std::erase_if(active_, is_it);
  std::erase_if(waiting_, is_it);
  start_next();
}

void http_client::start_next() {
  while (active_.size() < http_active_limit && !waiting_.empty()) {
    active_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    active_.back()->start();
  }
}

void http_client::shut() noexcept {
  for (const auto& f : active_) f->cancel();
  for (const auto& f : waiting_) f->cancel();
  active_.clear();
  waiting_.clear();
}

} // namespace tickplant::net::venue
