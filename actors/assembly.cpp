#include "actors/assembly.hpp"

#include "actors/venue_session.hpp"
#include "actors/venue_worlds.hpp"

#include "runtime/capture/format.hpp"
#include "runtime/config/percentage.hpp"
#include "runtime/model/decimal.hpp"
#include "runtime/net/client/tls_server.hpp"
#include "runtime/plugin/venue_host.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/otlp_sender.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace tickplant::actors {

namespace {

uint64_t to_ns(std::chrono::milliseconds time) {
  return static_cast<uint64_t>(time.count()) * 1'000'000;
}

/// Filled in place: of a temporary that is moved in, g++ 12 warns without cause.
void add_fault(std::vector<config::fault>& to, const config::place& where, std::string path, std::string problem) {
  auto& made = to.emplace_back();
  made.where = where;
  made.path = std::move(path);
  made.problem = std::move(problem);
}

/// What a plugin complains of, with the place where the setting stands.
void add_complaints(const std::string& path, const config::place& where, const std::vector<config::flat_setting>& known,
                    const std::vector<plugin::complaint>& complaints, std::vector<config::fault>& faults) {
  for (const auto& complaint : complaints) {
    auto place = where;
    for (const auto& setting : known)
      if (setting.key == complaint.key) place = setting.at;
    add_fault(faults, place, path + (complaint.key.empty() ? "" : "." + complaint.key), complaint.problem);
  }
}

void throw_faults(std::vector<config::fault> faults) {
  if (!faults.empty()) throw config::config_fault{std::move(faults)};
}

[[noreturn]] void throw_fault(const config::place& where, std::string path, std::string problem) {
  std::vector<config::fault> one;
  add_fault(one, where, std::move(path), std::move(problem));
  throw config::config_fault{std::move(one)};
}

/// A plugin that cannot be had is a fault of the place that names it.
template <class Find>
auto found_at(const config::place& where, const std::string& path, Find find) -> decltype(find()) {
  try {
    return find();
  } catch (const plugin::plugin_fault& fault) {
    throw_fault(where, path, fault.what());
  }
}

std::string base_folder_of(const config::place& where) {
  return std::filesystem::absolute(where.file.empty() ? "." : where.file).parent_path().string();
}

} // namespace

