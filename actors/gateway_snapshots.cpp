#include "actors/gateway_snapshots.hpp"

#include "runtime/wire/error_registry.hpp"

#include <algorithm>

namespace tickplant::actors {

namespace {

constexpr uint64_t look_again_ns = 10'000'000;
/// Prices, the last trade, the day's figures; a poll is no way to follow a book.
constexpr uint32_t data_types = TP_DATA_QUOTES | TP_DATA_TRADES | TP_DATA_STATISTICS;
constexpr std::string_view dialect_of_polls = "hft";

/// FNV-1a: an entity tag must differ between contents, not resist an attacker.
struct tag {
  uint64_t hash = 14695981039346656037ull;
  void add(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) hash = (hash ^ (value >> shift & 0xFF)) * 1099511628211ull;
  }
};

void put_refused(std::string& to, std::string_view name, wire::error_code code, std::string_view why) {
  const auto& entry = wire::entry_of(code);
  if (!to.empty()) to += ',';
  to += "{\"symbol\":\"";
  to += name; // read_symbols lets nothing through that JSON would have to escape
  to += "\",\"code\":" + std::to_string(wire::number_of(code)) + ",\"name\":\"";
  to += entry.name;
  to += "\",\"reason\":\"";
  to += why;
  to += "\"}";
}

} // namespace

uint16_t gateway_snapshots::read_symbols(std::string_view list, size_t most, std::vector<std::string>& names,
                                         std::string& why) {
  constexpr size_t longest = 64;
  std::string text;
  if (!net::percent_decode(list, text, true)) {
    why = "symbols is badly coded: send symbols=AAPL,NASDAQ:MSFT\n";
    return 400;
  }
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    auto name = text.substr(at, end - at);
    at = end + 1;
    const bool is_right = !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
      return c > 0x20 && c < 0x7F && c != '"' && c != '\\';
    });
    if (!is_right) {
      why =
        "symbols must be names of 1 to 64 printable characters with commas between, as in symbols=AAPL,NASDAQ:MSFT\n";
      return 400;
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    if (names.size() <= most) continue;
    why = "At most " + std::to_string(most) + " symbols in one request\n";
    return 400;
  }
  return 0;
}

void gateway_snapshots::ask(net::client_ref client, std::vector<std::string> names,
                            std::shared_ptr<const policy::entitlement> rights) {
  const uint64_t now = context_.loop.monotonic_ns();
  poll one{client, std::move(names), std::move(rights), now + patience_ns};
  context_.look_at(one.names);
  if (is_complete(one)) return answer_(client, print(one));
  waiting_.push_back(std::move(one));
  look_again();
}

bool gateway_snapshots::is_complete(const poll& one) const {
  const auto* core = context_.hub_now();
  if (!core) return false;
  return std::all_of(one.names.begin(), one.names.end(), [&](const std::string& name) {
    const auto found = context_.names.resolve(name);
    return found.what == fanout::resolution::kind::unknown ||
           (found.what == fanout::resolution::kind::found && core->state_of(found.id) != nullptr);
  });
}

void gateway_snapshots::look_again() {
  if (is_armed_ || waiting_.empty()) return;
  is_armed_ = true;
  context_.loop.after(caf::timespan{look_again_ns}, [this] {
    is_armed_ = false;
    const uint64_t now = context_.loop.monotonic_ns();
    auto waiting = std::exchange(waiting_, {});
    for (auto& one : waiting) {
      if (now >= one.until_ns || is_complete(one))
        answer_(one.client, print(one));
      else
        waiting_.push_back(std::move(one));
    }
    look_again();
  });
}

net::http_response gateway_snapshots::print(const poll& one) const {
  const auto* core = context_.hub_now();
  auto* dialect = context_.find_dialect(dialect_of_polls);
  if (!core || !dialect) return net::http_response::text(503, "The gateway is restarting; try again\n");
  const uint64_t wall = context_.loop.wall_ns();
  tp_variant variant{};
  variant.struct_size = sizeof variant;
  variant.data_types = data_types;
  variant.extras = TP_EXTRA_SEQUENCE;
  tag content;
  std::string refused;
  fanout::bytes entries;
  std::vector<tp_leg> legs;
  size_t granted = 0;
  for (const auto& name : one.names) {
    const auto found = context_.names.resolve(name);
    if (found.what != fanout::resolution::kind::found) {
      const bool is_pending = found.what == fanout::resolution::kind::pending;
      put_refused(refused, name, is_pending ? wire::error_code::data_stale : wire::error_code::invalid_symbol,
                  is_pending ? "a venue has not told all its symbols yet" : "no venue has this symbol");
      continue;
    }
    const auto instrument = context_.names.find(found.id);
    if (one.rights && one.rights->decide(instrument->venue, instrument->symbol) != 0) {
      put_refused(refused, name, wire::error_code::not_entitled, "not in this client's tier");
      continue;
    }
    ++granted;
    const auto* state = core->state_of(found.id);
    auto element = state ? fanout::to_element(*state, wall, &legs) : tp_element{};
    element.bid_count = element.ask_count = 0;
    const size_t before = entries.size();
    if (state && element.price != TP_NONE) {
      if (before != 0) entries.push_back(',');
      if (!dialect->print->element(element, variant, entries)) entries.resize(before);
    }
    if (entries.size() == before) {
      put_refused(refused, name, wire::error_code::data_stale, "nothing is known of it yet");
      continue;
    }
    for (const uint64_t part : {uint64_t{model::index_of(found.id)}, uint64_t{state->epoch}, uint64_t{state->sequence}})
      content.add(part);
  }
  for (const char c : refused) content.add(static_cast<uint8_t>(c));
  std::string body = "{\"type\":\"SNAPSHOT\",\"timestamp\":" + std::to_string(wall / 1'000'000) + ",\"symbols\":[";
  body.append(entries.begin(), entries.end());
  body += "]";
  if (!refused.empty()) body += ",\"refused\":[" + refused + "]";
  body += "}\n";
  auto response = net::http_response::json(std::move(body));
  if (granted == 0) response.status = 404;
  // Weak: the time stamp of the answer itself differs.
  response.etag = "W/\"" + std::to_string(content.hash) + '"';
  response.fields = {{"Cache-Control", "no-cache"}};
  return response;
}

} // namespace tickplant::actors
