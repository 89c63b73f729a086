// A session behind the dialect `hft`: JSON in; replies as JSON and orders about rows as short texts out. Main type
// hft_session, a fixture; the test program links the dialect's objects.
#pragma once

#include "runtime/fanout/session.hpp"

#include "tests/support/fanout_builders.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::tests {

struct told_host final : fanout::session_host {
  const book::publication* state_of(model::instrument_id) const override { return nullptr; }
  fanout::line_places places_of(fanout::client_key client, uint32_t from) const override {
    EXPECT_EQ(client, (fanout::client_key{3, 1}));
    if (many_places) return many_places(from);
    return {{{model::instrument_id{0}, TP_SERIES_TRADES, 7, 42}}, 0, 0};
  }
  bool has_room(fanout::client_key, const fanout::option_set& options) const override {
    return !refuses_fields || options.fields == 0;
  }
  std::function<fanout::line_places(uint32_t from)> many_places; // empty: one
  bool refuses_fields = false;
};

struct hft_session : testing::Test {
  fanout::directory names;
  std::unique_ptr<plugin::dialect_host> dialect;
  std::optional<fanout::printer> print;
  told_host host;
  fanout::session_limits limits;
  std::optional<fanout::session> client;
  fanout::session_actions last;

  hft_session() {
    const auto* entry = tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR);
    plugin::plugin_info info;
    info.name = "hft";
    info.kind = TP_KIND_DIALECT;
    dialect = std::make_unique<plugin::dialect_host>(
      plugin::dialect_plugin{info, *static_cast<const tp_dialect_ops*>(entry->ops)}, plugin::settings_list{},
      plugin::log_function{});
    if (!dialect->create()) throw std::logic_error("the dialect refuses to start");
    print.emplace(*dialect);
    names.set_venues({"NASDAQ", "LSE"});
    uint32_t id = 0;
    for (const auto* symbol : {"AAPL", "MSFT", "TSLA"})
      names.add(model::instrument_id{id++}, tests::make_instrument(symbol));
    names.add(model::instrument_id{id++}, tests::make_instrument("AAPL", "LSE"));
    names.complete("NASDAQ");
    names.complete("LSE");
    start();
  }
  void start() { client.emplace(fanout::client_key{3, 1}, "1-1", *print, names, host, limits); }
  std::vector<nlohmann::json> raw(std::string text) {
    const auto size = static_cast<uint32_t>(text.size());
    text.resize(size + TP_FRAME_PADDING, '"');
    last = client->on_frame({reinterpret_cast<const uint8_t*>(text.data()), size, TP_FRAME_TEXT}, *dialect, 1'000'000);
    return replies(last);
  }
  static std::vector<nlohmann::json> replies(const fanout::session_actions& actions) {
    std::vector<nlohmann::json> list;
    for (const auto& reply : actions.replies) list.push_back(nlohmann::json::parse(reply.begin(), reply.end()));
    return list;
  }
  std::vector<nlohmann::json> say(const nlohmann::json& message) { return raw(message.dump()); }
  nlohmann::json answer(const nlohmann::json& message) {
    const auto all = say(message);
    EXPECT_EQ(all.size(), 1u) << nlohmann::json(all);
    return all.empty() ? nlohmann::json{} : all[0];
  }
  nlohmann::json hello(nlohmann::json more = nlohmann::json::object()) {
    more["type"] = "HELLO";
    return answer(more);
  }
  static nlohmann::json subscribe(std::vector<std::string> symbols, nlohmann::json more = nlohmann::json::object()) {
    more["type"] = "SUBSCRIBE";
    more["symbols"] = std::move(symbols);
    return more;
  }
  std::vector<std::string> rows() const {
    static constexpr std::string_view words[] = {"+", "-", "~", "p"};
    std::vector<std::string> list;
    for (const auto& order : last.rows) {
      list.push_back(std::string{words[static_cast<size_t>(order.what)]} + std::to_string(model::index_of(order.id)));
      for (const auto& p : order.from)
        list.back() +=
          " from " + std::to_string(p.series) + '/' + std::to_string(p.epoch) + '/' + std::to_string(p.sequence);
    }
    return list;
  }
};

} // namespace tickplant::tests
