// What each verb of tickplantctl does, over any caller and any streams.
#pragma once

#include "runtime/tools/ctl/http_caller.hpp"
#include "runtime/tools/ctl/options.hpp"

#include <iosfwd>

namespace tickplant::ctl {

/// Answers to `out`, complaints to `err`; gives the exit code. Does not throw for what servers and files do wrong.
int run(const ctl_options& options, const caller& call, std::ostream& out, std::ostream& err);

} // namespace tickplant::ctl
