// What passes a recorder comes back from a playback: the same calls, in the same order.
#include "files.hpp"
#include "runtime/capture/playback.hpp"
#include "runtime/capture/recorder.hpp"

#include <sstream>

namespace tickplant::capture {
namespace {

/// A world that a test plays by hand.
class hand_world final : public plugin::venue_io {
public:
  int32_t line_open(const tp_line_spec& spec) override {
    opened.push_back(spec.line);
    return TP_OK;
  }
  void line_close(uint32_t) override {}
  int32_t send(uint32_t, uint32_t, std::span<const uint8_t> bytes) override {
    sent += bytes.size();
    return TP_OK;
  }
  int32_t http_get(const tp_http_request&) override { return TP_OK; }
  void set_timer(uint32_t, uint64_t) override {}
  std::vector<uint32_t> opened;
  size_t sent = 0;
};

/// A plugin that opens two lines and one request, and writes down everything that it is told.
class diary final : public plugin::venue_sink {
public:
  void begin(plugin::venue_io& world) {
    world_ = &world;
    open(0, TP_LINE_UDP_GROUP, "a");
    open(1, TP_LINE_TCP, "recovery");
    tp_http_request request{};
    request.struct_size = sizeof request;
    request.id = 9;
    request.url = {"http://venue/depth?symbol=X", 27};
    world.http_get(request);
  }
  void on_units(std::span<const tp_unit> units) override {
    text << "units";
    for (const auto& u : units)
      text << ' ' << u.line << '@' << u.recv_ns << ':' << std::string(reinterpret_cast<const char*>(u.data), u.size);
    text << '\n';
  }
  int64_t on_stream(const tp_unit& u) override {
    // Messages of four bytes.
    const int64_t used = u.size / 4 * 4;
    text << "stream " << u.line << ':' << std::string(reinterpret_cast<const char*>(u.data), static_cast<size_t>(used))
         << '\n';
    return used;
  }
  void on_line(uint32_t line, uint32_t state, std::string_view why, uint64_t) override {
    text << "line " << line << ' ' << state << ' ' << why << '\n';
    if (line == 1 && state == TP_LINE_UP) world_->send(1, TP_UNIT_BINARY, testing::bytes_of("secret login"));
  }
  void on_http(const tp_http_answer& a) override {
    text << "http " << a.id << ' ' << a.status << ' ' << std::string(a.body.data, a.body.size) << '\n';
  }
  void on_timer(uint32_t id, uint64_t) override { text << "timer " << id << '\n'; }
  std::ostringstream text;

private:
  void open(uint32_t number, uint16_t kind, const char* name) {
    tp_line_spec spec{};
    spec.struct_size = sizeof spec;
    spec.line = number;
    spec.kind = kind;
    spec.name = {name, std::strlen(name)};
    spec.address = {"tcp://host:1?token=hidden", 25};
    world_->line_open(spec);
  }
  plugin::venue_io* world_ = nullptr;
};

tp_unit unit(std::string_view text, uint32_t line, uint64_t ns) {
  return {
    reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), line, ns, TP_UNIT_BINARY, 0};
}

/// A live session of a few happenings; what the plugin was told.
std::string record_session(const std::string& folder) {
  disk to{[](bool, std::string_view) {}};
  diary plugin;
  uint64_t now = 1'000;
  {
    recorder between{plugin, to.open({folder, "V", "p", 1, 1, 1 << 30, 0}), [&] { return now; }};
    auto world = std::make_unique<hand_world>();
    auto* hand = world.get();
    between.attach(std::move(world));
    plugin.begin(between);
    EXPECT_EQ(hand->opened.size(), 2u);
    between.on_line(0, TP_LINE_UP, "", now = 1'100);
    between.on_line(1, TP_LINE_UP, "", now = 1'200);
    EXPECT_EQ(hand->sent, 12u);
    const tp_unit together[] = {unit("one", 0, 1'300), unit("two", 0, 1'300)};
    between.on_units(together);
    const tp_unit alone[] = {unit("three", 0, 1'400)};
    between.on_units(alone);
    // Ten bytes, of which eight are used; then six more behind the two that are left.
    EXPECT_EQ(between.on_stream(unit("aaaabbbbcc", 1, now = 1'500)), 8);
    EXPECT_EQ(between.on_stream(unit("cc", 1, 1'500)), 0);
    EXPECT_EQ(between.on_stream(unit("ccccdddd", 1, now = 1'600)), 8);
    tp_http_answer answer{};
    answer.struct_size = sizeof answer;
    answer.id = 9;
    answer.status = 200;
    answer.body = {"{}", 2};
    answer.recv_ns = now = 1'700;
    between.on_http(answer);
    between.on_line(1, TP_LINE_CLOSED, "closed by the other side", now = 1'800);
    EXPECT_EQ(between.counts().dropped, 0u);
  }
  to.flush();
  return plugin.text.str();
}

std::string play(const std::vector<std::string>& files) {
  playback world{files};
  diary plugin;
  plugin.begin(world);
  while (world.step(plugin)) {
  }
  return plugin.text.str();
}

TEST(CaptureRecorder, IsPlayedBackCallByCall) {
  testing::folder at;
  auto live = record_session(at.path());
  // Bytes that the plugin left are offered again by a world only with more behind them, or not.
  const std::string again = "stream 1:\n";
  const auto without = [&](std::string text) {
    for (size_t i; (i = text.find(again)) != std::string::npos;) text.erase(i, again.size());
    return text;
  };
  EXPECT_EQ(without(play(at.files())), without(live));
  EXPECT_EQ(play(at.files()), play(at.files()));
}

TEST(CaptureRecorder, KeepsNeitherLoginsNorSecretsOfAddresses) {
  testing::folder at;
  record_session(at.path());
  const auto bytes = testing::contents_of(at.files().at(0));
  const std::string text{bytes.begin(), bytes.end()};
  EXPECT_EQ(text.find("secret login"), std::string::npos);
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("tcp://host:1"), std::string::npos);
}

TEST(CaptureRecorder, GoesOnWithoutADisk) {
  testing::folder at;
  testing::write_file(at.at("file"), {1});
  disk to{[](bool, std::string_view) {}};
  diary plugin;
  recorder between{plugin, to.open({at.at("file"), "V", "p", 1, 1, 1 << 30, 0}), [] { return uint64_t{1}; }};
  between.attach(std::make_unique<hand_world>());
  plugin.begin(between);
  const std::string bytes(1'000, 'x');
  for (int i = 0; i < 1'000; ++i) {
    const tp_unit units[] = {unit(bytes, 0, 1'000'000'000ull * static_cast<uint64_t>(i))};
    between.on_units(units);
    to.flush();
  }
  EXPECT_GT(between.counts().dropped, 900u);
  EXPECT_NE(plugin.text.str().find("units 0@999000000000"), std::string::npos);
}

} // namespace
} // namespace tickplant::capture
