// GET /api/market/snapshot of one network loop: the newest state of some symbols, for clients that poll (protocol.md,
// row 14; S4-06). A poll asks for the symbols' interest, which lingers: who polls on gets answers at once. Loop thread.
#pragma once

#include "actors/gateway_context.hpp"
#include "runtime/net/client/client_events.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tickplant::actors {

class gateway_snapshots {
public:
  using answerer = std::function<void(net::client_ref client, net::http_response response)>;

  static constexpr std::string_view path = "/api/market/snapshot";
  /// How long symbols that nobody looked at before are waited for.
  static constexpr uint64_t patience_ns = 1'000'000'000;

  gateway_snapshots(gateway_context& context, answerer answer) : context_(context), answer_(std::move(answer)) {}

  /// The names of `symbols=A,B` in a query. Not 0: the status of a refusal whose text is `why`.
  static uint16_t read_symbols(std::string_view list, size_t most, std::vector<std::string>& names, std::string& why);

  /// Answers now or a little later. `rights` null: everything.
  void ask(net::client_ref client, std::vector<std::string> names, std::shared_ptr<const policy::entitlement> rights);

private:
  struct poll {
    net::client_ref client;
    std::vector<std::string> names;
    std::shared_ptr<const policy::entitlement> rights;
    uint64_t until_ns = 0;
  };
  /// Whether everything that can be known is.
  bool is_complete(const poll& one) const;
  net::http_response print(const poll& one) const;
  void look_again();

  gateway_context& context_;
  answerer answer_;
  std::vector<poll> waiting_;
  bool is_armed_ = false;
};

} // namespace tickplant::actors
