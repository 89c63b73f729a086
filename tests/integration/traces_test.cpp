// The whole server's traces: of one quote from packet to client, of what clients begin, and of what happens inside.
// Those that look into a real Jaeger skip where none has been built.
#include "support/control.hpp"
#include "support/http_client.hpp"
#include "support/http_sink.hpp"
#include "support/jaeger.hpp"
#include "support/market_view.hpp"
#include "support/metrics_page.hpp"
#include "support/reloading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tickplant::testing {
namespace {

using ::testing::ElementsAre;

settings_text traced(const std::string& otlp, const std::string& sample) {
  settings_text made;
  made.with_binance = false;
  made.public_more = "    metrics: true\n";
  made.more = "node: {name: node-7}\nadmin: {bind: \"127.0.0.1:0\", allow_kill: true}\ntelemetry: {otlp: \"" + otlp +
              "\", sample: " + sample + "}\n";
  return made;
}

metrics_page metrics_of(uint16_t port) {
  return metrics_page{http_get(port, "/metrics").body};
}

/// Spans that the server has recorded so far, by its own count.
double recorded_spans(uint16_t port) {
  return metrics_of(port).sum("tickplant_telemetry_spans_recorded_total");
}

std::unique_ptr<ws_client> follower_of(reloading& world, market_view& view, const nlohmann::json& more,
                                       const connect_options& options = {}) {
  auto client = std::make_unique<ws_client>(world.whole().port(), options);
  client->send(subscribe({"AAPL"}, more));
  if (!view.follow_entries(*client, {"AAPL"}, 2)) throw std::runtime_error("no data\n" + world.story());
  return client;
}

TEST(Traces, LeaveForTheCollectorAndStopWhenSamplingIsOff) {
  const http_sink collector;
  reloading world{traced(collector.url(), "1")};
  market_view view;
  const auto client = follower_of(world, view, {{"frequency", 0}});
  EXPECT_TRUE(eventually([&] { return collector.requests() > 0 && collector.bytes() > 0; })) << world.story();

  ASSERT_EQ(world.apply(traced(collector.url(), "0")), "");
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL"}, 5)) << world.story(); // what was begun is over
  const auto before = recorded_spans(world.whole().port());
  EXPECT_GT(before, 0);
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL"}, 10)) << world.story();
  EXPECT_EQ(recorded_spans(world.whole().port()), before);

  ASSERT_EQ(world.apply(traced(collector.url(), "1")), "");
  ASSERT_TRUE(view.follow_entries(*client, {"AAPL"}, 5)) << world.story();
  EXPECT_GT(recorded_spans(world.whole().port()), before);
}

TEST(Traces, CollectorThatIsNotThereCostsNothingButCountedSpans) {
  const auto nowhere = "http://127.0.0.1:" + std::to_string(taken_tcp_port{}.number());
  reloading world{traced(nowhere, "1")};
  market_view view;
  const auto client = follower_of(world, view, {{"frequency", 0}});
  const auto dropped = [&] {
    return metrics_of(world.whole().port()).sum("tickplant_telemetry_spans_dropped_total", "reason=\"export\"");
  };
  EXPECT_TRUE(eventually([&] { return dropped() > 0; })) << world.story();
  EXPECT_TRUE(view.follow_entries(*client, {"AAPL"}, 10)) << world.story();
  EXPECT_EQ(world.whole().server().stop(), 0) << world.story();
}

class ServerInJaeger : public ::testing::Test {
protected:
  void SetUp() override {
    const auto program = find_jaeger_program();
    if (!program) GTEST_SKIP() << "no Jaeger here: ./dev jaeger --build-only makes one, or set TICKPLANT_JAEGER";
    real_ = std::make_unique<jaeger>(*program);
  }
  std::optional<jaeger_trace> trace_with(const std::string& operation, const std::vector<std::string>& more = {}) {
    return find_trace(*real_, "tickplant", operation, more);
  }

