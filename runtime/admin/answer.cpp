#include "runtime/admin/answer.hpp"

#include <nlohmann/json.hpp>

namespace tickplant::admin {

answer refuse(uint16_t status, std::string_view error, std::string_view what_to_do) {
  const nlohmann::ordered_json body{{"error", error}, {"what to do", what_to_do}};
  return answer::json(body.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n', status);
}

} // namespace tickplant::admin
