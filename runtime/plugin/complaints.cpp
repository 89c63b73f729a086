#include "runtime/plugin/complaints.hpp"

namespace tickplant::plugin {

std::string to_text(const std::vector<complaint>& complaints) {
  std::string text;
  for (const auto& [key, problem] : complaints) {
    if (!text.empty()) text += '\n';
    if (!key.empty()) text.append(key).append(": ");
    text += problem;
  }
  return text;
}

settings_view::settings_view(settings_list settings) : owned_(std::move(settings)) {
  pairs_.reserve(owned_.size());
  for (const auto& [key, value] : owned_) pairs_.push_back({{key.data(), key.size()}, {value.data(), value.size()}});
  config_ = {sizeof(tp_config), static_cast<uint32_t>(pairs_.size()), pairs_.data()};
}

} // namespace tickplant::plugin
