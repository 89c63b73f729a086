#include "actors/metrics.hpp"

#include "runtime/telemetry/log.hpp"

#include <caf/telemetry/collector/prometheus.hpp>
#include <caf/telemetry/metric_registry.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace tickplant::actors {

namespace {

namespace metric = telemetry::metric;
using telemetry::metrics_text;

constexpr std::array<std::string_view, 6> venue_states{"starting",   "running",   "broken",
                                                       "restarting", "suspended", "no answer"};

void add_loop(metrics_text& text, std::string_view loop, const loop_figures& seen) {
  text.add(metric::loop_turns, {{"loop", loop}}, seen.turns);
  text.add(metric::loop_cut_turns, {{"loop", loop}}, seen.cut_turns);
  text.add(metric::loop_resumes, {{"loop", loop}}, seen.resumes);
  text.add(metric::loop_wakes, {{"loop", loop}}, seen.wakes);
}

void add_consolidation(metrics_text& text, const consolidation_counts& seen) {
  text.add(metric::consolidation_books, {{"state", "live"}}, seen.books - seen.stale_books);
  text.add(metric::consolidation_books, {{"state", "stale"}}, seen.stale_books);
  text.add(metric::consolidation_books, {{"state", "down"}}, seen.lost_books);
  text.add(metric::arbitrage_signals, {{"phase", "start"}}, seen.starts);
  text.add(metric::arbitrage_signals, {{"phase", "change"}}, seen.changes);
  text.add(metric::arbitrage_signals, {{"phase", "end"}}, seen.ends);
  text.add(metric::arbitrage_open, seen.open);
  text.add(metric::arbitrage_brief, seen.brief);
  text.add(metric::arbitrage_lost, seen.lost_signals);
}

void add_feed(metrics_text& text, std::string_view loop, const feed_counts& seen) {
  text.add(metric::feed_batches, {{"loop", loop}}, seen.batches);
  text.add(metric::feed_publications, {{"loop", loop}}, seen.publications);
  text.add(metric::feed_prints, {{"loop", loop}}, seen.prints);
  text.add(metric::feed_lost_prints, {{"loop", loop}}, seen.lost_prints);
  text.add(metric::feed_books, {{"loop", loop}, {"state", "live"}}, seen.books);
  text.add(metric::feed_books, {{"loop", loop}, {"state", "down"}}, seen.lost_books);
  text.add(metric::latency_book, {{"loop", loop}}, seen.to_book);
  if (seen.consolidation) add_consolidation(text, *seen.consolidation);
}

void add_hub(metrics_text& text, std::string_view loop, const network_counts& seen) {
  text.add(metric::hub_clients, {{"loop", loop}}, seen.hub_clients);
  text.add(metric::latency_hub, {{"loop", loop}}, seen.to_hub);
  text.add(metric::hub_batches, {{"loop", loop}}, seen.hub.batches);
  text.add(metric::hub_publications, {{"loop", loop}}, seen.hub.publications);
  text.add(metric::hub_encoded, {{"loop", loop}}, seen.hub.encoded);
  text.add(metric::hub_frames, {{"loop", loop}}, seen.hub.frames);
  text.add(metric::hub_updates, {{"loop", loop}}, seen.hub.updates);
  text.add(metric::hub_bytes, {{"loop", loop}}, seen.hub.bytes);
  text.add(metric::hub_signals, {{"loop", loop}}, seen.hub.signals);
  text.add(metric::hub_conflated, {{"loop", loop}}, seen.hub.conflated);
  text.add(metric::hub_packed_frames, {{"loop", loop}}, seen.hub.packed_frames);
  text.add(metric::hub_packed_parts, {{"loop", loop}}, seen.hub.packed_parts);
  text.add(metric::hub_saved_bytes, {{"loop", loop}}, seen.hub.bytes_saved);
  text.add(metric::hub_blocked, {{"loop", loop}}, seen.hub.blocked);
  text.add(metric::hub_variants_refused, {{"loop", loop}}, seen.hub.refused_variants);
  text.add(metric::hub_line_entries, {{"loop", loop}, {"kind", "trade"}}, seen.hub.trades);
  text.add(metric::hub_line_entries, {{"loop", loop}, {"kind", "book_delta"}}, seen.hub.deltas);
  text.add(metric::hub_line_entries, {{"loop", loop}, {"kind", "snapshot"}}, seen.hub.snapshots);
  text.add(metric::hub_gaps, {{"loop", loop}}, seen.hub.gaps);
  text.add(metric::hub_resumed, {{"loop", loop}, {"result", "resumed"}}, seen.hub.resumed);
  text.add(metric::hub_resumed, {{"loop", loop}, {"result", "failed"}}, seen.hub.not_resumed);
  text.add(metric::hub_slow_closed, {{"loop", loop}}, seen.hub.slow_closed);
  text.add(metric::hub_lines, {{"loop", loop}}, seen.hub.lines);
  text.add(metric::hub_line_bytes, {{"loop", loop}}, seen.hub.line_bytes);
}

// Close codes as net::client_counters::closed has them.
std::string code_class(size_t index) {
  if (index < 16) return std::to_string(1000 + index);
  if (index == 16) return "other";
  return std::to_string(40 + index - 17) + "xx";
}

void add_refusals(metrics_text& text, std::string_view loop, const net::client_counters& seen) {
  const std::array<std::pair<std::string_view, uint64_t>, 17> reasons{{{"full", seen.refused_full},
                                                                       {"address", seen.refused_address},
                                                                       {"address_rate", seen.refused_address_rate},
                                                                       {"draining", seen.refused_draining},
                                                                       {"bad_request", seen.bad_request},
                                                                       {"method", seen.method_refused},
                                                                       {"head_too_large", seen.head_too_large},
                                                                       {"head_timeout", seen.head_timeout},
                                                                       {"version", seen.version_refused},
                                                                       {"body", seen.body_refused},
                                                                       {"upgrade", seen.upgrade_refused},
                                                                       {"decide_timeout", seen.decide_timeout},
                                                                       {"protocol", seen.protocol_faults},
                                                                       {"slow_warned", seen.slow},
                                                                       {"stalled", seen.stalled},
                                                                       {"reply_overflow", seen.reply_overflow},
                                                                       {"tls", seen.tls_failed}}};
  for (const auto& [reason, count] : reasons)
    text.add(metric::client_refused, {{"loop", loop}, {"reason", reason}}, count);
}

void add_sockets(metrics_text& text, std::string_view loop, const network_counts& network) {
  const auto& seen = network.sockets;
  text.add(metric::client_accepted, {{"loop", loop}}, seen.adopted);
  add_refusals(text, loop, seen);
  for (const auto& [reason, count] : network.refused)
    text.add(metric::client_refused, {{"loop", loop}, {"reason", reason}}, count);
  text.add(metric::client_upgrades, {{"loop", loop}}, seen.upgrades);
  text.add(metric::client_http_requests, {{"loop", loop}}, seen.http_requests);
  text.add(metric::client_open, {{"loop", loop}}, seen.open);
  for (size_t i = 0; i < seen.closed.size(); ++i)
    text.add(metric::client_closed, {{"loop", loop}, {"code", code_class(i)}}, seen.closed[i]);
  text.add(metric::client_messages_in, {{"loop", loop}}, seen.messages_in);
  text.add(metric::client_messages_out, {{"loop", loop}}, seen.messages_out);
  text.add(metric::client_bytes_in, {{"loop", loop}}, seen.bytes_in);
  text.add(metric::client_bytes_out, {{"loop", loop}}, seen.bytes_out);
  text.add(metric::client_blocked, {{"loop", loop}}, seen.blocked);
  text.add(metric::client_blocked_writes, {{"loop", loop}}, seen.writes_blocked);
  text.add(metric::client_pings, {{"loop", loop}, {"direction", "out"}}, seen.pings_out);
  text.add(metric::client_pings, {{"loop", loop}, {"direction", "in"}}, seen.pings_in);
  text.add(metric::client_pongs, {{"loop", loop}}, seen.pongs_in);
  text.add(metric::client_kept, {{"loop", loop}}, network.outbox_bytes);
}

void add_line(metrics_text& text, const std::string& venue, const admin::line_row& line) {
  text.add(metric::venue_units, {{"venue", venue}, {"line", line.name}}, line.units);
  text.add(metric::venue_bytes, {{"venue", venue}, {"line", line.name}}, line.bytes);
  const auto lost = [&](std::string_view reason, uint64_t count) {
    text.add(metric::venue_lost_units, {{"venue", venue}, {"line", line.name}, {"reason", reason}}, count);
  };
  lost("truncated", line.truncated);
  lost("foreign", line.foreign);
  lost("kernel", line.kernel_drops);
}

void add_breaker(metrics_text& text, const admin::venue_row& row) {
  if (row.breaker.state.empty()) return;
  for (const auto* state : {"closed", "open", "half-open"})
    text.add(metric::venue_breaker, {{"venue", row.name}, {"state", state}},
             uint64_t{state == row.breaker.state ? 1u : 0u});
  text.add(metric::venue_breaker_openings, {{"venue", row.name}}, row.breaker.openings);
}

void add_recovery(metrics_text& text, const admin::venue_row& row) {
  const auto& r = row.recovery;
  const auto ended = [&](std::string_view outcome, uint64_t count) {
    text.add(metric::venue_gap_outcomes, {{"venue", row.name}, {"outcome", outcome}}, count);
  };
  text.add(metric::venue_gap_open, {{"venue", row.name}}, r.open);
  ended("filled", r.filled);
  ended("snapshot", r.snapshot);
  ended("stale", r.stale);
  text.add(metric::venue_gap_seconds, {{"venue", row.name}}, r.took);
  text.add(metric::venue_requests, {{"venue", row.name}, {"state", "running"}}, r.running);
  text.add(metric::venue_requests, {{"venue", row.name}, {"state", "waiting"}}, r.waiting);
  const auto results = {std::pair<std::string_view, uint64_t>{"asked", r.asked},
                        {"timeout", r.timeouts},
                        {"postponed", r.postponed},
                        {"limited", r.limited},
                        {"unsupported", r.unsupported}};
  for (const auto& [result, count] : results)
    text.add(metric::venue_request_results, {{"venue", row.name}, {"result", result}}, count);
  if (row.lines_in_use.empty()) return;
  for (const auto* group : {"primary", "backup"})
    text.add(metric::venue_lines, {{"venue", row.name}, {"group", group}},
             uint64_t{group == row.lines_in_use ? 1u : 0u});
  text.add(metric::venue_line_switches, {{"venue", row.name}}, row.line_switches);
}

void add_venue(metrics_text& text, const admin::venue_row& row) {
  text.add(metric::venue_restarts, {{"venue", row.name}}, row.restarts);
  for (const auto state : venue_states)
    text.add(metric::venue_state, {{"venue", row.name}, {"state", state}}, uint64_t{state == row.state ? 1u : 0u});
  add_breaker(text, row);
  if (!row.is_answered) return;
  text.add(metric::venue_events, {{"venue", row.name}}, row.events);
  for (const auto& [reason, count] : row.refusals)
    text.add(metric::venue_refused, {{"venue", row.name}, {"reason", reason}}, count);
  text.add(metric::venue_gaps, {{"venue", row.name}}, row.gaps_seen);
  add_recovery(text, row);
  text.add(metric::venue_resynchronisations, {{"venue", row.name}}, row.resynchronisations);
  text.add(metric::venue_instruments, {{"venue", row.name}}, row.instruments);
  for (const auto& [state, count] : row.books)
    text.add(metric::venue_books, {{"venue", row.name}, {"state", state}}, count);
  uint64_t messages = 0;
  for (const auto& [name, count] : row.counters)
    if (name.starts_with("messages.")) messages += count;
  text.add(metric::venue_messages, {{"venue", row.name}}, messages);
  for (const auto& line : row.lines) add_line(text, row.name, line);
}

} // namespace

