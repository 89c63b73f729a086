// What a sanitizer said about a child, found in its output: programs built with one end by their first report, and a
// test that did not look at the end would pass all the same.
#pragma once

#include <deque>
#include <string>

namespace tickplant::testing {

/// The lines from the first report of the address, undefined, leak or thread sanitizer on; empty if there is none.
std::string sanitizer_report(const std::deque<std::string>& lines);

} // namespace tickplant::testing
