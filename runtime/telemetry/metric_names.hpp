// Every metric of the server, declared once: tickplant_<folder>_<noun>[_<unit>][_total]. Labels are named behind each;
// their values come from the configuration or from a fixed set, never from clients, so that series stay few.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tickplant::telemetry {

enum class metric_type : uint8_t { counter, gauge, histogram };

struct metric_family {
  std::string_view name;
  metric_type type = metric_type::counter;
  std::string_view help;
};

namespace metric {

// X(identifier, name behind "tickplant_", type, help). The list below is what the identifiers and `all` are made of.
#define TP_METRICS(X)                                                                                                  \
  /* venues, by venue; refused also by reason, messages by kind of line, state by state */                             \
  X(venue_events, "venue_events_total", counter, "Events that the venue's plugin emitted")                             \
  X(venue_refused, "venue_refused_events_total", counter, "Events that a book refused, by reason")                     \
  X(venue_gaps, "venue_gaps_total", counter, "Gaps in the venue's sequence numbers")                                   \
  X(venue_gap_open, "venue_open_gaps", gauge, "Gaps that have not ended so far")                                       \
  X(venue_resynchronisations, "venue_resynchronisations_total", counter, "Times that books were asked for anew")       \
  X(venue_books, "venue_books", gauge, "Books that are live, awaiting (a picture, or anybody who looks), or stale")    \
  X(venue_restarts, "venue_restarts_total", counter, "Restarts of the venue's adapter")                                \
  X(venue_units, "venue_units_total", counter, "Datagrams, messages and records that arrived, by line")                \
  X(venue_bytes, "venue_received_bytes_total", counter, "Bytes that arrived, by line")                                 \
  X(venue_lost_units, "venue_lost_units_total", counter, "Datagrams dropped before decoding, by line and reason")      \
  X(venue_messages, "venue_messages_total", counter, "Messages that the venue's plugin decoded")                       \
  X(venue_state, "venue_state", gauge, "1 for the state that the venue is in, 0 for the others")                       \
  X(venue_instruments, "venue_instruments", gauge, "Instruments that the venue has named")                             \
  X(venue_breaker, "venue_breaker_state", gauge, "1 for the state that the venue's breaker is in, 0 for the others")   \
  X(venue_breaker_openings, "venue_breaker_openings_total", counter, "Times that the venue was suspended")             \
  X(venue_lines, "venue_lines_in_use", gauge, "1 for the group of lines in use, primary or backup, 0 for the other")   \
  X(venue_line_switches, "venue_line_switches_total", counter, "Times that the other group of lines was taken")        \
  X(venue_gap_outcomes, "venue_gap_outcomes_total", counter, "Gaps that ended, by outcome: filled, snapshot, stale")   \
  X(venue_gap_seconds, "venue_gap_duration_seconds", histogram, "From a gap to its outcome")                           \
  X(venue_requests, "venue_recovery_requests", gauge, "Books and channels asked for anew, by state: running, waiting") \
  X(venue_request_results, "venue_recovery_requests_total", counter,                                                   \
    "Requests for books and channels, by result: asked, timeout, postponed, limited, unsupported")                     \
  /* feed loops, by loop */                                                                                            \
  X(feed_batches, "feed_batches_total", counter, "Publication batches handed to hubs")                                 \
  X(feed_publications, "feed_publications_total", counter, "Publications of books")                                    \
  X(feed_prints, "feed_prints_total", counter, "Prints, breaks and corrections put on tapes that somebody wants")      \
  X(feed_lost_prints, "feed_lost_prints_total", counter, "Prints that a hub without credit did not get")               \
  X(feed_books, "feed_books", gauge, "Books kept, by state")                                                           \
  /* consolidation */                                                                                                  \
  X(consolidation_books, "consolidation_books", gauge, "Consolidated books, by state")                                 \
  X(arbitrage_signals, "arbitrage_signals_total", counter, "Signals of crossed and locked markets, by phase")          \
  X(arbitrage_open, "arbitrage_open", gauge, "Opportunities that stand")                                               \
  X(arbitrage_brief, "arbitrage_brief_total", counter, "Opportunities that were over too soon to be told")             \
  X(arbitrage_lost, "arbitrage_lost_signals_total", counter, "Signals that a hub without credit did not get")          \
  /* hubs, by loop; by dialect where one stands behind it */                                                           \
  X(hub_clients, "hub_clients", gauge, "Clients attached to the hub")                                                  \
  X(hub_batches, "hub_batches_total", counter, "Publication batches taken in")                                         \
  X(hub_publications, "hub_publications_total", counter, "Publications taken in")                                      \
  X(hub_encoded, "hub_encoded_total", counter, "Encodings made, each for all clients of a variant")                    \
  X(hub_frames, "hub_frames_total", counter, "Frames handed to sockets")                                               \
  X(hub_updates, "hub_updates_total", counter, "Updates inside of these frames")                                       \
  X(hub_bytes, "hub_sent_bytes_total", counter, "Bytes of these frames")                                               \
  X(hub_signals, "hub_signals_total", counter, "Signals told, each client counted")                                    \
  X(hub_conflated, "hub_conflated_total", counter, "Updates merged into a newer one before they were sent")            \
  X(hub_packed_frames, "hub_packed_frames_total", counter, "Frames sent compressed")                                   \
  X(hub_packed_parts, "hub_packed_parts_total", counter, "Elements compressed, each for all clients of a group")       \
  X(hub_saved_bytes, "hub_saved_bytes_total", counter, "Bytes that compression kept off the wire")                     \
  X(hub_blocked, "hub_blocked_total", counter, "Times that a client's socket was full")                                \
  X(hub_variants_refused, "hub_refused_variants_total", counter, "Subscriptions refused for one variant too many")     \
  X(hub_line_entries, "hub_line_entries_total", counter, "Entries of lines sent, by what they are")                    \
  X(hub_gaps, "hub_gaps_total", counter, "Gaps in lines that clients were told of")                                    \
  X(hub_resumed, "hub_resumed_total", counter, "Lines that went on where a client was, or could not, by result")       \
  X(hub_slow_closed, "hub_slow_closed_total", counter, "Clients closed for being too slow, as they subscribed")        \
  X(hub_lines, "hub_lines", gauge, "Lines of trades and book changes that are kept")                                   \
  X(hub_line_bytes, "hub_line_bytes", gauge, "Memory of these lines")                                                  \
  /* client sockets, by loop or listener; refused by reason, closed by code */                                         \
  X(client_accepted, "client_accepted_total", counter, "Connections accepted")                                         \
  X(client_refused, "client_refused_total", counter, "Connections and requests refused, by reason")                    \
  X(client_upgrades, "client_upgrades_total", counter, "WebSocket upgrades")                                           \
  X(client_http_requests, "client_http_requests_total", counter, "HTTP requests")                                      \
  X(client_open, "client_open_connections", gauge, "WebSocket clients connected")                                      \
  X(client_closed, "client_closed_total", counter, "WebSocket clients that ended, by close code")                      \
  X(client_messages_in, "client_received_messages_total", counter, "Messages of clients")                              \
  X(client_messages_out, "client_sent_messages_total", counter, "Messages to clients")                                 \
  X(client_bytes_in, "client_received_bytes_total", counter, "Bytes of clients")                                       \
  X(client_bytes_out, "client_sent_bytes_total", counter, "Bytes to clients")                                          \
  X(client_blocked, "client_blocked_total", counter, "Times that a client took its data too slowly")                   \
  X(client_blocked_writes, "client_blocked_writes_total", counter, "Writes put off for a client that was blocked")     \
  X(client_pings, "client_pings_total", counter, "Pings sent and received, by direction")                              \
  X(client_pongs, "client_pongs_total", counter, "Pongs received")                                                     \
  X(client_kept, "client_outbox_bytes", gauge, "Bytes that wait in clients' outboxes")                                 \
  /* loops, by loop */                                                                                                 \
  X(loop_turns, "loop_turns_total", counter, "Turns of the actors' loop")                                              \
  X(loop_cut_turns, "loop_cut_turns_total", counter, "Turns that ended at their bound with work left")                 \
  X(loop_resumes, "loop_resumes_total", counter, "Actors resumed")                                                     \
  X(loop_wakes, "loop_wakes_total", counter, "Times that another thread woke the loop")                                \
  /* supervision */                                                                                                    \
  X(supervision_restarts, "supervision_restarts_total", counter, "Actors started again, by kind of child")             \
  X(supervision_children, "supervision_children", gauge, "Actors under supervision, by kind of child")                 \
  /* auth, by policy; refused by code */                                                                               \
  X(auth_checked, "auth_checked_total", counter, "Credentials checked")                                                \
  X(auth_accepted, "auth_accepted_total", counter, "Credentials accepted")                                             \
  X(auth_refused, "auth_refused_total", counter, "Credentials refused, by code")                                       \
  X(auth_queue, "auth_queued_checks", gauge, "Checks that wait for a worker")                                          \
  X(auth_overflow, "auth_overflow_total", counter, "Checks refused because the queue was full")                        \
  /* configuration */                                                                                                  \
  X(config_attempted, "config_reloads_attempted_total", counter, "Reloads begun, by trigger")                          \
  X(config_applied, "config_reloads_applied_total", counter, "Reloads applied")                                        \
  X(config_refused, "config_reloads_refused_total", counter, "Reloads refused before anything changed")                \
  X(config_rolled_back, "config_reloads_rolled_back_total", counter, "Reloads undone because a step failed")           \
  X(config_last_success, "config_last_success_timestamp_seconds", gauge, "When the settings in force were applied")    \
  X(config_is_current, "config_is_current", gauge, "1 if the last reload was applied, 0 if it was not")                \
  /* traces */                                                                                                         \
  X(trace_recorded, "telemetry_spans_recorded_total", counter, "Spans taken in")                                       \
  X(trace_exported, "telemetry_spans_exported_total", counter, "Spans that the collector has")                         \
  X(trace_dropped, "telemetry_spans_dropped_total", counter, "Spans dropped, by reason: queue, export, rejected")      \
  /* log */                                                                                                            \
  X(log_lines, "telemetry_log_lines_total", counter, "Log lines written, by level")                                    \
  X(log_suppressed, "telemetry_log_lines_suppressed_total", counter, "Log lines left out for their cause's rate")      \
  /* latencies, by loop */                                                                                             \
  X(latency_book, "latency_receive_to_book_seconds", histogram, "From a unit's arrival to the book's change")          \
  X(latency_hub, "latency_receive_to_hub_seconds", histogram, "From a unit's arrival to the hub")                      \
  /* the process */                                                                                                    \
  X(health_ready, "health_ready", gauge, "1 while the server is ready for clients, 0 while it is not")                 \
  X(process_resident, "process_resident_memory_bytes", gauge, "Resident memory")                                       \
  X(process_descriptors, "process_open_fds", gauge, "Files and sockets open")                                          \
  X(process_max_descriptors, "process_max_fds", gauge, "Files and sockets that may be open")                           \
  X(process_threads, "process_threads", gauge, "Threads")                                                              \
  X(process_cpu, "process_cpu_seconds_total", counter, "Processor time, user and system")                              \
  X(process_start, "process_start_time_seconds", gauge, "When the process was started, since 1970")                    \
  X(build, "build_info", gauge, "1, with version and compiler as labels")

#define TP_METRIC_FAMILY(id, name, kind, help)                                                                         \
  inline constexpr metric_family id{"tickplant_" name, metric_type::kind, help};
TP_METRICS(TP_METRIC_FAMILY)
#undef TP_METRIC_FAMILY

#define TP_METRIC_POINTER(id, name, kind, help) &id,
inline constexpr auto all = std::to_array<const metric_family*>({TP_METRICS(TP_METRIC_POINTER)});
#undef TP_METRIC_POINTER
#undef TP_METRICS

} // namespace metric

} // namespace tickplant::telemetry
