// Every atom, by purpose. Declared in fwd.hpp's block; this header names the namespace that handlers write.
//   tree:      children, start_child, stop_child, adopt, status, drain, retry
//   feed:      adapter_up, resynchronise, snapshot, use_lines, legs_taken
//   fan-out:   taken, hub_up
//   clients:   deadline, rules_changed, caught_up
#pragma once

#include "actors/fwd.hpp"
