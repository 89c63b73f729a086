// Text from outside, made fit for a log line, a span or a label. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickplant::telemetry {

/// Bytes of the well-formed UTF-8 sequence at the begin of `text` (RFC 3629: no surrogates, nothing overlong), 0 if
/// there is none.
size_t utf8_length(std::string_view text) noexcept;

/// The longest begin of `text` of at most `most` bytes that cuts no UTF-8 sequence in two.
std::string_view cut_utf8(std::string_view text, size_t most) noexcept;

/// Appends `text` with each byte that belongs to no UTF-8 sequence as U+FFFD; control characters stay.
void append_utf8(std::string& to, std::string_view text);

/// As append_utf8, and control characters (C0, DEL, C1, the line separators U+2028 and U+2029) are written out: \n, \t,
/// \x1b. What comes out is one line and cannot command a terminal.
void append_one_line(std::string& to, std::string_view text);

/// The inside of a JSON string (RFC 8259).
void append_json(std::string& to, std::string_view text);

} // namespace tickplant::telemetry
