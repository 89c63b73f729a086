// Spans of our own tracer in a real Jaeger, as its query API tells them. Skips where none has been built.
#include "support/jaeger.hpp"

#include "runtime/telemetry/sampler.hpp"
#include "runtime/telemetry/tracer.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace tickplant::testing {
namespace {

using telemetry::span_record;
namespace span_name = telemetry::span_name;

uint64_t wall_ns() {
  return static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

class Jaeger : public ::testing::Test {
protected:
  void SetUp() override {
    const auto program = find_jaeger_program();
    if (!program) GTEST_SKIP() << "no Jaeger here: ./dev jaeger --build-only makes one, or set TICKPLANT_JAEGER";
    real_ = std::make_unique<jaeger>(*program);
  }

  telemetry::tracer_options options() const {
    telemetry::tracer_options options;
    options.otlp = real_->otlp_url();
    options.service = "tickplant-test";
    options.node = "node-7";
    options.version = "1.2.3";
    options.sample = 1;
    return options;
  }
  // A chain, each span the child of the one before.
  std::vector<span_record> chain(std::initializer_list<const char*> names) {
    std::vector<span_record> spans;
    const auto trace = ids_.new_trace_id();
    const auto now = wall_ns();
    for (const auto* const name : names) {
      span_record span;
      span.name = name;
      span.trace_id = trace;
      span.span_id = ids_.new_span_id();
      if (!spans.empty()) span.parent_id = spans.back().span_id;
      span.start_ns = now + 1'000'000 * spans.size();
      span.end_ns = span.start_ns + 250'000;
      spans.push_back(span);
    }
    return spans;
  }

  std::unique_ptr<jaeger> real_;
  telemetry::sampler ids_;
};

TEST_F(Jaeger, ShowsTheTraceOfAnUpdateWithParentsTimesAndAttributes) {
  telemetry::tracer traces{options()};
  auto spans = chain({span_name::venue_receive, span_name::venue_decode, span_name::book_apply, span_name::hub_encode,
                      span_name::connection_write});
  spans[0].add("venue", "NASDAQ").add("venue.sequence", 1234567890123);
  spans[4].fail("broken pipe");
  for (const auto& span : spans) traces.record(span);
  ASSERT_TRUE(traces.flush(patience));
  ASSERT_EQ(traces.counters().exported, spans.size());

  const auto trace = find_trace(*real_, "tickplant-test", span_name::venue_receive, {span_name::connection_write});
  ASSERT_TRUE(trace) << real_->output();
  EXPECT_EQ(trace->trace_id, telemetry::trace_id_text(spans[0].trace_id));
  ASSERT_EQ(trace->spans.size(), spans.size()) << trace->text();
  EXPECT_EQ(trace->span(span_name::venue_receive)->parent_id, "");
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto* const shown = trace->span(spans[i].name);
    ASSERT_TRUE(shown) << spans[i].name;
    EXPECT_EQ(shown->span_id, telemetry::span_id_text(spans[i].span_id));
    EXPECT_EQ(shown->start_us, spans[i].start_ns / 1'000);
    EXPECT_EQ(shown->duration_us, 250u);
    if (i > 0) {
      EXPECT_TRUE(trace->is_child(spans[i].name, spans[i - 1].name)) << trace->text();
    }
  }
  const auto& tags = trace->span(span_name::venue_receive)->tags;
  EXPECT_EQ(tags.at("venue"), "NASDAQ");
  EXPECT_EQ(tags.at("venue.sequence"), "1234567890123");
  EXPECT_EQ(trace->span(span_name::connection_write)->tags.at("error"), "true");
  EXPECT_EQ(trace->process_tags.at("service.instance.id"), "node-7");
  EXPECT_EQ(trace->process_tags.at("service.version"), "1.2.3");
}

TEST_F(Jaeger, KeepsThousandsOfTracesApart) {
  constexpr int updates = 1'000;
  {
    telemetry::tracer traces{options()};
    for (int i = 0; i < updates; ++i)
      for (const auto& span : chain({span_name::venue_receive, span_name::book_apply})) traces.record(span);
    ASSERT_TRUE(traces.flush(patience));
    ASSERT_EQ(traces.counters().exported + traces.counters().dropped_queue, 2u * updates);
  }
  const auto trace = find_trace(*real_, "tickplant-test", span_name::book_apply, {span_name::venue_receive});
  ASSERT_TRUE(trace) << real_->output();
  EXPECT_EQ(trace->spans.size(), 2u) << trace->text();
  EXPECT_TRUE(trace->is_child(span_name::book_apply, span_name::venue_receive)) << trace->text();
}

} // namespace
} // namespace tickplant::testing
