#include "runtime/policy/principal_table.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>

namespace tickplant::policy {

struct principal_table::body {
  explicit body(size_t most) : most_subjects(most) {}

  const size_t most_subjects;
  mutable std::mutex lock;
  struct entry {
    uint32_t connections = 0; // never 0 in the table
    uint64_t symbols = 0;
    std::map<uint64_t, std::function<void()>> giving_way; // by place: the oldest first
    uint32_t leaving = 0;                                 // sent away, and still here
  };
  std::map<std::string, entry, std::less<>> subjects;
  size_t total = 0;
  uint64_t refused = 0, sent_away = 0, last_place = 0;
};

principal_table::principal_table(size_t most_subjects) : body_(std::make_shared<body>(most_subjects)) {}

principal_table::ticket principal_table::enter(std::string_view subject, uint32_t limit,
                                               std::function<void()> send_away) {
  ticket made;
  made.subject_ = subject;
  std::function<void()> oldest; // called without the lock
  std::unique_lock hold{body_->lock};
  auto found = body_->subjects.find(subject);
  const bool is_known = found != body_->subjects.end();
  const bool is_full = is_known && found->second.connections - found->second.leaving >= limit;
  const bool makes_room = is_full && send_away && limit > 0 && !found->second.giving_way.empty();
  if ((is_full && !makes_room) || limit == 0 || (!is_known && body_->subjects.size() >= body_->most_subjects)) {
    ++body_->refused;
    return {};
  }
  if (makes_room) {
    auto& waiting = found->second.giving_way;
    oldest = std::move(waiting.begin()->second);
    waiting.erase(waiting.begin());
    ++found->second.leaving;
    ++body_->sent_away;
  }
  if (!is_known) found = body_->subjects.emplace(made.subject_, body::entry{}).first;
  ++found->second.connections;
  ++body_->total;
  made.table_ = body_;
  if (send_away) {
    made.place_ = ++body_->last_place;
    found->second.giving_way.emplace(made.place_, std::move(send_away));
  }
  hold.unlock();
  if (oldest) oldest();
  return made;
}

principal_table::ticket::~ticket() {
  if (!table_) return;
  const std::lock_guard hold{table_->lock};
  const auto found = table_->subjects.find(subject_);
  --table_->total;
  found->second.symbols -= symbols_;
  if (place_ != 0 && found->second.giving_way.erase(place_) == 0) --found->second.leaving;
  if (--found->second.connections == 0) table_->subjects.erase(found);
}

bool principal_table::ticket::take_symbols(uint32_t more, uint32_t most) {
  if (!table_) return false;
  const std::lock_guard hold{table_->lock};
  auto& entry = table_->subjects.find(subject_)->second;
  if (entry.symbols + more > most) return false;
  entry.symbols += more;
  symbols_ += more;
  return true;
}

void principal_table::ticket::give_symbols(uint32_t fewer) {
  if (!table_) return;
  fewer = std::min(fewer, symbols_);
  const std::lock_guard hold{table_->lock};
  table_->subjects.find(subject_)->second.symbols -= fewer;
  symbols_ -= fewer;
}

uint32_t principal_table::connections_of(std::string_view subject) const {
  const std::lock_guard hold{body_->lock};
  const auto found = body_->subjects.find(subject);
  return found == body_->subjects.end() ? 0 : found->second.connections;
}

uint32_t principal_table::symbols_of(std::string_view subject) const {
  const std::lock_guard hold{body_->lock};
  const auto found = body_->subjects.find(subject);
  return found == body_->subjects.end() ? 0 : static_cast<uint32_t>(found->second.symbols);
}

principal_table::counts principal_table::count() const {
  const std::lock_guard hold{body_->lock};
  return {body_->subjects.size(), body_->total, body_->refused, body_->sent_away};
}

} // namespace tickplant::policy
