#include "runtime/plugin/dialect_host.hpp"

#include <tickplant/dialect.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <stdexcept>

namespace tickplant::plugin {
namespace {

using testing::HasSubstr;

struct script {
  std::function<int64_t(uint8_t*, size_t)> print;
  std::function<int32_t(const tp_frame*, const tp_dialect_host*, tp_ctx*)> decode;
  const tp_dialect_host* table = nullptr;
};
script* playing = nullptr;

dialect_plugin scripted() {
  tp_dialect_ops ops{};
  ops.struct_size = sizeof ops;
  ops.frame_flags = TP_FRAME_TEXT;
  ops.separator = sdk::to_tp(",");
  ops.tail = sdk::to_tp("]}");
  ops.validate = [](const tp_config* config, const tp_dialect_host* table, tp_ctx* ctx) -> int32_t {
    if (config->count > 0) table->complain(ctx, config->pairs[0].key, sdk::to_tp("is not known"));
    return TP_OK;
  };
  ops.create = [](const tp_config*, const tp_dialect_host* table, tp_ctx*, void** self) -> int32_t {
    playing->table = table;
    *self = playing;
    return TP_OK;
  };
  ops.decode = [](void*, const tp_frame* frame, tp_ctx* to) -> int32_t {
    return playing->decode(frame, playing->table, to);
  };
  ops.envelope = [](void*, const tp_envelope*, const tp_variant*, uint8_t* out, size_t capacity) {
    return playing->print(out, capacity);
  };
  ops.element = [](void*, const tp_element*, const tp_variant*, uint8_t* out, size_t capacity) {
    return playing->print(out, capacity);
  };
  ops.reply = [](void*, const tp_reply*, uint8_t* out, size_t capacity) { return playing->print(out, capacity); };
  ops.destroy = [](void*) {};
  return {{"scripted", "1", "x", TP_KIND_DIALECT, 0, {}}, ops};
}

struct recording_visitor final : request_visitor {
  void on_request(const tp_request& request) override { requests.push_back(request.kind); }
  void on_problem(const tp_problem& problem) override {
    problems.push_back(problem.code);
    if (throws) throw std::runtime_error{"visitor"};
  }
  std::vector<uint32_t> requests;
  std::vector<int32_t> problems;
  bool throws = false;
};

struct DialectHost : testing::Test {
  DialectHost() : host(scripted(), {}, {}) {
    playing = &played;
    EXPECT_TRUE(host.create());
  }
  script played;
  dialect_host host;
  std::vector<uint8_t> out{'<'};
  tp_variant variant{};

