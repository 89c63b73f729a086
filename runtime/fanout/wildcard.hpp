// Names that stand for many instruments: `*` is one part of VENUE:SYMBOL, `>` is the rest. "NASDAQ:*", "*:AAPL",
// "NASDAQ:>", ">"; without a venue, of every venue. Consolidated instruments are meant by their venue's name alone.
#pragma once

#include "runtime/model/instrument.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tickplant::fanout {

class wildcard {
public:
  /// Nothing, if the text is an ordinary name. `*` and `>` count as whole parts only: symbols may contain them.
  static std::optional<wildcard> from(std::string_view text);

  bool matches(const model::instrument& instrument) const { return matches(instrument.venue, instrument.symbol); }
  bool matches(std::string_view venue, std::string_view symbol) const;
  /// Empty: every one.
  const std::string& venue() const { return venue_; }

private:
  enum class part : uint8_t { one, rest, exact };
  wildcard(std::string_view venue, std::string_view symbol);

  std::string venue_, symbol_;
  part what_;
};

} // namespace tickplant::fanout
