// What leaves the process, byte for byte, at a collector that is well.
#include "collector.hpp"
#include "protobuf_reader.hpp"
#include "runtime/telemetry/otlp_sender.hpp"
#include "spans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace tickplant::telemetry::testing {
namespace {

using manner = collector::manner;

std::vector<otlp_request> read_all(const collector& from) {
  std::vector<otlp_request> all;
  for (const auto& request : from.requests()) all.push_back(read_otlp(request.body));
  return all;
}

TEST(Otlp, ATraceArrivesWithItsIdsParentsTimesAndAttributes) {
  collector good{manner::good};
  tracer traces{options_for(good.url())};
  sampler ids{1};
  auto receive = root(ids);
  receive.add("venue", "NASDAQ").add("venue.sequence", 1234567890123).add("batch.size", -1);
  auto apply = child(ids, receive, span_name::book_apply);
  apply.start_ns = noon_ns + 10;
  apply.end_ns = noon_ns + 25;
  auto write = child(ids, apply, span_name::connection_write);
  write.what = span_record::kind::producer;
  write.fail("broken pipe");
  for (const auto& span : {receive, apply, write}) traces.record(span);
  ASSERT_TRUE(traces.flush(patience));

  const auto posts = good.requests();
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].method, "POST");
  EXPECT_EQ(posts[0].target, "/v1/traces");
  EXPECT_EQ(posts[0].content_type, "application/x-protobuf");
  const auto got = read_otlp(posts[0].body);
  EXPECT_EQ(got.resource.at("service.name"), "tickplant-test");
  EXPECT_EQ(got.resource.at("service.instance.id"), "node-7");
  EXPECT_EQ(got.resource.at("service.version"), "1.2.3");
  EXPECT_EQ(got.scope, "tickplant");
  ASSERT_EQ(got.spans.size(), 3u);
  for (const auto& span : got.spans) EXPECT_EQ(span.trace_id, bytes_of(receive.trace_id));

  EXPECT_EQ(got.spans[0].name, "venue.receive");
  EXPECT_EQ(got.spans[0].span_id, bytes_of(receive.span_id));
  EXPECT_EQ(got.spans[0].parent_id, "") << "a root";
  EXPECT_EQ(got.spans[0].start_ns, noon_ns);
  EXPECT_EQ(got.spans[0].end_ns, noon_ns + 1'000);
  EXPECT_EQ(got.spans[0].kind, 1u) << "internal";
  EXPECT_EQ(got.spans[0].status, 0u);
  EXPECT_EQ(got.spans[0].texts, (std::map<std::string, std::string>{{"venue", "NASDAQ"}}));
  EXPECT_EQ(got.spans[0].numbers,
            (std::map<std::string, int64_t>{{"venue.sequence", 1234567890123}, {"batch.size", -1}}));

  EXPECT_EQ(got.spans[1].name, "book.apply");
  EXPECT_EQ(got.spans[1].parent_id, bytes_of(receive.span_id));
  EXPECT_EQ(got.spans[1].start_ns, noon_ns + 10);
  EXPECT_EQ(got.spans[1].end_ns, noon_ns + 25);

  EXPECT_EQ(got.spans[2].name, "connection.write");
  EXPECT_EQ(got.spans[2].parent_id, bytes_of(apply.span_id));
  EXPECT_EQ(got.spans[2].kind, 4u) << "producer";
  EXPECT_EQ(got.spans[2].status, 2u) << "error";
  EXPECT_EQ(got.spans[2].message, "broken pipe");
  EXPECT_EQ(traces.counters().exported, 3u);
}

TEST(Otlp, SpansLeaveWithoutBeingAskedFor) {
  collector good{manner::good};
  tracer traces{options_for(good.url())};
  sampler ids{1};
  traces.record(root(ids));
  EXPECT_TRUE(good.wait_for_requests(1));
}

