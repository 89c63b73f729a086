// Messages of permessage-deflate without context (RFC 7692, 7.2.2), back to text.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <zlib.h>

namespace tickplant::load {

/// One for all clients of a thread, since nothing is kept between messages. Throws std::bad_alloc.
class inflater {
public:
  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Holds until the next call, with simdjson::SIMDJSON_PADDING bytes behind it. nullopt: broken, or above `most`.
  std::optional<std::string_view> whole(std::string_view packed, size_t most);

private:
  z_stream stream_{};
  std::vector<char> text_;
};

} // namespace tickplant::load
