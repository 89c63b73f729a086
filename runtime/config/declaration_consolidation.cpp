// Keys of consolidation: one book over several venues, and arbitrage between them.
#include "runtime/config/declaration_parts.hpp"
#include "runtime/model/decimal.hpp"

namespace tickplant::config::declare {

namespace {

using namespace std::chrono_literals;
using bind::field;
using options = consolidation_options;
using arbitrage = arbitrage_options;

template <auto Member>
using of_all = field<&server_options::consolidation, Member>;
template <auto Member>
using of_arbitrage = field<&server_options::consolidation, &options::arbitrage, Member>;

const std::string bps_wanted = "basis points from 0 to 10000 with at most 4 decimals (1, 0.25)";
const std::string leg_wanted = "VENUE:SYMBOL, as in LSE:VOD,";

bool is_bps(const std::string& text) {
  const auto read = model::parse_decimal(text, -4);
  return read && read.mantissa >= 0 && read.mantissa <= 100'000'000;
}

bool is_price(const std::string& text) {
  const auto read = model::parse_decimal(text, -9);
  return read && read.mantissa >= 0;
}

bool is_fee(const std::string& venue, const std::string& bps) {
  return is_name(venue) && is_bps(bps);
}

bool is_leg(const std::string& text) {
  const auto colon = text.find(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < text.size();
}

bool is_factor(const std::string& leg, const std::string& number) {
  const auto read = model::parse_decimal(number);
  return is_leg(leg) && read && read.mantissa > 0 && read.exponent >= -9;
}

binding fees() {
  auto made = bind::pairs<of_all<&options::fees>>("a venue's name with " + bps_wanted, is_fee);
  made.put = [put = made.put](const node& value, const std::string& path, options_part to, reading_context& context) {
    put(value, path, to, context);
    std::get<server_options*>(to)->consolidation.fees_at = value.at;
  };
  return made;
}

void add_arbitrage(std::vector<key>& to) {
  const std::string section = "consolidation.arbitrage.";
  to.push_back({section + "enabled", live, "", "false",
                "Crossed and locked markets between venues are looked for, logged, and told to who subscribes to "
                "SIGNALS.",
                bind::flag<of_arbitrage<&arbitrage::enabled>>()});
  to.push_back({section + "min_edge_bps", live, "basis points of the buying price", "2.5",
                "Least edge after fees; 0 tells locked markets too.",
                bind::text<of_arbitrage<&arbitrage::min_edge_bps>>(bps_wanted, is_bps)});
  to.push_back({section + "min_edge", live, "in the instrument's currency", "0.01",
                "Least edge after fees as a price; both have to be reached.",
                bind::text<of_arbitrage<&arbitrage::min_edge>>("a price from 0 with at most 9 decimals", is_price)});
  to.push_back({section + "min_duration", live, "", "50ms", "What lasts less than this is not told.",
                bind::duration<of_arbitrage<&arbitrage::min_duration>>(0ms, 1h)});
  to.push_back({section + "change_interval", live, "", "1s",
                "Least time between two signals of one opportunity; its end waits for nothing.",
                bind::duration<of_arbitrage<&arbitrage::change_interval>>(0ms, 1h)});
  to.push_back({section + "edge_step_bps", live, "basis points of the buying price", "0.5",
                "A change of the edge after fees that is told.",
                bind::text<of_arbitrage<&arbitrage::edge_step_bps>>(bps_wanted, is_bps)});
  to.push_back({section + "size_step", live, "percent", "50", "A change of the size that is told.",
                bind::number<of_arbitrage<&arbitrage::size_step>>(1, 1'000'000)});
}

void add_cross_listings(std::vector<key>& to) {
  using listing = cross_listing_options;
  const std::string section = "consolidation.cross_listings.*.";
  key legs{section + "legs",
           live,
           "",
           "[\"LSE:VOD\", \"NASDAQ:VOD\"]",
           "The instruments that are consolidated under the name of the entry, in the order of preference.",
           bind::list<field<&listing::legs>>(value_type::texts, leg_wanted + " or a list of them,", is_leg)};
  legs.is_required = true;
  to.push_back(std::move(legs));
  to.push_back({section + "currency", live, "", "GBP",
                "Of the consolidated instrument; empty: the first leg's. A leg of another currency needs a factor.",
                bind::text<field<&listing::currency>>()});
  to.push_back(
    {section + "factors", live, "", "{\"LSE:VOD\": 0.01}",
     "What a leg's price is multiplied by: currency and ratio in one.",
     bind::pairs<field<&listing::factors>>(leg_wanted + " with a number above 0 of at most 9 decimals", is_factor)});
  to.push_back({section + "size_factors", live, "", "{\"NASDAQ:VOD\": 10}",
                "What a leg's size is multiplied by: its ratio.",
                bind::pairs<field<&listing::size_factors>>(leg_wanted + " with a number above 0 of at most 9 decimals",
                                                           is_factor)});
}

} // namespace

void add_consolidation(std::vector<key>& to) {
  to.push_back({"consolidation.enabled", process, "", "false",
                "Instruments that several venues trade are served as one too, as `CONS:SYMBOL`.",
                bind::flag<of_all<&options::enabled>>()});
  to.push_back({"consolidation.by_symbol", live, "", "false",
                "A symbol that two venues or more have in one currency is consolidated by itself.",
                bind::flag<of_all<&options::by_symbol>>()});
  to.push_back({"consolidation.fees", live, "basis points of the price", "{nasdaq: 0.3, lse: 0.5}",
                "What a trade costs at a venue, for the edge of an arbitrage; a venue that is not named: nothing.",
                fees()});
  add_arbitrage(to);
  add_cross_listings(to);
}

} // namespace tickplant::config::declare
