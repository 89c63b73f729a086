// Keys of venues. What is not among them belongs to the venue's plugin.
#include "runtime/config/declaration_parts.hpp"
#include "runtime/config/percentage.hpp"

namespace tickplant::config::declare {

namespace {

using namespace std::chrono_literals;
using bind::field;

template <auto Member>
using of_breaker = field<&venue_options::breaker, Member>;
template <auto Member>
using of_backup = field<&venue_options::backup, Member>;
template <auto Member>
using of_recovery = field<&venue_options::recovery, Member>;
template <auto Member>
using of_validation = field<&venue_options::validation, Member>;

bool is_band(const std::string& name, const std::string& band) {
  return !name.empty() && to_ppm(band);
}

void add_capture(std::vector<key>& to) {
  to.push_back({"venues.*.capture.folder", component, "", "/var/lib/tickplant/captures",
                "Folder in which everything that the venue brings is recorded; empty: nothing is. docs/operations.md.",
                bind::path<field<&venue_options::capture_folder>>("a folder")});
  to.push_back({"venues.*.capture.file_size", component, "bytes", "256MiB", "A full file is followed by the next.",
                bind::bytes<field<&venue_options::capture_file_size>>(1u << 20, 4'294'967'295u)});
  to.push_back({"venues.*.capture.keep_files", component, "files", "24",
                "Files of the venue that are kept, the oldest go; 0: all.",
                bind::number<field<&venue_options::capture_keep_files>>(0, 1'000'000)});
  to.push_back(
    {"venues.*.replay.files", component, "", "[captures/NASDAQ-20261130T093000.000000000Z-0000.tpcap]",
     "Captures that are played in the place of the venue's lines, in this order.",
     bind::list<field<&venue_options::replay_files>>(value_type::paths, "a file, or a list of them,", is_not_empty)});
  to.push_back({"venues.*.replay.speed", component, "times real time", "10", "0: as fast as possible.",
                bind::number<field<&venue_options::replay_speed>>(0, 1'000'000)});
}

binding band() {
  return bind::of_scalar<of_validation<&validation_options::price_band_ppm>>(
    value_type::text, band_wanted, [](const std::string& given) { return to_ppm(given); },
    [](uint32_t held) { return ppm_text(held); });
}

void add_breaker(std::vector<key>& to) {
  using breaker = breaker_options;
  to.push_back({"venues.*.breaker.failures", component, "failures", "3",
                "Within `period`; then the venue is suspended, and tried again later.",
                bind::number<of_breaker<&breaker::failures>>(1, 1'000)});
  to.push_back({"venues.*.breaker.period", component, "", "5m", "Over which failures are counted.",
                bind::duration<of_breaker<&breaker::period>>(1s, 24h)});
  to.push_back({"venues.*.breaker.open_first", component, "", "10s",
                "How long it is suspended; doubled after each failed trial.",
                bind::duration<of_breaker<&breaker::open_first>>(100ms, 24h)});
  to.push_back({"venues.*.breaker.open_max", component, "", "5m", "Longest suspension.",
                bind::duration<of_breaker<&breaker::open_max>>(100ms, 24h)});
  to.push_back({"venues.*.breaker.healthy", component, "", "30s",
                "A trial that has been well for this long ends it all; failures before it count no more.",
                bind::duration<of_breaker<&breaker::healthy>>(100ms, 24h)});
  to.push_back({"venues.*.breaker.line_limit", component, "", "1m",
                "Without a live line that is up the venue has failed, and starts anew; 0ms: never.",
                bind::duration<of_breaker<&breaker::line_limit>>(0ms, 24h)});
  to.push_back({"venues.*.breaker.silence_limit", component, "", "1m",
                "The same where lines are up and nothing comes on any; 0ms: never.",
                bind::duration<of_breaker<&breaker::silence_limit>>(0ms, 24h)});
  to.push_back({"venues.*.breaker.recovery_limit", component, "", "5m",
                "The same where all channels are lost and no recovery ends; 0ms: never.",
                bind::duration<of_breaker<&breaker::recovery_limit>>(0ms, 24h)});
}

void add_backup(std::vector<key>& to) {
  using backup = backup_options;
  to.push_back({"venues.*.backup.failures", component, "failures", "1",
                "In a row; then the other group of lines is used, if there is one.",
                bind::number<of_backup<&backup::failures>>(1, 1'000)});
  to.push_back({"venues.*.backup.return", component, "", "operator",
                "Back to the primary lines: at the next `restart`, `after` a time, by `tickplantctl venue lines`.",
                bind::choice<of_backup<&backup::way_back>>({"restart", "after", "operator"})});
  to.push_back({"venues.*.backup.after", component, "", "1h", "For `return: after`: of health on the backup.",
                bind::duration<of_backup<&backup::after>>(1s, 24h)});
  to.push_back({"venues.*.backup.**", component, "", "x",
                "Settings of the plugin for its backup lines, as in {lines: {a: X}}: they stand in for all of the same "
                "first name.",
                settings_in<of_backup<&backup::settings>, field<&venue_options::content>, 3>()});
}

void add_recovery(std::vector<key>& to) {
  to.push_back({"venues.*.recovery.requests", component, "requests", "2",
                "Lost books and channels that are asked for at once.",
                bind::number<of_recovery<&recovery_options::requests>>(1, 10'000)});
  to.push_back({"venues.*.recovery.timeout", component, "", "10s",
                "A snapshot that has not ended, nor gone on, is asked for again.",
                bind::duration<of_recovery<&recovery_options::timeout>>(100ms, 1h)});
}

void add_validation(std::vector<key>& to) {
  using validation = validation_options;
  to.push_back({"venues.*.validation.price_band", component, "", "20%",
                "How far a price may lie from the last good trade, else the previous close.", band()});
  to.push_back(
    {"venues.*.validation.price_bands", component, "", "{AAPL: 10%, \"BRK*\": off}",
     "Other bands for single symbols: the symbol's own, else that of the longest pattern, counts.",
     bind::pairs<of_validation<&validation::price_bands>>("a symbol or pattern with " + band_wanted, is_band)});
  to.push_back({"venues.*.validation.confirm", component, "prints", "5",
                "Refused prints in a row that agree among themselves: the market has moved, and the band follows.",
                bind::number<of_validation<&validation::confirm>>(1, 1'000)});
}

void add_memory(std::vector<key>& to) {
  to.push_back(
    {"venues.*.memory.present", component, "bytes", "64MiB",
     "Memory for orders and books that is there from the start, so that nothing waits for it in the session; "
     "the rest comes in time where it can. docs/operations.md.",
     bind::bytes<field<&venue_options::present_memory>>(0, 4'294'967'295u)});
}

} // namespace

void add_venues(std::vector<key>& to) {
  key plugin{
    "venues.*.plugin",
    component,
    "",
    "binance",
    "The plugin that speaks with the venue.",
    bind::plugin<field<&venue_options::plugin>>("the name of a venue plugin, or a path to one,", is_not_empty)};
  plugin.is_required = true;
  to.push_back(std::move(plugin));
  to.push_back({"venues.*.required", live, "", "true",
                "The server is not ready before this venue has told its symbols.",
                bind::flag<field<&venue_options::required>>()});
  to.push_back(
    {"venues.*.symbols", component, "", "[AAPL, \"BRK*\"]",
     "What is taken of the venue, `*` = any characters; empty: all but test symbols, which are named in full only.",
     bind::list<field<&venue_options::symbols>>(value_type::texts, "a name or pattern, or a list of them,",
                                                is_not_empty)});
  add_capture(to);
  add_breaker(to);
  add_backup(to);
  add_recovery(to);
  add_validation(to);
  add_memory(to);
  to.push_back({"venues.*.**", component, "", "x", "All other keys are the plugin's own.",
                settings<&venue_options::settings, &venue_options::content>()});
}

} // namespace tickplant::config::declare