loop_figures figures_of(const actor_loop& loop) {
  const auto& c = loop.counters();
  return {c.turns.load(std::memory_order_relaxed), c.resumes.load(std::memory_order_relaxed),
          c.wakes.load(std::memory_order_relaxed), c.cut_turns.load(std::memory_order_relaxed)};
}

void add_figures(metrics_text& text, const figures& seen) {
  for (const auto& [name, loop] : seen.loops) add_loop(text, name, loop);
  for (const auto& [name, feed] : seen.feeds) add_feed(text, name, feed);
  for (const auto& [name, network] : seen.networks) {
    add_hub(text, name, network);
    add_sockets(text, name, network);
  }
  for (const auto& venue : seen.venues) add_venue(text, venue);
  for (const auto& [kind, of] : seen.children) {
    text.add(metric::supervision_children, {{"kind", kind}}, of.children);
    text.add(metric::supervision_restarts, {{"kind", kind}}, of.restarts);
  }
  text.add(metric::config_attempted, seen.reload.attempts);
  text.add(metric::config_applied, seen.reload.applied);
  text.add(metric::config_refused, seen.reload.refused);
  text.add(metric::config_rolled_back, seen.reload.rolled_back);
  if (seen.is_ready) text.add(metric::health_ready, uint64_t{*seen.is_ready ? 1u : 0u});
  text.add(metric::config_is_current, uint64_t{seen.reload.last_reason.empty() ? 1u : 0u});
}

void add_log(metrics_text& text) {
  const auto lines = telemetry::count_log();
  for (size_t i = 0; i < lines.lines.size(); ++i)
    text.add(metric::log_lines, {{"level", telemetry::name_of(static_cast<telemetry::level>(i))}}, lines.lines[i]);
  text.add(metric::log_suppressed, lines.suppressed);
}

std::string caf_metrics(const caf::actor_system& system) {
  caf::telemetry::collector::prometheus collector;
  const auto seen = collector.collect_from(system.metrics());
  return {seen.begin(), seen.end()};
}

} // namespace tickplant::actors
