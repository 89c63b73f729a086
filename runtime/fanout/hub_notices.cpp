// What clients are told at once, beside their data: signals, and how streams stand.
#include "runtime/fanout/bits.hpp"
#include "runtime/fanout/hub_core.hpp"

#include <map>
#include <utility>

namespace tickplant::fanout {

namespace {

tp_str to_tp(std::string_view text) {
  return {text.data(), text.size()};
}

uint32_t status_of(book::trust state) {
  switch (state) {
    case book::trust::ok: return TP_STATUS_OK;
    case book::trust::awaiting: return TP_STATUS_RECOVERING;
    case book::trust::stale: return TP_STATUS_STALE;
  }
  return TP_STATUS_STALE;
}

} // namespace

// Told at once, like a reply, to each client that looks at the instrument's signals or at those of all: once.
void hub_core::tell_signal(const book::signal& signal, uint64_t wall_ns) {
  const auto made = to_signal(signal);
  tp_reply reply{};
  reply.struct_size = sizeof reply;
  reply.kind = TP_REPLY_SIGNAL;
  reply.wall_ms = static_cast<int64_t>(wall_ns / 1'000'000);
  reply.expires_ms = TP_NONE;
  reply.signal = &made;
  std::map<std::pair<const printer*, uint32_t>, bytes> printed; // by extras
  told_.assign(told_.size(), 0);
  for (const auto id : {signal.id, signal.all}) {
    if (model::index_of(id) >= instruments_.size()) continue;
    for (const auto row : instruments_[model::index_of(id)].rows) {
      const auto& c = clients_[row.client];
      const auto& options = options_[c.slots[row.slot].options].options;
      if (!(options.data_types & TP_DATA_SIGNALS) || has_bit(told_, row.client)) continue;
      set_bit(told_, row.client);
      reply.extras = options.extras;
      const auto [text, is_new] = printed.try_emplace({c.print, reply.extras});
      if (is_new && !c.print->reply(reply, text->second)) text->second.clear();
      if (text->second.empty()) continue; // a dialect that says nothing of signals
      port_.reply(c.key, c.print->opcode(), text->second);
      ++counters_.signals;
    }
  }
}

void hub_core::tell_status(const std::vector<uint32_t>& instruments, uint64_t wall_ns, uint32_t as) {
  struct told_client {
    uint32_t extras = 0; // which all its options have
    std::vector<tp_result> results;
  };
  std::map<uint32_t, told_client> by_client;
  std::vector<model::instrument_ptr> named; // keeps the texts of the results
  for (const uint32_t index : instruments) {
    const auto& state = instruments_[index].state;
    // One that never said anything is known by its name alone.
    const auto instrument = state.instrument ? state.instrument : names_.find(model::instrument_id{index});
    if (!instrument) continue;
    named.push_back(instrument);
    tp_result result{};
    result.struct_size = sizeof result;
    result.status = as != 0 ? as : status_of(state.state);
    result.symbol = to_tp(instrument->symbol);
    result.venue = to_tp(instrument->venue);
    result.reason = to_tp(state.reason);
    const auto tell = [&](const std::vector<row_ref>& rows) {
      for (const auto row : rows) {
        auto& [extras, results] = by_client[row.client];
        extras = options_[clients_[row.client].slots[row.slot].options].options.extras;
        // Two option sets of one client may look at the same instrument, and one at several lines of it.
        if (results.empty() || results.back().symbol.data != result.symbol.data) results.push_back(result);
      }
    };
    tell(instruments_[index].rows);
    for (const uint32_t number : instruments_[index].lines) tell(lines_[number]->rows);
  }
  bytes text;
  for (const auto& [index, told] : by_client) {
    const auto& c = clients_[index];
    tp_reply reply{};
    reply.struct_size = sizeof reply;
    reply.kind = TP_REPLY_STREAM_STATUS;
    reply.wall_ms = static_cast<int64_t>(wall_ns / 1'000'000);
    reply.result_count = static_cast<uint32_t>(told.results.size());
    reply.results = told.results.data();
    reply.extras = told.extras;
    text.clear();
    if (c.print->reply(reply, text)) port_.reply(c.key, c.print->opcode(), text);
  }
}

} // namespace tickplant::fanout
