// Settings of the harbour plugin.
#pragma once

#include <tickplant/config_reader.hpp>

#include <string>

namespace harbour {

struct options {
  std::string line_a, line_b, snapshot; // URLs; snapshot may be empty: then what is lost stays stale
  uint64_t reorder_window_ns = 5'000'000, retry_ns = 1'000'000'000;
};

options read_options(const tickplant::sdk::settings& settings, const tickplant::sdk::complain_fn& complain);

} // namespace harbour