  std::unique_ptr<jaeger> real_;
};

/// A span and all those above it, the topmost last.
std::vector<const jaeger_span*> chain_of(const jaeger_trace& trace, const jaeger_span& from) {
  std::vector<const jaeger_span*> chain{&from};
  for (;;) {
    const auto above = std::find_if(trace.spans.begin(), trace.spans.end(),
                                    [&](const auto& span) { return span.span_id == chain.back()->parent_id; });
    if (above == trace.spans.end() || chain.size() > trace.spans.size()) return chain;
    chain.push_back(&*above);
  }
}

// S1-29.
TEST_F(ServerInJaeger, HasTheTraceOfAQuoteFromThePacketToTheClient) {
  reloading world{traced(real_->otlp_url(), "1")};
  market_view view;
  const auto client = follower_of(world, view, {{"frequency", 0}});
  const auto trace =
    trace_with("connection.write", {"venue.receive", "venue.decode", "book.apply", "hub.encode", "connection.write"});
  ASSERT_TRUE(trace) << real_->output() << world.story();
  const auto chain = chain_of(*trace, *trace->span("connection.write"));
  std::vector<std::string> names;
  for (const auto* span : chain) names.push_back(span->operation);
  ASSERT_THAT(names, ElementsAre("connection.write", "hub.encode", "book.apply", "venue.decode", "venue.receive"))
    << trace->text();
  EXPECT_EQ(chain.back()->parent_id, "");
  for (size_t i = 1; i < chain.size(); ++i) EXPECT_GE(chain[i - 1]->start_us, chain[i]->start_us) << trace->text();
  const auto& written = chain[0]->tags;
  EXPECT_EQ(written.at("symbol"), "AAPL") << trace->text();
  EXPECT_GT(std::stoll(written.at("venue.sequence")), 0) << trace->text();
  EXPECT_EQ(chain[1]->tags.at("symbol"), "AAPL");
  EXPECT_EQ(chain[2]->tags.at("venue"), "NASDAQ");
  EXPECT_GT(std::stoll(chain[2]->tags.at("venue.sequence")), 0) << trace->text();
  EXPECT_GT(std::stoll(chain[4]->tags.at("batch.packets")), 0) << trace->text();
  EXPECT_EQ(trace->process_tags.at("service.instance.id"), "node-7");
}

// Sampling is off: what a client asks for by its own trace is kept nevertheless.
TEST_F(ServerInJaeger, HasAClientsRequestUnderTheClientsOwnTrace) {
  reloading world{traced(real_->otlp_url(), "0")};
  const std::string request_trace = "0af7651916cd43dd8448eb211c80319c", request_span = "b7ad6b7169203331";
  const std::string open_trace = "4bf92f3577b34da6a3ce929d0e0e4736", open_span = "00f067aa0ba902b7";
  connect_options options;
  options.fields["traceparent"] = "00-" + open_trace + '-' + open_span + "-01";
  market_view view;
  const auto client = follower_of(
    world, view, {{"frequency", 0}, {"traceparent", "00-" + request_trace + '-' + request_span + "-01"}}, options);

  const auto opened = trace_with("connection.open");
  ASSERT_TRUE(opened) << real_->output() << world.story();
  EXPECT_EQ(opened->trace_id, open_trace);
  EXPECT_EQ(opened->span("connection.open")->parent_id, open_span) << opened->text();
  const auto asked = trace_with("client.request", {"connection.write"});
  ASSERT_TRUE(asked) << real_->output() << world.story();
  EXPECT_EQ(asked->trace_id, request_trace);
  EXPECT_EQ(asked->span("client.request")->parent_id, request_span) << asked->text();
  const auto chain = chain_of(*asked, *asked->span("connection.write"));
  EXPECT_EQ(chain.back()->operation, "client.request") << "the data is not below the request: " << asked->text();
}

TEST_F(ServerInJaeger, HasReloadsAndRestarts) {
  reloading world{traced(real_->otlp_url(), "0")};
  auto next = traced(real_->otlp_url(), "0");
  next.max_symbols = 5;
  ASSERT_EQ(world.apply(next), "");
  const auto reload = trace_with("config.reload");
  ASSERT_TRUE(reload) << real_->output() << world.story();
  EXPECT_EQ(reload->span("config.reload")->tags.at("result"), "applied");

  const control ctl{admin_port(world.whole().server())};
  const auto killed = ctl({"kill", "venues/NASDAQ/adapter"});
  ASSERT_EQ(killed.code, 0) << killed.output;
  EXPECT_TRUE(trace_with("supervisor.restart")) << real_->output() << world.story();
}

} // namespace
} // namespace tickplant::testing
