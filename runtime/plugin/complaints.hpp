// Settings that go into an instance, and what the instance has to say about them.
#pragma once

#include <tickplant/plugin.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickplant::plugin {

/// Flattened: key "lines.a", value "udp://127.0.0.1:26400"; lists are "symbols.0", "symbols.1".
using settings_list = std::vector<std::pair<std::string, std::string>>;

/// A fault in the settings. `key` is empty where none is to blame.
struct complaint {
  std::string key, problem;
  friend bool operator==(const complaint&, const complaint&) = default;
};

/// Most complaints that are kept; what comes later is dropped.
constexpr size_t most_complaints = 256;

/// "key: problem" line by line.
std::string to_text(const std::vector<complaint>& complaints);

/// TP_LOG_* and the text, borrowed. Called on any thread.
using log_function = std::function<void(int level, std::string_view text)>;

/// The settings in the form that plugins take; owns them, so that the views stay valid as long as this object.
class settings_view {
public:
  explicit settings_view(settings_list settings);
  settings_view(const settings_view&) = delete;
  settings_view& operator=(const settings_view&) = delete;
  const tp_config* config() const { return &config_; }

private:
  settings_list owned_;
  std::vector<tp_pair> pairs_;
  tp_config config_{};
};

} // namespace tickplant::plugin
