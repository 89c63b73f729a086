#include "runtime/supervision/line_groups.hpp"

namespace tickplant::supervision {

std::string_view name_of(line_group group) {
  return group == line_group::primary ? "primary" : "backup";
}

void line_groups::change(line_group to) {
  next_ = to;
  failures_ = 0;
}

line_group line_groups::choose() {
  if (next_ != in_use_) ++switches_;
  return in_use_ = next_;
}

void line_groups::ended(bool failed) {
  if (!rules_.has_backup || next_ != in_use_) return; // where it goes is decided already
  if (failed && ++failures_ >= rules_.failures) return gave_up();
  if (in_use_ == line_group::backup && rules_.back == way_back::restart) change(line_group::primary);
}

void line_groups::gave_up() {
  if (!rules_.has_backup || next_ != in_use_) return;
  change(in_use_ == line_group::primary ? line_group::backup : line_group::primary);
}

bool line_groups::is_return_due(nanoseconds time) const {
  return in_use_ == line_group::backup && rules_.back == way_back::after && time >= rules_.after;
}

bool line_groups::use(line_group group) {
  if (group == line_group::backup && !rules_.has_backup) return false;
  change(group);
  return true;
}

} // namespace tickplant::supervision