  std::string text() const { return {out.begin(), out.end()}; }
  /// A well-behaved printing function.
  static std::function<int64_t(uint8_t*, size_t)> printing(std::string what) {
    return [what = std::move(what)](uint8_t* to, size_t capacity) {
      if (what.size() <= capacity) std::memcpy(to, what.data(), what.size());
      return static_cast<int64_t>(what.size());
    };
  }
};

TEST_F(DialectHost, AppendsWhatIsPrinted) {
  played.print = printing("abc");
  EXPECT_EQ(host.element({}, variant, out), 3);
  EXPECT_EQ(host.envelope({}, variant, out), 3);
  EXPECT_EQ(text(), "<abcabc");
  EXPECT_EQ(host.separator(), ",");
  EXPECT_EQ(host.tail(), "]}");
}

TEST_F(DialectHost, OffersMoreWhereTheTextNeedsIt) {
  const std::string large(100'000, 'x');
  played.print = printing(large);
  EXPECT_EQ(host.reply({}, out), 100'000);
  EXPECT_EQ(text(), "<" + large);
  EXPECT_EQ(host.faults(), 0u);
}

TEST_F(DialectHost, AReplyOfNothingIsNoFault) {
  played.print = printing("");
  EXPECT_EQ(host.reply({}, out), 0);
  EXPECT_EQ(text(), "<");
}

TEST_F(DialectHost, FaultsLeaveTheBufferAsItWas) {
  played.print = [](uint8_t*, size_t) { return int64_t{TP_E_INTERNAL}; };
  EXPECT_EQ(host.element({}, variant, out), TP_E_INTERNAL);
  played.print = [](uint8_t*, size_t) { return dialect_host::largest_print + 1; };
  EXPECT_EQ(host.element({}, variant, out), TP_E_LIMIT);
  EXPECT_THAT(host.last_fault(), HasSubstr("element: wants 16777217 bytes"));
  played.print = [](uint8_t*, size_t capacity) { return static_cast<int64_t>(capacity) + 1; };
  EXPECT_EQ(host.element({}, variant, out), TP_E_INTERNAL);
  EXPECT_THAT(host.last_fault(), HasSubstr("larger buffer each time"));
  played.print = [](uint8_t*, size_t) -> int64_t { throw 1; };
  EXPECT_EQ(host.element({}, variant, out), TP_E_INTERNAL);
  EXPECT_EQ(host.faults(), 4u);
  EXPECT_EQ(text(), "<");
}

TEST_F(DialectHost, DecodeHandsRequestsAndProblemsToTheVisitor) {
  played.decode = [](const tp_frame*, const tp_dialect_host* table, tp_ctx* to) -> int32_t {
    tp_request request{};
    request.struct_size = sizeof request;
    request.kind = TP_REQ_PING;
    table->request(to, &request);
    tp_problem problem{};
    problem.struct_size = sizeof problem;
    problem.code = 4301;
    table->problem(to, &problem);
    return TP_OK;
  };
  recording_visitor visitor;
  EXPECT_EQ(host.decode({}, visitor), TP_OK);
  EXPECT_EQ(visitor.requests, (std::vector<uint32_t>{TP_REQ_PING}));
  EXPECT_EQ(visitor.problems, (std::vector<int32_t>{4301}));
}

// ABI.md, section 7: a plugin that was built against 1.0 writes less of the struct.
TEST_F(DialectHost, DecodeTakesRequestsOfTheFirstVersion) {
  struct seen final : request_visitor {
    void on_request(const tp_request& request) override {
      kind = request.kind;
      trace_parent = request.trace_parent.size;
    }
    void on_problem(const tp_problem&) override {}
    uint32_t kind = 0;
    size_t trace_parent = 1;
  } visitor;
  played.decode = [](const tp_frame*, const tp_dialect_host* table, tp_ctx* to) -> int32_t {
    tp_request request{};
    std::memset(static_cast<void*>(&request), 0xFF, sizeof request);
    request.struct_size = 88;
    request.kind = TP_REQ_PING;
    table->request(to, &request);
    return TP_OK;
  };
  EXPECT_EQ(host.decode({}, visitor), TP_OK);
  EXPECT_EQ(visitor.kind, static_cast<uint32_t>(TP_REQ_PING));
  EXPECT_EQ(visitor.trace_parent, 0u);
}

TEST_F(DialectHost, DecodeReportsShortStructsAndExceptionsOfBothSides) {
  recording_visitor visitor;
  played.decode = [](const tp_frame*, const tp_dialect_host* table, tp_ctx* to) -> int32_t {
    const tp_request request{};
    table->request(to, &request);
    return TP_OK;
  };
  EXPECT_EQ(host.decode({}, visitor), TP_E_INTERNAL);
  EXPECT_TRUE(visitor.requests.empty());
  played.decode = [](const tp_frame*, const tp_dialect_host*, tp_ctx*) -> int32_t { throw 1; };
  EXPECT_EQ(host.decode({}, visitor), TP_E_INTERNAL);
  visitor.throws = true;
  played.decode = [](const tp_frame*, const tp_dialect_host* table, tp_ctx* to) -> int32_t {
    tp_problem problem{};
    problem.struct_size = sizeof problem;
    table->problem(to, &problem);
    return TP_OK;
  };
  EXPECT_EQ(host.decode({}, visitor), TP_E_INTERNAL);
  EXPECT_EQ(host.last_fault(), "decode: visitor");
}

TEST_F(DialectHost, ValidateCollectsComplaints) {
  EXPECT_TRUE(dialect_host::validate(scripted(), {}).empty());
  EXPECT_EQ(dialect_host::validate(scripted(), {{"x", "1"}}), (std::vector<complaint>{{"x", "is not known"}}));
}

} // namespace
} // namespace tickplant::plugin
