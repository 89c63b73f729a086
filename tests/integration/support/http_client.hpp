// One HTTP request.
#pragma once

#include <cstdint>
#include <map>
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

} // namespace tickplant::testing
