// Checks what a plugin asks for and copies it, before anything is opened.
#pragma once

#include "runtime/net/venue/http_fetch.hpp"
#include "runtime/net/venue/line.hpp"

#include <tickplant/venue.h>

#include <string>

namespace tickplant::net::venue {

constexpr uint32_t line_number_limit = 1024;

/// TP_OK, or the code to answer with `fault` for the log.
int32_t check(const tp_line_spec& spec, line_settings& out, std::string& fault);
int32_t check(const tp_http_request& request, http_settings& out, std::string& fault);

} // namespace tickplant::net::venue
