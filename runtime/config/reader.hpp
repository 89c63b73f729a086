// Tree -> options, by the table of declaration.hpp: every key that stands in the tree is looked up there, checked and
// put in its place. Tells all faults and goes on; what it answers is good only if there is none.
#pragma once

#include "runtime/config/declaration.hpp"

namespace tickplant::config {

/// `root` is the merged tree. Adds to context.faults, files and warnings.
server_options read_options(const node& root, reading_context& context);

/// What no single key can know: names and addresses that are used twice, policies, half a certificate.
void cross_check(const server_options& options, std::vector<fault>& faults);
/// What stops nothing, but somebody should know: adds to options.warnings.
void cross_warn(server_options& options);

} // namespace tickplant::config
