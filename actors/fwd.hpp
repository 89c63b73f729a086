// Names of what actors send each other, and the one block of type identities. Plugins never add to it.
// All types stay in this process: none is serialised.
#pragma once

#include "runtime/book/publication.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tickplant::actors {

struct child_spec;
struct child_info;
struct directory_news;
struct feed_batch;
struct hub_joined;
struct feed_joined;
struct interest_news;
struct interest_change;
struct consolidator_joined;
struct watch_news;
struct leg_news;
struct client_message;
struct client_closed;
struct row_change;
struct directory_change;
struct row_finished;
struct login_result;
struct venue_status;
struct reload_report;
struct reload_history;
struct feed_status;
struct hub_status;
struct admin_query;
struct admin_news;

} // namespace tickplant::actors

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(tickplant, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::child_spec))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::child_info))
  CAF_ADD_TYPE_ID(tickplant, (std::vector<tickplant::actors::child_info>))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::directory_news))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::feed_batch))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::hub_joined))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::feed_joined))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::interest_news))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::interest_change))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::consolidator_joined))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::watch_news))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::leg_news))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::client_message))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::client_closed))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::row_change))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::directory_change))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::row_finished))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::login_result))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::reload_report))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::reload_history))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::venue_status))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::feed_status))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::hub_status))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::admin_query))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::actors::admin_news))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::book::publication))
  CAF_ADD_TYPE_ID(tickplant, (tickplant::model::instrument_id))

  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, children)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, start_child)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, stop_child)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, status)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, taken)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, snapshot)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, resynchronise)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, adapter_up)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, hub_up)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, legs_taken)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, adopt)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, drain)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, rules_changed)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, caught_up)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, deadline)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, reload)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, rollback)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, retry)
  CAF_ADD_ATOM(tickplant, tickplant::actors::atom, use_lines)
CAF_END_TYPE_ID_BLOCK(tickplant)
// clang-format on

#define TP_LOCAL_MESSAGE(TYPE) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(TYPE)
TP_LOCAL_MESSAGE(tickplant::actors::child_spec)
TP_LOCAL_MESSAGE(tickplant::actors::child_info)
TP_LOCAL_MESSAGE(std::vector<tickplant::actors::child_info>)
TP_LOCAL_MESSAGE(tickplant::actors::directory_news)
TP_LOCAL_MESSAGE(tickplant::actors::feed_batch)
TP_LOCAL_MESSAGE(tickplant::actors::hub_joined)
TP_LOCAL_MESSAGE(tickplant::actors::feed_joined)
TP_LOCAL_MESSAGE(tickplant::actors::interest_news)
TP_LOCAL_MESSAGE(tickplant::actors::interest_change)
TP_LOCAL_MESSAGE(tickplant::actors::consolidator_joined)
TP_LOCAL_MESSAGE(tickplant::actors::watch_news)
TP_LOCAL_MESSAGE(tickplant::actors::leg_news)
TP_LOCAL_MESSAGE(tickplant::actors::client_message)
TP_LOCAL_MESSAGE(tickplant::actors::client_closed)
TP_LOCAL_MESSAGE(tickplant::actors::row_change)
TP_LOCAL_MESSAGE(tickplant::actors::directory_change)
TP_LOCAL_MESSAGE(tickplant::actors::row_finished)
TP_LOCAL_MESSAGE(tickplant::actors::login_result)
TP_LOCAL_MESSAGE(tickplant::actors::reload_report)
TP_LOCAL_MESSAGE(tickplant::actors::reload_history)
TP_LOCAL_MESSAGE(tickplant::actors::venue_status)
TP_LOCAL_MESSAGE(tickplant::actors::feed_status)
TP_LOCAL_MESSAGE(tickplant::actors::hub_status)
TP_LOCAL_MESSAGE(tickplant::actors::admin_query)
TP_LOCAL_MESSAGE(tickplant::actors::admin_news)
TP_LOCAL_MESSAGE(tickplant::book::publication)
TP_LOCAL_MESSAGE(tickplant::model::instrument_id)
#undef TP_LOCAL_MESSAGE
