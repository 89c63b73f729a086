#include "runtime/policy/principal_table.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace tickplant::policy {

struct principal_table::body {
  explicit body(size_t most) : most_subjects(most) {}

  const size_t most_subjects;
  mutable std::mutex lock;
  std::map<std::string, uint32_t, std::less<>> connections; // by subject; never 0
  size_t total = 0;
  uint64_t refused = 0;
};

principal_table::principal_table(size_t most_subjects) : body_(std::make_shared<body>(most_subjects)) {}

principal_table::ticket principal_table::enter(std::string_view subject, uint32_t limit) {
  ticket made;
  made.subject_ = subject;
  const std::lock_guard hold{body_->lock};
  auto found = body_->connections.find(subject);
  const bool is_known = found != body_->connections.end();
  if ((is_known ? found->second : 0) >= limit || (!is_known && body_->connections.size() >= body_->most_subjects)) {
    ++body_->refused;
    return {};
  }
  if (!is_known) found = body_->connections.emplace(made.subject_, 0).first;
  ++found->second;
  ++body_->total;
  made.table_ = body_;
  return made;
}

principal_table::ticket::~ticket() {
  if (!table_) return;
  const std::lock_guard hold{table_->lock};
  const auto found = table_->connections.find(subject_);
  --table_->total;
  if (--found->second == 0) table_->connections.erase(found);
}

uint32_t principal_table::connections_of(std::string_view subject) const {
  const std::lock_guard hold{body_->lock};
  const auto found = body_->connections.find(subject);
  return found == body_->connections.end() ? 0 : found->second;
}

principal_table::counts principal_table::count() const {
  const std::lock_guard hold{body_->lock};
  return {body_->connections.size(), body_->total, body_->refused};
}

} // namespace tickplant::policy
