// The one exported symbol of the plugin. No logic here.
#include "compression.hpp"

TP_COMPRESSION_PLUGIN("deflate", "0.1.0", tickplant::deflate::compression)
