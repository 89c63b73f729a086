// The Binance plugin from every side: raw frames and bodies, and frames of the venue's forms whose ids the input
// chooses, so that snapshots join, gaps open, connections are replaced and die. All products and both directories.
#include "recording_host.hpp"

#include <tickplant/venue.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

using tickplant::sdk::to_tp;
using tickplant::sdk::testing::pairs;
using tickplant::sdk::testing::recording_host;

const tp_venue_ops& ops() {
  static const auto* table = static_cast<const tp_venue_ops*>(tp_plugin_entry(TP_ABI_MAJOR, TP_ABI_MINOR)->ops);
  return *table;
}

const pairs& settings_of(unsigned choice) {
  static const pairs all[] = {
    {{"lines.stream", "ws://127.0.0.1:1/stream"}, {"rest", "http://127.0.0.1:1"}, {"directory", "stream"}},
    {{"lines.stream", "ws://h/stream"}, {"rest", "http://h"}, {"renew_after", "10s"}, {"overlap", "1s"}},
    {{"lines.stream.0", "ws://h/public"},
     {"lines.stream.1", "ws://i/public"},
     {"lines.market", "ws://h/market"},
     {"rest.0", "http://h"},
     {"rest.1", "http://i"},
     {"product", "usdm"},
     {"trades", "trade"},
     {"streams_limit", "5"},
     {"renew_after", "10s"}},
    {{"lines.stream", "ws://h/stream"}, {"rest", "http://h"}, {"product", "coinm"}, {"directory", "stream"}}};
  return all[choice % std::size(all)];
}

