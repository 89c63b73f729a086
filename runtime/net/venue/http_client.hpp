// The HTTP requests of one instance: at most http_active_limit have a connection, http_waiting_limit wait for one.
#pragma once

#include "runtime/net/venue/http_fetch.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace tickplant::net::venue {

class http_client : public std::enable_shared_from_this<http_client> {
public:
  http_client(std::shared_ptr<turns> world, std::shared_ptr<tls_client> tls)
    : world_(std::move(world)), tls_(std::move(tls)) {}

  /// TP_OK or TP_E_LIMIT.
  int32_t get(http_settings settings);
  void shut() noexcept;

private:
  void settled(http_fetch& f);
  void start_next();

  std::shared_ptr<turns> world_;
  std::shared_ptr<tls_client> tls_;
  std::vector<std::shared_ptr<http_fetch>> active_;
  std::deque<std::shared_ptr<http_fetch>> waiting_;
};

} // namespace tickplant::net::venue