TEST(Otlp, TheDestructorSendsWhatWaits) {
  collector good{manner::good};
  sampler ids{1};
  {
    // More than one request, and most of the destructor's time for them, be the machine ever so busy.
    tracer traces{options_for(good.url(), std::chrono::milliseconds{1'000})};
    for (int i = 0; i < 300; ++i) traces.record(root(ids));
  }
  size_t spans = 0;
  for (const auto& request : read_all(good)) spans += request.spans.size();
  EXPECT_EQ(spans, 300u);
}

TEST(Otlp, TextsAreCutAndMadeUtf8AndAttributesBounded) {
  collector good{manner::good};
  tracer traces{options_for(good.url())};
  sampler ids{1};
  auto span = root(ids);
  span
    .add("broken", "a\xff"
                   "b")
    .add("long", std::string(100, 'x'))
    .add("cut", std::string(23, 'x') + "é");
  for (int i = 0; i < 10; ++i) span.add("more", i);
  span.fail(std::string(100, 'y'));
  traces.record(span);
  ASSERT_TRUE(traces.flush(patience));
  const auto got = read_all(good).at(0).spans.at(0);
  EXPECT_EQ(got.texts.at("broken"), "a\ufffdb");
  EXPECT_EQ(got.texts.at("long"), std::string(24, 'x'));
  EXPECT_EQ(got.texts.at("cut"), std::string(23, 'x'));
  EXPECT_EQ(got.numbers.at("more"), 4) << "the eighth and last";
  EXPECT_EQ(got.message, std::string(48, 'y'));
}

TEST(Otlp, AClocksStepBackMakesNoNegativeDuration) {
  collector good{manner::good};
  tracer traces{options_for(good.url())};
  sampler ids{1};
  auto span = root(ids);
  span.end_ns = span.start_ns - 5;
  traces.record(span);
  ASSERT_TRUE(traces.flush(patience));
  const auto got = read_all(good).at(0).spans.at(0);
  EXPECT_EQ(got.end_ns, got.start_ns);
}

TEST(Otlp, WhatIsNoSpanIsRejectedAndCounted) {
  collector good{manner::good};
  tracer traces{options_for(good.url())};
  sampler ids{1};
  auto nameless = root(ids), traceless = root(ids), idless = root(ids), broken = root(ids);
  nameless.name = nullptr;
  traceless.trace_id = {};
  idless.span_id = {};
  broken.attribute_count = 9;
  for (const auto& span : {nameless, traceless, idless, broken}) traces.record(span);
  const auto counted = traces.counters();
  EXPECT_EQ(counted.rejected, 4u);
  EXPECT_EQ(counted.recorded, 0u);
}

TEST(Otlp, ManyThreadsRecordAtOnce) {
  collector good{manner::good};
  constexpr int threads = 4, spans = 1'000;
  {
    tracer traces{options_for(good.url())};
    std::vector<std::thread> producers;
    for (int t = 0; t < threads; ++t)
      producers.emplace_back([&traces, t] {
        sampler ids{static_cast<uint64_t>(t)};
        for (int i = 0; i < spans; ++i) traces.record(root(ids).add("n", i));
      });
    for (auto& producer : producers) producer.join();
    ASSERT_TRUE(traces.flush(patience));
    const auto counted = traces.counters();
    EXPECT_EQ(counted.recorded + counted.dropped_queue, uint64_t{threads} * spans);
    EXPECT_EQ(counted.exported, counted.recorded);
  }
}

TEST(Otlp, SwitchesCollectorsWhileSpansFlow) {
  collector first{manner::good}, second{manner::good};
  tracer traces{options_for(first.url())};
  ASSERT_TRUE(traces.flush(patience)) << "the thread knows the first";
  sampler ids{1};
  traces.record(root(ids, span_name::venue_receive));
  traces.configure(options_for(second.url()));
  ASSERT_TRUE(traces.flush(patience));
  ASSERT_EQ(first.requests().size(), 1u) << "what was recorded before goes where it was to go: "
                                         << traces.counters().failed_export << " failed, " << otlp_sender::complaint();
  traces.record(root(ids, span_name::hub_encode));
  ASSERT_TRUE(second.wait_for_requests(1));
  EXPECT_EQ(read_all(second).at(0).spans.at(0).name, "hub.encode");
  EXPECT_EQ(first.requests().size(), 1u);
}

TEST(Otlp, OffMeansNothingIsSampledSlowOrRecorded) {
  constexpr auto never = std::numeric_limits<uint64_t>::max();
  collector good{manner::good};
  tracer_options off;
  off.sample = 1;
  off.slow_ns = 5;
  tracer traces{off};
  sampler ids{1};
  EXPECT_FALSE(traces.is_on());
  EXPECT_EQ(traces.sample_threshold(), 0u);
  EXPECT_EQ(traces.slow_ns(), never);
  traces.record(root(ids));
  EXPECT_EQ(traces.counters().recorded, 0u);

  auto on = options_for(good.url());
  on.sample = 0.5;
  on.slow_ns = 7;
  traces.configure(on);
  EXPECT_TRUE(traces.is_on());
  EXPECT_EQ(traces.sample_threshold(), uint64_t{1} << 63);
  EXPECT_EQ(traces.slow_ns(), 7u);
  traces.record(root(ids));
  EXPECT_TRUE(good.wait_for_requests(1));

  on.slow_ns = 0;
  traces.configure(on);
  EXPECT_EQ(traces.slow_ns(), never) << "0: no update is kept for being slow";
  traces.configure(off);
  EXPECT_FALSE(traces.is_on());
  EXPECT_EQ(traces.slow_ns(), never);
}

TEST(Otlp, AUrlThatIsNoneIsToldAndTracesStayOff) {
  for (const auto* wrong :
       {"127.0.0.1:4318", "ftp://x", "http://", "http://:4318", "http:///v1", "http://h?x", "http://a b"}) {
    EXPECT_NE(fault_of_collector(wrong), "") << wrong;
    const tracer traces{options_for(wrong)};
    EXPECT_FALSE(traces.is_on()) << wrong;
  }
  for (const auto* right :
       {"http://127.0.0.1:4318", "https://collector.example/base/", "http://[::1]:4318", "http://u:p@h:1"})
    EXPECT_EQ(fault_of_collector(right), "") << right;
}

TEST(Otlp, SecretsOfAUrlAreNotTold) {
  EXPECT_EQ(public_url("http://user:secret@host:4318/base?key=x"), "http://host:4318/base");
  EXPECT_EQ(public_url("http://host:4318"), "http://host:4318");
  EXPECT_EQ(public_url("http://host/a@b"), "http://host/a@b");
  EXPECT_EQ(public_url("nothing"), "nothing");
}

} // namespace
} // namespace tickplant::telemetry::testing
