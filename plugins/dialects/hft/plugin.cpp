// The one exported symbol of the plugin. No logic here.
#include "dialect.hpp"

TP_DIALECT_PLUGIN("hft", "0.1.0", tickplant::hft::dialect)
