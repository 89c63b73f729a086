#include "tickplant_sim/control/port.hpp"
#include "tickplant_sim/simulator.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <gtest/gtest.h>
#include <sstream>
#include <thread>

namespace tickplant::sim::control {
namespace {

using nlohmann::json;

class fixed_exchange final : public simulated_exchange {
public:
  std::string_view venue() const override { return "NASDAQ"; }
  void start() override {}
  void stop(std::function<void()> done) override { done(); }
  std::vector<json> ready_lines() const override { return {}; }
  json summary() const override { return {{"messages", 7}}; }
  std::vector<std::string> symbols() const override { return {"AAPL"}; }
  std::optional<truth_book> truth(std::string_view symbol, std::size_t depth) const override {
    if (symbol != "AAPL") return std::nullopt;
    truth_book out;
    out.sequence = 42;
    out.state = "trading";
    out.levels_bid = 2;
    out.bids = {{"175.31", "300", 2}, {"175.3", "100", 1}};
    out.bids.resize(std::min(depth, out.bids.size()));
    return out;
  }
};

struct ControlApi : testing::Test {
  static std::vector<std::unique_ptr<simulated_exchange>> make_exchanges() {
    std::vector<std::unique_ptr<simulated_exchange>> out;
    out.push_back(std::make_unique<fixed_exchange>());
    return out;
  }
  run_state state;
  std::vector<std::unique_ptr<simulated_exchange>> exchanges = make_exchanges();
  api requests{state, exchanges};
};

TEST(DecimalText, IsExactAndShort) {
  EXPECT_EQ(decimal_text(1'753'100, 4), "175.31");
  EXPECT_EQ(decimal_text(515'000'000, 3), "515000");
  EXPECT_EQ(decimal_text(412'000, 8), "0.00412");
  EXPECT_EQ(decimal_text(0, 2), "0");
  EXPECT_EQ(decimal_text(-150, 2), "-1.5");
  EXPECT_EQ(decimal_text(100, 0), "100");
}

TEST_F(ControlApi, TellsTheTruthOfABook) {
  api one{state, exchanges};
  const auto whole = one.handle("GET", "/books?venue=NASDAQ&symbol=AAPL");
  EXPECT_EQ(whole.status, 200u);
  EXPECT_EQ(whole.body["sequence"], 42);
  EXPECT_EQ(whole.body["bids"], json::parse(R"([{"price":"175.31","size":"300","orders":2},
                                               {"price":"175.3","size":"100","orders":1}])"));
  EXPECT_EQ(whole.body["frozen"], false);
  EXPECT_EQ(one.handle("GET", "/books?venue=NASDAQ&symbol=AAPL&depth=1").body["bids"].size(), 1u);
}

TEST_F(ControlApi, SwitchesTheRun) {
  EXPECT_EQ(requests.handle("POST", "/freeze").body, (json{{"frozen", true}, {"faults", true}}));
  EXPECT_TRUE(state.frozen);
  EXPECT_EQ(requests.handle("POST", "/faults?on=0").status, 200u);
  EXPECT_FALSE(state.faults_on);
  EXPECT_EQ(requests.handle("POST", "/thaw").body, (json{{"frozen", false}, {"faults", false}}));
  EXPECT_FALSE(state.frozen);
  requests.handle("POST", "/faults?on=1");
  EXPECT_TRUE(state.faults_active());
}

TEST_F(ControlApi, ListsSymbolsAndCounts) {
  EXPECT_EQ(requests.handle("GET", "/symbols").body, json::parse(R"({"NASDAQ":["AAPL"]})"));
  EXPECT_EQ(requests.handle("GET", "/summary").body, json::parse(R"({"nasdaq":{"messages":7}})"));
}

TEST_F(ControlApi, SaysWhyItRefuses) {
  const struct {
    const char* method;
    const char* target;
    unsigned status;
    const char* text;
  } cases[] = {{"GET", "/nothing", 404, "/books"},
               {"GET", "/freeze", 405, "POST"},
               {"POST", "/books?venue=NASDAQ&symbol=AAPL", 405, "GET"},
               {"POST", "/faults", 400, "on=1"},
               {"POST", "/faults?on=yes", 400, "'yes'"},
               {"GET", "/books?symbol=AAPL", 400, "NASDAQ"},
               {"GET", "/books?venue=NASDAQ", 400, "symbol is missing"},
               {"GET", "/books?venue=NASDAQ&symbol=AAPL&depth=0", 400, "depth='0'"},
               {"GET", "/books?venue=NASDAQ&symbol=AAPL&depth=ten", 400, "depth='ten'"},
               {"GET", "/books?venue=MOON&symbol=AAPL", 404, "'MOON'"},
               {"GET", "/books?venue=NASDAQ&symbol=%ff%01", 404, "'..'"},
               {"GET", "/books%", 400, "percent"}};
  for (const auto& c : cases) {
    const auto from = requests.handle(c.method, c.target);
    EXPECT_EQ(from.status, c.status) << c.target;
    EXPECT_NE(from.body.at("error").get<std::string>().find(c.text), std::string::npos) << from.body;
    EXPECT_NO_THROW((void)from.body.dump());
  }
  EXPECT_FALSE(state.frozen);
}

/// The whole simulator on a thread of its own.
struct running_simulator {
  explicit running_simulator(std::vector<const char*> words) {
    words.insert(words.begin(), "tickplant-sim");
    std::ostringstream out, err;
    auto line = parse_command_line(static_cast<int>(words.size()), words.data(), out, err);
    sim.emplace(line.wanted.value(), [](const std::string&) {});
    sim->start();
    for (const auto& ready : sim->ready_lines())
      if (ready["service"] == "control") address = ready["http"].get<std::string>();
    thread = std::thread{[this] { sim->run(); }};
  }
  ~running_simulator() {
    boost::asio::post(sim->io(), [this] { sim->stop(); });
    thread.join();
  }
  json ask(boost::beast::http::verb method, const std::string& target, unsigned expected = 200) {
    namespace http = boost::beast::http;
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket{io};
    const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    http::request<http::empty_body> request{method, target, 11};
    request.set(http::field::host, "127.0.0.1");
    request.prepare_payload();
    http::write(socket, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(socket, buffer, response);
    EXPECT_EQ(response.result_int(), expected) << response.body();
    return json::parse(response.body());
  }
  json get(const std::string& target) { return ask(boost::beast::http::verb::get, target); }
  json post(const std::string& target) { return ask(boost::beast::http::verb::post, target); }

  std::optional<simulator> sim;
  std::string address;
  std::thread thread;
};

TEST(ControlPort, StopsTheOrderFlowOfAllExchangesAndLetsItGoOn) {
  running_simulator run{{"--only", "nasdaq,binance", "--control", "127.0.0.1:0", "--binance", "127.0.0.1:0",
                         "--nasdaq-rerequest", "udp://127.0.0.1:0", "--nasdaq-open-after", "0", "--storm", "mild"}};
  ASSERT_FALSE(run.address.empty());
  EXPECT_EQ(run.get("/symbols")["BINANCE"], json::parse(R"(["BTCUSDT","ETHUSDT"])"));
  EXPECT_EQ(run.post("/freeze")["frozen"], true);
  for (const auto* book : {"/books?venue=NASDAQ&symbol=AAPL", "/books?venue=BINANCE&symbol=BTCUSDT"}) {
    const auto first = run.get(book);
    EXPECT_EQ(first["bids"].size(), 10u);
    EXPECT_EQ(first["asks"].size(), 10u);
    EXPECT_EQ(first["frozen"], true);
    EXPECT_EQ(run.get(book), first);
  }
  const auto still = run.get("/books?venue=BINANCE&symbol=BTCUSDT")["sequence"].get<std::uint64_t>();
  EXPECT_EQ(run.post("/thaw")["frozen"], false);
  auto moved = still;
  for (int i = 0; i < 10'000 && moved == still; ++i)
    moved = run.get("/books?venue=BINANCE&symbol=BTCUSDT")["sequence"].get<std::uint64_t>();
  EXPECT_GT(moved, still);
  EXPECT_TRUE(run.get("/summary").contains("nasdaq"));
  run.ask(boost::beast::http::verb::get, "/books?venue=NASDAQ&symbol=NONE", 404);
}

} // namespace
} // namespace tickplant::sim::control
