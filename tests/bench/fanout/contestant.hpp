// Who is measured: our server, and peers that do the same work. How each is started for a market.
#pragma once

#include "peer_market.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tickplant::bench {

enum class kind : uint8_t { ours, uws, node, floor };

struct places {
  std::string programs;         ///< folder of tickplantd and the peers
  std::string config;           ///< configs/bench.yaml
  std::string node_server;      ///< tests/bench/peer_node/server.js; empty: no Node peer
  std::string uws_library;      ///< empty: no uWebSockets peer
  std::string certificate, key; ///< PEM files; empty: no rows with TLS
};

struct contestant {
  kind what = kind::ours;
  std::string name;
  std::vector<std::string> sets;  ///< of ours: PATH=VALUE over the configuration
  std::vector<std::string> flags; ///< of a peer
};

std::vector<std::string> command_of(const contestant& who, const places& at, const peer::market_options& market,
                                    uint16_t port);

/// Ours, and those peers that are there.
std::vector<contestant> everybody(const places& at);
contestant ours(std::string name = "tickplantd", std::vector<std::string> sets = {});

} // namespace tickplant::bench
