// peer_uws: uWebSockets doing the work of tickplantd with configs/bench.yaml, by its own publish and subscribe: one
// topic a symbol, one message made and published for each tick. The library is the one inside the Python package
// `socketify` (MIT), whose C functions are declared here; it is loaded at start, since no Debian package has
// uWebSockets. Its loop is libuv's, whose timers know whole milliseconds.
#include "fanout/peer_market.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <dlfcn.h>

namespace {

using namespace tickplant::peer;

struct socket_behavior { // uws_socket_behavior_t
  int compression = 0;
  unsigned max_payload = 1024 * 1024;
  unsigned short idle_timeout = 0;
  unsigned max_backpressure = 64 * 1024 * 1024;
  bool close_on_backpressure = false, reset_idle_on_send = false, sends_pings = false;
  unsigned short max_lifetime = 0;
  void (*upgrade)(void*, void*, void*, void*) = nullptr;
  void (*open)(void*, void*) = nullptr;
  void (*message)(void*, const char*, size_t, int, void*) = nullptr;
  void (*drain)(void*, void*) = nullptr;
  void (*ping)(void*, const char*, size_t, void*) = nullptr;
  void (*pong)(void*, const char*, size_t, void*) = nullptr;
  void (*close)(void*, int, const char*, size_t, void*) = nullptr;
  void (*subscription)(void*, const char*, size_t, int, int, void*) = nullptr;
};

struct context_options { // us_socket_context_options_t
  const char *key = nullptr, *certificate = nullptr, *passphrase = nullptr, *dh = nullptr, *ca = nullptr,
             *ciphers = nullptr;
  int prefer_low_memory = 0;
};

struct listen_config { // uws_app_listen_config_t
  int port = 0;
  const char* host = nullptr;
  int options = 0;
};

constexpr int plain = 0, text_frame = 1;

struct library {
  explicit library(const std::string& file) : handle(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle) throw std::runtime_error(std::string{"cannot load the library: "} + ::dlerror());
    load(create_loop, "socketify_create_loop");
    load(native_loop, "socketify_get_native_loop");
    load(run_loop, "socketify_loop_run");
    load(create_timer, "socketify_create_timer");
    load(loop_with_native, "uws_get_loop_with_native");
    load(create_app, "uws_create_app");
    load(websocket, "uws_ws");
    load(listen, "uws_app_listen_with_config");
    load(subscribe, "uws_ws_subscribe");
    load(send, "uws_ws_send");
    load(publish, "uws_publish");
    load(subscribers, "uws_num_subscribers");
  }

  void* handle;
  void* (*create_loop)();
  void* (*native_loop)(void*);
  int (*run_loop)(void*, int);
  void* (*create_timer)(void*, uint64_t, uint64_t, void (*)(void*), void*);
  void* (*loop_with_native)(void*);
  void* (*create_app)(int, context_options);
  void (*websocket)(int, void*, const char*, socket_behavior, void*);
  void (*listen)(int, void*, listen_config, void (*)(void*, listen_config, void*), void*);
  bool (*subscribe)(int, void*, const char*, size_t);
  int (*send)(int, void*, const char*, size_t, int);
  bool (*publish)(int, void*, const char*, size_t, const char*, size_t, int, bool);
  unsigned (*subscribers)(int, void*, const char*, size_t);

private:
  template <class Function>
  void load(Function& to, const char* name) {
    to = reinterpret_cast<Function>(::dlsym(handle, name));
    if (!to) throw std::runtime_error(std::string{"the library has no function "} + name);
  }
};

uint64_t clock_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

struct market_server {
  market_server(const std::string& file, const market_options& market) : uws(file), options(market) {
    for (uint32_t i = 0; i < options.symbols; ++i) quotes.emplace_back(i);
  }

  void on_message(void* client, std::string_view request) {
    for (const uint32_t number : symbols_in(request, options.symbols)) {
      const auto topic = symbol_name(number);
      uws.subscribe(plain, client, topic.data(), topic.size());
    }
    constexpr std::string_view answer = R"({"type":"ACK","results":[]})";
    uws.send(plain, client, answer.data(), answer.size(), text_frame);
  }

  void on_timer() {
    const auto sent_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count());
    ticks->run(clock_ns(), [&](uint64_t number) {
      if (options.is_spread)
        tell(static_cast<uint32_t>(number % options.symbols), sent_us);
      else
        for (uint32_t symbol = 0; symbol < options.symbols; ++symbol) tell(symbol, sent_us);
    });
  }

  void tell(uint32_t symbol, uint64_t sent_us) {
    const auto topic = symbol_name(symbol);
    if (uws.subscribers(plain, app, topic.data(), topic.size()) == 0) return;
    text.assign(R"({"type":"MARKET_DATA","timestamp":)").append(std::to_string(sent_us / 1'000));
    text += R"(,"symbols":[)";
    quotes[symbol].append(text, "UWS", 1'700'000'000'000'000'000, sent_us);
    text += "]}";
    uws.publish(plain, app, topic.data(), topic.size(), text.data(), text.size(), text_frame, false);
  }

  int run(uint16_t port) {
    auto* loop = uws.create_loop();
    uws.loop_with_native(uws.native_loop(loop));
    app = uws.create_app(plain, {});
    socket_behavior behavior;
    behavior.message = [](void* client, const char* bytes, size_t size, int, void* me) {
      static_cast<market_server*>(me)->on_message(client, {bytes, size});
    };
    behavior.open = [](void*, void*) {};
    behavior.close = [](void*, int, const char*, size_t, void*) {};
    uws.websocket(plain, app, "/*", behavior, this);
    bool is_listening = false;
    uws.listen(
      plain, app, {port, "127.0.0.1", 0},
      [](void* socket, listen_config, void* told) { *static_cast<bool*>(told) = socket != nullptr; }, &is_listening);
    if (!is_listening) throw std::runtime_error("cannot listen");
    ticks = std::make_unique<tick_clock>(options, clock_ns());
    uws.create_timer(
      loop, 1, 1, [](void* me) { static_cast<market_server*>(me)->on_timer(); }, this);
    return uws.run_loop(loop, 0);
  }

  library uws;
  market_options options;
  std::vector<quote_writer> quotes;
  std::unique_ptr<tick_clock> ticks;
  void* app = nullptr;
  std::string text;
};

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"peer_uws: uWebSockets, to be measured beside tickplantd"};
  market_options market;
  uint16_t port = 8081;
  std::string file;
  app.add_option("--library", file, "libsocketify_linux_amd64.so of the Python package socketify")->required();
  app.add_option("--port", port)->capture_default_str();
  app.add_option("--symbols", market.symbols)->capture_default_str();
  app.add_option("--hz", market.hz)->capture_default_str();
  app.add_flag("--spread", market.is_spread);
  CLI11_PARSE(app, argc, argv);
  try {
    return market_server{file, market}.run(port);
  } catch (const std::exception& fault) {
    std::cerr << "peer_uws: " << fault.what() << '\n';
    return 1;
  }
}
