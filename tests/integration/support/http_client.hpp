// HTTP requests, one or several on a connection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace tickplant::testing {

struct http_answer {
  unsigned status = 0;                       ///< 0: nobody answered
  std::map<std::string, std::string> fields; ///< names in lower case
  std::string body;
};

/// POST without a body, the same way.
http_answer http_post(uint16_t port, const std::string& target);

/// GET on 127.0.0.1; within ten seconds.
http_answer http_get(uint16_t port, const std::string& target, const std::map<std::string, std::string>& fields = {});

/// One connection that is kept for several requests.
class http_connection {
public:
  /// Throws std::runtime_error if it cannot be had.
  explicit http_connection(uint16_t port);
  ~http_connection();
  /// Within ten seconds; status 0 once the server has closed the connection.
  http_answer get(const std::string& target);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tickplant::testing