class fuzzed {
public:
  fuzzed(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  void run() {
    const pairs& settings = settings_of(byte());
    if (ops().create(settings.config(), &host_.table, host_.ctx(), &self_) != TP_OK || self_ == nullptr) return;
    host_.now_ns = 1'600'000'000'000'000'000;
    ops().start(self_, host_.now_ns);
    while (at_ != end_) {
      host_.now_ns += 1'000'000ull << (byte() % 12);
      step();
      follow();
    }
    ops().stop(self_, host_.now_ns);
    ops().destroy(self_);
  }

private:
  uint8_t byte() { return at_ == end_ ? uint8_t{0} : *at_++; }
  std::string symbol() { return "S" + std::to_string(byte() % 4); }

  void step() {
    switch (byte() % 12) {
      case 0: frame(raw()); break;
      case 1: frame(depth()); break;
      case 2: frame(trade()); break;
      case 3:
        frame(R"({"u":)" + std::to_string(id_ + byte() % 8) + R"(,"s":")" + symbol() +
              R"(","b":"1.5","B":"2","a":"1.6","A":"0"})");
        break;
      case 4: frame(R"({"result":null,"id":)" + std::to_string(byte()) + "}"); break;
      case 5:
        frame(byte() % 2 == 0 ? R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}})"
                              : R"({"code":2,"msg":"Invalid request","id":)" + std::to_string(byte()) + "}");
        break;
      case 6: answer(); break;
      case 7:
        for (unsigned i = byte() % 8; i > 0; --i)
          if (const auto id = host_.pop_timer(UINT64_MAX)) ops().on_timer(self_, *id, host_.now_ns);
        break;
      case 8:
        ops().on_line(self_, line(), byte() % 3 == 0 ? TP_LINE_UP : TP_LINE_CLOSED, to_tp("gone"), host_.now_ns);
        break;
      case 9: ops().resynchronise(self_, byte() % 4, byte() % 2 == 0 ? TP_ALL : byte() % 4, host_.now_ns); break;
      case 10: {
        const tp_interest one{byte() % 5u, byte() % 8u};
        ops().on_interest(self_, &one, 1, host_.now_ns);
        break;
      }
      case 11:
        frame(R"({"stream":"s0@markPrice","data":{"e":"markPriceUpdate","E":1,"s":")" + symbol() + R"(","p":")" +
              raw() + R"(","i":"2","r":"-0.1"}})");
        break;
    }
  }
  std::string raw() {
    const size_t size = std::min<size_t>(byte() * 4u, static_cast<size_t>(end_ - at_));
    std::string out(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return out;
  }
  std::string depth() {
    const uint64_t previous = id_ - byte() % 3, first = previous + 1 + byte() % 3;
    id_ = first + byte() % 4;
    return R"({"stream":"x@depth@100ms","data":{"e":"depthUpdate","E":1,"s":")" + symbol() + R"(","U":)" +
           std::to_string(first) + R"(,"u":)" + std::to_string(id_) + R"(,"pu":)" + std::to_string(previous) +
           R"(,"b":[["1.5","2"]],"a":[["1.)" + std::to_string(byte()) + R"(","0.25"]]}})";
  }
  std::string trade() {
    return R"({"e":"trade","E":1,"T":1,"s":")" + symbol() + R"(","t":)" + std::to_string(trade_ += byte() % 3) +
           R"(,"p":"1.5","q":"1","m":true,"X":"MARKET"})";
  }
  uint32_t line() { return open_.empty() ? 0 : *std::next(open_.begin(), byte() % static_cast<long>(open_.size())); }

  void frame(const std::string& text) {
    std::vector<uint8_t> bytes(text.begin(), text.end());
    bytes.resize(text.size() + TP_PADDING, '}');
    const tp_unit unit{bytes.data(), static_cast<uint32_t>(text.size()), line(), host_.now_ns, TP_UNIT_TEXT, 0};
    ops().on_units(self_, &unit, 1);
  }
  void answer() {
    if (host_.requests.empty()) return;
    const auto asked = host_.requests.back();
    host_.requests.pop_back();
    std::string body =
      asked.url.find("/depth") != std::string::npos
        ? R"({"lastUpdateId":)" + std::to_string(id_ - byte() % 8) + R"(,"bids":[["1.5","2"]],"asks":[["1.75","2"]]})"
        : directory();
    const uint8_t how = byte();
    if (how % 8 == 7) body = raw();
    const int32_t status = how % 8 < 5 || how % 8 == 7 ? 200 : how % 8 == 5 ? 429 : how % 16 == 6 ? 418 : TP_E_DOWN;
    body.resize(body.size() + TP_PADDING, '}');
    const tp_pair headers[] = {{to_tp("retry-after"), to_tp("1")}, {to_tp("x-mbx-used-weight-1m"), to_tp("40")}};
    tp_http_answer a{};
    a.struct_size = sizeof a;
    a.id = asked.id;
    a.status = status;
    a.headers = headers;
    a.header_count = 2;
    a.body = {body.data(), body.size() - TP_PADDING};
    a.recv_ns = host_.now_ns;
    ops().on_http(self_, &a);
  }
  std::string directory() {
    std::string out = R"({"symbols":[)";
    for (int i = 0; i < 4; ++i)
      out += std::string{i == 0 ? "" : ","} + R"({"symbol":"S)" + std::to_string(i) + R"(","status":")" +
             (byte() % 8 == 0 ? "BREAK" : "TRADING") +
             R"(","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"}]})";
    return out + "]}";
  }
  /// Lines come up as they are opened; a number is opened once at a time.
  void follow() {
    for (const uint32_t closed : host_.closed_lines) open_.erase(closed);
    host_.closed_lines.clear();
    const auto lines = std::exchange(host_.lines, {});
    for (const auto& l : lines) {
      if (l.line >= 1'024) std::abort();
      open_.insert(l.line);
      ops().on_line(self_, l.line, TP_LINE_UP, {}, host_.now_ns);
    }
    if (open_.size() > 256) std::abort();
    host_.events.clear();
    host_.channels.clear();
    host_.streams.clear();
    host_.logs.clear();
    host_.sent.clear();
    host_.texts.resize(std::min<size_t>(host_.texts.size(), 64));
    if (host_.requests.size() > 64) host_.requests.erase(host_.requests.begin());
  }

  const uint8_t* at_;
  const uint8_t* end_;
  recording_host host_;
  void* self_ = nullptr;
  std::set<uint32_t> open_;
  uint64_t id_ = 1'000, trade_ = 1'000;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 1u << 16) return 0;
  fuzzed{data, size}.run();
  return 0;
}