std::string shown_name(std::string configured) {
  std::transform(configured.begin(), configured.end(), configured.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return configured;
}

plugin::log_function log_as(std::string component) {
  return [component = std::move(component)](int level, std::string_view text) {
    const auto at = level == TP_LOG_DEBUG     ? telemetry::level::debug
                    : level == TP_LOG_WARNING ? telemetry::level::warning
                    : level == TP_LOG_ERROR   ? telemetry::level::error
                                              : telemetry::level::info;
    telemetry::log(at, component, text);
  };
}

config::policy_options policy_of(const std::vector<config::policy_options>& configured, const std::string& name,
                                 const config::place& where) {
  for (const auto& policy : configured)
    if (policy.name == name) return policy;
  config::policy_options plain;
  plain.name = plain.plugin = name;
  plain.where = where;
  return plain;
}

namespace {

// Whatever the backup names replaces all of the same first name: half of a primary group would be neither.
std::vector<config::flat_setting> with_backup(const config::venue_options& venue) {
  const auto first_of = [](const std::string& key) { return key.substr(0, key.find('.')); };
  std::set<std::string> replaced;
  for (const auto& setting : venue.backup.settings) replaced.insert(first_of(setting.key));
  auto all = venue.settings;
  std::erase_if(all, [&](const auto& setting) { return replaced.contains(first_of(setting.key)); });
  all.insert(all.end(), venue.backup.settings.begin(), venue.backup.settings.end());
  return all;
}

// The symbol's own band, else that of the longest pattern, else the venue's.
std::function<book::band_rule(std::string_view)> bands_of(const config::venue_options& venue) {
  const auto& v = venue.validation;
  if (v.price_band_ppm == 0 && v.price_bands.empty()) return {};
  return [v](std::string_view symbol) {
    book::band_rule rule{v.price_band_ppm, v.confirm};
    size_t longest = 0;
    for (const auto& [pattern, band] : v.price_bands) {
      if (pattern == symbol) return book::band_rule{config::to_ppm(band).value_or(0), v.confirm};
      if (pattern.size() < longest || !matches(pattern, symbol)) continue;
      longest = pattern.size();
      rule.ppm = config::to_ppm(band).value_or(0);
    }
    return rule;
  };
}

venue_care care_of(const config::venue_options& venue) {
  const auto& b = venue.breaker;
  venue_care care;
  care.breaker = {b.failures, b.period, b.open_first, b.open_max, b.healthy, care.breaker.jitter};
  care.lines = {b.line_limit, b.silence_limit};
  care.recovery_limit = b.recovery_limit;
  if (!venue.replay_files.empty()) { // a capture has the outages of its day in it, and one group of lines
    care.lines = {std::chrono::nanoseconds{0}, std::chrono::nanoseconds{0}};
    care.recovery_limit = std::chrono::nanoseconds{0};
  }
  const auto& of = venue.backup;
  care.groups = {!of.settings.empty() && venue.replay_files.empty(), of.failures,
                 of.way_back == "after"      ? supervision::way_back::after
                 : of.way_back == "operator" ? supervision::way_back::by_operator
                                             : supervision::way_back::restart,
                 of.after};
  care.recovery.most_running = venue.recovery.requests;
  care.recovery.timeout_ns = to_ns(venue.recovery.timeout);
  return care;
}

} // namespace

void assembly::check_venues(const std::vector<config::venue_options>& venues) {
  std::vector<config::fault> faults;
  for (const auto& venue : venues) {
    const auto plugin =
      found_at(venue.where, "venues." + venue.name + ".plugin", [&] { return plugins_.venue(venue.plugin); });
    plugin::settings_list settings;
    try {
      settings = settings_of(venue);
    } catch (const capture::capture_fault& fault) {
      add_fault(faults, venue.where, "venues." + venue.name + ".replay.files", fault.what());
      continue;
    }
    const auto complaints = plugin::venue_host::validate(plugin, settings, log_as("venue " + shown_name(venue.name)));
    add_complaints("venues." + venue.name, venue.where, venue.settings, complaints, faults);
    if (venue.backup.settings.empty() || !complaints.empty()) continue;
    const auto of_backup = plugin::venue_host::validate(plugin, config::pairs_of(with_backup(venue)),
                                                        log_as("venue " + shown_name(venue.name)));
    add_complaints("venues." + venue.name + ".backup", venue.where, venue.backup.settings, of_backup, faults);
  }
  throw_faults(std::move(faults));
}

std::shared_ptr<const venue_setup> assembly::venue(const config::venue_options& options, net::event_loop* events) {
  auto setup = std::make_shared<venue_setup>(venue_setup{shown_name(options.name),
                                                         plugins_.venue(options.plugin),
                                                         settings_of(options),
                                                         options.symbols,
                                                         {},
                                                         {},
                                                         care_of(options)});
  setup->band = bands_of(options);
  setup->present_memory = options.present_memory;
  if (setup->care.groups.has_backup) setup->backup = config::pairs_of(with_backup(options));
  if (!options.capture_folder.empty() && !disk_)
    disk_ = std::make_shared<capture::disk>([](bool is_error, std::string_view text) {
      telemetry::log(is_error ? telemetry::level::error : telemetry::level::info, "capture", text);
    });
  setup->open_world = world_of(options, events, disk_);
  return setup;
}

auth_policies assembly::auth(const config::server_options& options, const config::server_options* before,
                             const auth_policies& now) {
  auth_policies made;
  std::vector<config::fault> faults;
  for (const auto& listener : options.listeners) {
    if (made.contains(listener.auth)) continue;
    const auto wanted = policy_of(options.auth, listener.auth, listener.where);
    if (const auto kept = now.find(listener.auth); before && kept != now.end()) {
      const auto had = policy_of(before->auth, listener.auth, listener.where);
      if (had == wanted) { // what its files hold is compared too
        made.insert(*kept);
        continue;
      }
    }
    plugin::auth_host_options of_host;
    of_host.settings = config::pairs_of(wanted.settings);
    of_host.base_folder = base_folder_of(wanted.where);
    of_host.log = log_as("auth " + wanted.name);
    const auto plugin = found_at(wanted.where, "auth." + wanted.name, [&] { return plugins_.auth(wanted.plugin); });
    const auto complaints = plugin::auth_host::validate(plugin, of_host);
    add_complaints("auth." + wanted.name, wanted.where, wanted.settings, complaints, faults);
    if (!complaints.empty()) continue;
    auto host = std::make_shared<plugin::auth_host>(plugin, std::move(of_host));
    if (!host->create()) {
      add_complaints("auth." + wanted.name, wanted.where, wanted.settings, host->complaints(), faults);
      add_fault(faults, wanted.where, "auth." + wanted.name, host->why_broken());
      continue;
    }
    made.emplace(wanted.name, std::make_shared<const auth_policy>(auth_policy{wanted.name, std::move(host)}));
  }
  throw_faults(std::move(faults));
  return made;
}

std::vector<std::shared_ptr<compression_place>> assembly::compressions(const config::server_options& options) {
  std::vector<std::shared_ptr<compression_place>> made;
  std::vector<config::fault> faults;
  std::set<std::string> seen;
  for (const auto& listener : options.listeners) {
    if (listener.compression == "none" || !seen.insert(listener.compression).second) continue;
    const auto wanted = policy_of(options.compression, listener.compression, listener.where);
    auto place = std::make_shared<compression_place>();
    place->name = wanted.name;
    const auto plugin =
      found_at(wanted.where, "compression." + wanted.name, [&] { return plugins_.compression(wanted.plugin); });
    place->host = std::make_unique<plugin::compression_host>(plugin, config::pairs_of(wanted.settings),
                                                             log_as("compression " + wanted.name));
    if (!place->host->create()) {
      add_complaints("compression." + wanted.name, wanted.where, wanted.settings, place->host->complaints(), faults);
      if (place->host->complaints().empty())
        add_fault(faults, wanted.where, "compression." + wanted.name, place->host->why_broken());
      continue;
    }
    place->packer = std::make_unique<fanout::packer>(*place->host);
    made.push_back(std::move(place));
  }
  throw_faults(std::move(faults));
  return made;
}

std::vector<std::unique_ptr<dialect_place>> assembly::dialects(const config::server_options& options,
                                                               const gateway_context* context) {
  std::vector<std::unique_ptr<dialect_place>> made;
  for (const auto& listener : options.listeners) {
    for (const auto& [path, name] : listener.routes) {
      const bool is_known = (context && std::any_of(context->dialects.begin(), context->dialects.end(),
                                                    [&](const auto& d) { return d->name == name; })) ||
                            std::any_of(made.begin(), made.end(), [&](const auto& d) { return d->name == name; });
      if (is_known) continue;
      auto place = std::make_unique<dialect_place>();
      place->name = name;
      const auto plugin = found_at(listener.where, "listeners." + listener.name + ".routes." + path,
                                   [&] { return plugins_.dialect(name); });
      place->host = std::make_unique<plugin::dialect_host>(plugin, plugin::settings_list{}, log_as("dialect " + name));
      if (!place->host->create())
        throw_fault(listener.where, "listeners." + listener.name + ".routes." + path,
                    "dialect " + name + ": " + place->host->why_broken() + ' ' + to_text(place->host->complaints()));
      place->print = std::make_unique<fanout::printer>(*place->host);
      made.push_back(std::move(place));
    }
  }
  return made;
}

listener_rules_ptr assembly::rules(const config::listener_options& listener, const auth_policies& policies) {
  auto rules = std::make_shared<listener_rules>();
  const auto path = "listeners." + listener.name;
  rules->name = listener.name;
  rules->dialects = {listener.routes.begin(), listener.routes.end()};
  try {
    if (!listener.page.empty())
      rules->page = std::make_shared<const net::static_files>(net::static_files::load(listener.page));
  } catch (const std::exception& fault) {
    throw_fault(listener.where, path + ".page", fault.what());
  }
  rules->auth = policies.at(listener.auth);
  if (listener.compression != "none") rules->compression = listener.compression;
  std::vector<policy::origin_fault> wrong;
  rules->origins = policy::origin_list::compile(listener.origins, wrong);
  for (const auto& fault : wrong)
    throw_fault(listener.where, path + ".origins." + std::to_string(fault.entry), fault.problem);
  rules->takes_query_token = listener.query_token;
  rules->serves_metrics = listener.metrics;
  rules->has_stamps = listener.stamps;
  auto& gate = gates_[listener.name];
  if (!gate) gate = std::make_shared<net::address_gate>();
  rules->sockets.gate = gate;
  if (listener.max_connections != 0) rules->sockets.bounds.sockets = listener.max_connections;
  rules->sockets.bounds.per_address = listener.max_per_address;
  rules->sockets.bounds.connects = {listener.connects_per_address, listener.connects_per_address, 60'000'000'000};
  try {
    if (!listener.tls.certificate.empty())
      rules->sockets.tls = net::tls_server::load(listener.tls.certificate, listener.tls.key);
    if (rules->sockets.tls && !rules->sockets.tls->warning().empty())
      telemetry::log(telemetry::level::warning, "listener", listener.name + ": " + rules->sockets.tls->warning());
  } catch (const std::exception& fault) {
    throw_fault(listener.where, path + ".tls", fault.what());
  }
  return rules;
}

gateway_settings_ptr assembly::settings(const config::server_options& options) const {
  auto settings = std::make_shared<gateway_settings>();
  const auto& limits = options.limits;
  settings->session.max_symbols = limits.max_symbols;
  settings->session.max_depth = limits.max_depth;
  settings->session.max_message = limits.message_bytes;
  settings->session.heartbeat_ms = static_cast<uint32_t>(limits.ping_interval.count());
  settings->session.has_signals = options.consolidation.enabled && options.consolidation.arbitrage.enabled;
  settings->clients.max_clients = limits.clients;
  settings->clients.message_limit = limits.message_bytes;
  settings->clients.handshake_ns = to_ns(limits.handshake);
  settings->clients.ping_interval_ns = to_ns(limits.ping_interval);
  settings->clients.pong_wait_ns = to_ns(limits.pong_wait);
  settings->clients.stall_ns = to_ns(limits.stall);
  settings->auth_deadline = limits.auth_deadline;
  settings->window = options.window;
  settings->lines = {limits.resume_bytes, limits.resume_total};
  settings->idle = limits.idle;
  settings->come_back = {static_cast<uint32_t>(limits.retry_after.count()),
                         static_cast<uint32_t>(limits.retry_spread.count())};
  for (const auto& dialect : options.dialects) {
    constexpr uint64_t second = 1'000'000'000, minute = 60 * second;
    settings->rates[dialect.name] = {{dialect.messages, dialect.burst, second},
                                     {dialect.requests, dialect.requests, minute},
                                     {dialect.warnings, dialect.warnings, minute}};
  }
  std::vector<policy::tier_rules> tiers;
  std::vector<config::fault> faults;
  for (const auto& tier : options.tiers) {
    for (size_t i = 0; i < tier.symbols.size(); ++i)
      if (const auto problem = policy::pattern_set::problem_of(tier.symbols[i]); !problem.empty())
        add_fault(faults, tier.where, "tiers." + tier.name + ".symbols." + std::to_string(i), problem);
    policy::tier_rules rules;
    rules.name = tier.name;
    rules.symbols = tier.symbols;
    rules.data_types = tier.data_types;
    rules.depth = tier.depth;
    rules.min_frequency_ms = tier.min_frequency_ms;
    rules.max_symbols = tier.max_symbols;
    rules.max_connections = tier.max_connections == 0 ? policy::no_bound : tier.max_connections;
    rules.oldest_gives_way = tier.at_limit == "close_oldest";
    tiers.push_back(std::move(rules));
  }
  throw_faults(std::move(faults));
  settings->tiers = policy::tier_table{std::move(tiers)};
  const auto problem =
    options.telemetry.otlp.empty() ? std::string{} : telemetry::fault_of_collector(options.telemetry.otlp);
  if (!problem.empty()) throw_fault({}, "telemetry.otlp", problem);
  for (const auto& venue : options.venues)
    if (venue.required) settings->required.push_back(shown_name(venue.name));
  return settings;
}

consolidation::rules assembly::consolidation_rules(const config::server_options& options) {
  const auto& wanted = options.consolidation;
  const auto parts = [](const std::string& bps) { return model::parse_decimal(bps, -4).mantissa; };
  const auto factor = [](const std::string& text) {
    const auto read = model::parse_decimal(text);
    return consolidation::factor{read.mantissa, read.exponent};
  };
  const auto leg_name = [](const std::string& leg) { // venues in upper case, symbols as the venue writes them
    const auto colon = leg.find(':');
    return shown_name(leg.substr(0, colon)) + leg.substr(colon);
  };
  consolidation::rules rules;
  rules.by_symbol = wanted.by_symbol;
  for (const auto& venue : options.venues) rules.venues.push_back(shown_name(venue.name));
  for (const auto& listing : wanted.cross_listings) {
    auto& made = rules.listings.emplace_back();
    made.name = listing.name;
    made.currency = listing.currency;
    for (const auto& leg : listing.legs) made.legs.push_back(leg_name(leg));
    for (const auto& [leg, text] : listing.factors) made.prices[leg_name(leg)] = factor(text);
    for (const auto& [leg, text] : listing.size_factors) made.sizes[leg_name(leg)] = factor(text);
  }
  auto& arbitrage = rules.arbitrage;
  arbitrage.is_on = wanted.arbitrage.enabled;
  arbitrage.min_edge = parts(wanted.arbitrage.min_edge_bps);
  arbitrage.min_price_edge = factor(wanted.arbitrage.min_edge);
  arbitrage.min_duration_ns = to_ns(wanted.arbitrage.min_duration);
  arbitrage.change_interval_ns = to_ns(wanted.arbitrage.change_interval);
  arbitrage.edge_step = parts(wanted.arbitrage.edge_step_bps);
  arbitrage.size_step = wanted.arbitrage.size_step;
  for (const auto& [venue, fee] : wanted.fees) arbitrage.fees[shown_name(venue)] = parts(fee);
  return rules;
}

std::vector<std::string> assembly::watched(const config::server_options& options, const auth_policies& policies) {
  auto files = options.files;
  for (const auto& [name, policy] : policies)
    files.insert(files.end(), policy->host->files().begin(), policy->host->files().end());
  for (const auto& listener : options.listeners)
    for (const auto& file : {listener.tls.certificate, listener.tls.key})
      if (!file.empty()) files.push_back(file);
  return files;
}

} // namespace tickplant::actors
