// The rows of the table of figures: what each loads its servers with, and what it prints.
#pragma once

#include "trial.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tickplant::bench {

struct run_options {
  places at;
  double seconds = 3; ///< measured, in each trial
  int rounds = 3;     ///< contestants take turns within each, since a machine's moods pass over all of them
  bool with_peers = true;
  bool clients_poll = true; ///< else they sleep between messages, and servers pay for waking their core
};

struct row {
  std::string_view name, title;
  bool is_quick; ///< belongs to the short form
  /// False when a trial did not come to its end, or what must not happen was seen. Prints all.
  bool (*run)(const run_options&);
};

const std::vector<row>& all_rows();

} // namespace tickplant::bench
