#include "runtime/consolidation/listing.hpp"

#include "runtime/model/decimal.hpp"

#include <algorithm>
#include <memory>

namespace tickplant::consolidation {

namespace {

/// mantissa * 10^power, if it fits.
std::optional<int64_t> scaled(int64_t mantissa, int power) {
  if (power < 0) return std::nullopt;
  for (; power > 0; --power)
    if (__builtin_mul_overflow(mantissa, int64_t{10}, &mantissa)) return std::nullopt;
  return mantissa;
}

std::string full_name(const model::instrument& instrument) {
  return instrument.venue + ':' + instrument.symbol;
}

bool differ(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

} // namespace

listing make_listing(std::string name, std::string currency, const std::vector<candidate>& candidates) {
  listing made;
  made.name = std::move(name);
  std::vector<const candidate*> chosen;
  std::string isin;
  int price_exponent = model::greatest_exponent, quantity_exponent = model::greatest_exponent;
  for (const auto& c : candidates) {
    const auto& instrument = *c.instrument;
    const auto refuse = [&](std::string why) { made.left_out.emplace_back(full_name(instrument), std::move(why)); };
    const int price = instrument.price_exponent + c.price.exponent;
    const int quantity = instrument.quantity_exponent + c.quantity.exponent;
    if (!c.has_factor && differ(currency, instrument.currency)) {
      refuse("its currency is " + instrument.currency + ", not " + currency + ", and no factor is configured for it");
      continue;
    }
    if (!c.has_factor && differ(isin, instrument.isin)) {
      refuse("its ISIN is " + instrument.isin + ", not " + isin + ": another security of the same symbol");
      continue;
    }
    if (chosen.size() == most_legs) {
      refuse("at most " + std::to_string(most_legs) + " venues are consolidated");
      continue;
    }
    if (std::min(price, quantity) < model::least_exponent || std::max(price, quantity) > model::greatest_exponent) {
      refuse("its factor has more digits than can be shown");
      continue;
    }
    if (currency.empty()) currency = instrument.currency;
    if (isin.empty()) isin = instrument.isin;
    price_exponent = std::min(price_exponent, price);
    quantity_exponent = std::min(quantity_exponent, quantity);
    chosen.push_back(&c);
  }
  for (const auto* c : chosen) {
    const auto& instrument = *c->instrument;
    const auto price = scaled(c->price.mantissa, instrument.price_exponent + c->price.exponent - price_exponent);
    const auto quantity =
      scaled(c->quantity.mantissa, instrument.quantity_exponent + c->quantity.exponent - quantity_exponent);
    if (price && quantity)
      made.legs.push_back({c->id, c->instrument, *price, *quantity});
    else
      made.left_out.emplace_back(full_name(instrument), "its numbers cannot be brought to the others' exponents");
  }
  if (made.legs.size() < 2) return made;
  model::instrument together;
  together.venue = venue_name;
  together.symbol = made.name;
  together.book = TP_BOOK_NONE;
  together.price_exponent = static_cast<int8_t>(price_exponent);
  together.quantity_exponent = static_cast<int8_t>(quantity_exponent);
  together.currency = std::move(currency);
  together.isin = std::move(isin);
  together.name = made.legs.front().instrument->name;
  made.instrument = std::make_shared<const model::instrument>(std::move(together));
  return made;
}

} // namespace tickplant::consolidation
