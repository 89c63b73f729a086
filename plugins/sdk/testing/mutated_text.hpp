// Messages that are nearly right: a seed with some bytes changed, put in, taken out, or taken from another seed.
#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace tickplant::sdk::testing {

/// One of `seeds` with 1 to `most_changes` changes; what of it and which, `random` alone decides.
inline std::string mutated_text(std::span<const std::string> seeds, size_t most_changes, std::mt19937_64& random) {
  static constexpr std::string_view alphabet = "{}[]\",:\\ \t\n0123456789-+.eEtrufalsn\x01\x7F\xC3\xA9\xFFxAZ/*><=";
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  std::string text = seeds[below(seeds.size())];
  for (size_t n = 1 + below(most_changes); n > 0 && !text.empty(); --n) {
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = alphabet[below(alphabet.size())]; break;
      case 1: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
      case 2: text.erase(at, 1 + below(8)); break;
      case 3: text.insert(at, text.substr(below(text.size()), below(40))); break;
      case 4: text.resize(at); break;
      default: {
        const auto& other = seeds[below(seeds.size())];
        text.insert(at, other.substr(below(other.size()), below(30)));
      }
    }
  }
  return text;
}

} // namespace tickplant::sdk::testing
