#include "contestant.hpp"

#include <utility>

namespace tickplant::bench {

contestant ours(std::string name, std::vector<std::string> sets) {
  return {kind::ours, std::move(name), std::move(sets), {}};
}

std::vector<contestant> everybody(const places& at) {
  std::vector<contestant> all{ours()};
  if (!at.uws_library.empty()) all.push_back({kind::uws, "uWebSockets", {}, {}});
  if (!at.node_server.empty()) all.push_back({kind::node, "Node ws", {}, {}});
  all.push_back({kind::floor, "floor (send alone)", {}, {}});
  return all;
}

std::vector<std::string> command_of(const contestant& who, const places& at, const peer::market_options& market,
                                    uint16_t port) {
  const auto port_text = std::to_string(port), symbols = std::to_string(market.symbols), hz = std::to_string(market.hz);
  if (who.what == kind::ours) {
    std::vector<std::string> words{at.programs + "/tickplantd", "--config", at.config};
    const auto set = [&](const std::string& text) { words.insert(words.end(), {"--set", text}); };
    set("listeners.0.bind=127.0.0.1:" + port_text);
    set("venues.synthetic.instruments=" + symbols);
    set("venues.synthetic.hz=" + hz);
    set(std::string{"venues.synthetic.spread="} + (market.is_spread ? "true" : "false"));
    for (const auto& one : who.sets) set(one);
    return words;
  }
  std::vector<std::string> words;
  if (who.what == kind::node) words = {"node", at.node_server};
  if (who.what == kind::uws) words = {at.programs + "/peer_uws", "--library", at.uws_library};
  if (who.what == kind::floor) words = {at.programs + "/peer_floor"};
  words.insert(words.end(), {"--port", port_text, "--symbols", symbols, "--hz", hz});
  if (who.what == kind::node && market.wait_for > 0)
    words.insert(words.end(), {"--wait-for", std::to_string(market.wait_for)});
  if (market.is_spread) words.emplace_back("--spread");
  words.insert(words.end(), who.flags.begin(), who.flags.end());
  return words;
}

} // namespace tickplant::bench
