#include "swarm.hpp"

#include "client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tickplant::load {

namespace {

constexpr size_t most_opening = 256, most_opening_by_rate = 4'096;
constexpr int most_events = 64; // between two chances to look at the counts
constexpr uint32_t mask = 0x37fa213d;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

// The key is the example of RFC 6455, 1.3, so that the right answer is known.
std::string greeting(const swarm_options& options) {
  std::string text = "GET " + options.path + " HTTP/1.1\r\nHost: " + options.address + ":" +
                     std::to_string(options.port) +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  if (options.deflate)
    text += "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
  for (const auto& header : options.headers) text += header + "\r\n";
  return text + "\r\n";
}

std::vector<std::string> symbols_of(const swarm_options& options, size_t client) {
  const auto& all = options.symbols;
  if (options.symbols_each == 0 || options.symbols_each >= all.size()) return all;
  std::vector<std::string> chosen;
  if (options.chosen == choice::neighbours) {
    for (size_t i = 0; i < options.symbols_each; ++i) chosen.push_back(all[(client + i) % all.size()]);
  } else {
    std::mt19937_64 draw{client};
    std::sample(all.begin(), all.end(), std::back_inserter(chosen), options.symbols_each, draw);
  }
  return chosen;
}

std::string first_frames(const swarm_options& options, size_t client) {
  std::string frames;
  for (const auto& message : options.first) append_frame(frames, opcode::text, message, mask);
  if (options.symbols.empty()) return frames;
  nlohmann::json subscribe{
    {"type", "SUBSCRIBE"}, {"symbols", symbols_of(options, client)}, {"frequency", options.frequency_ms}};
  if (!options.data_types.empty()) subscribe["dataTypes"] = options.data_types;
  if (options.depth >= 0) subscribe["depth"] = options.depth;
  append_frame(frames, opcode::text, subscribe.dump(), mask);
  return frames;
}

sockaddr_in address_of(const swarm_options& options) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.address.c_str(), &at.sin_addr) != 1)
    throw std::invalid_argument("'" + options.address + "' is no numeric IPv4 address");
  return at;
}

void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

struct descriptor {
  explicit descriptor(int number) : value(number) {}
  ~descriptor() { ::close(value); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int value;
};

} // namespace

bool read_url(const std::string& url, swarm_options& to) {
  const bool is_tls = url.starts_with("wss://");
  const std::string_view scheme = is_tls ? "wss://" : "ws://";
  if (!url.starts_with(scheme)) return false;
  const size_t slash = std::min(url.find('/', scheme.size()), url.size());
  const auto host = url.substr(scheme.size(), slash - scheme.size());
  const size_t colon = host.find(':');
  const auto digits = colon == std::string::npos ? std::string{} : host.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos) return false;
  const auto port = std::stoul(digits);
  if (port == 0 || port > 65'535) return false;
  to.address = host.substr(0, colon);
  to.port = static_cast<uint16_t>(port);
  to.is_tls = is_tls;
  to.path = slash == url.size() ? "/" : url.substr(slash);
  return true;
}

std::string numbered_symbol(size_t number) {
  const auto digits = std::to_string(number);
  return "S" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

struct swarm::implementation {
  explicit implementation(const swarm_options& options)
    : wake(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      epoll(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), shared(epoll.value, counts) {
    shared.server = address_of(options);
    shared.greeting = greeting(options);
    shared.may_compress = options.deflate;
    if (options.is_tls) shared.tls = make_tls_context();
    epoll_event waking{};
    waking.events = EPOLLIN; // data.ptr stays null: no client
    checked(::epoll_ctl(epoll.value, EPOLL_CTL_ADD, wake.value, &waking), "epoll_ctl");
    rate = options.connects_per_second;
    polls = options.polls;
    const size_t every = std::max<size_t>(options.check_every, 1);
    for (size_t i = 0; i < options.clients; ++i)
      clients.emplace_back(shared, i, client_role{first_frames(options, i), i < options.silent, i % every == 0});
  }

  void run() {
    std::array<epoll_event, most_events> events;
    begin = std::chrono::steady_clock::now();
    for (bool goes_on = true; goes_on;) {
      const int wait_ms = open_more();
      const int count = ::epoll_wait(epoll.value, events.data(), most_events, polls ? 0 : wait_ms);
      if (count <= 0) continue; // whoever polls leaves the lock to others
      std::lock_guard guard{lock};
      for (int i = 0; i < count; ++i) {
        auto* one = static_cast<client*>(events[static_cast<size_t>(i)].data.ptr);
        if (one)
          one->on_ready(events[static_cast<size_t>(i)].events);
        else
          goes_on = false;
      }
    }
    std::lock_guard guard{lock};
    for (auto& one : clients) one.leave();
  }

  /// How long to wait for the next chance, -1: until something happens.
  int open_more() {
    if (opened == clients.size()) return -1;
    std::lock_guard guard{lock};
    if (rate > 0) {
      const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begin;
      const auto due = static_cast<size_t>(std::min(since.count() * rate, static_cast<double>(clients.size())));
      while (opened < due && shared.opening < most_opening_by_rate) clients[opened++].connect();
      return opened < clients.size() ? 1 : -1;
    }
    while (opened < clients.size() && shared.opening < most_opening) clients[opened++].connect();
    return -1;
  }

  size_t silent() const {
    return static_cast<size_t>(
      std::count_if(clients.begin(), clients.end(), [](const client& one) { return one.is_silent(); }));
  }

  void run_safely() {
    try {
      run();
    } catch (const std::exception& fault) {
      std::lock_guard guard{lock};
      ++counts.unreadable;
      counts.faults.push_back(std::string{"the swarm ended: "} + fault.what());
    }
  }

  mutable std::mutex lock; // of all below but `wake`, while a batch of events is worked on
  swarm_counts counts;
  descriptor wake, epoll;
  shared_parts shared;
  std::deque<client> clients;
  size_t opened = 0;
  double rate = 0; // connects a second, 0: as they are taken
  bool polls = false;
  std::chrono::steady_clock::time_point begin;
  std::thread thread;
};

swarm::swarm(swarm_options options) {
  raise_file_limit();
  implementation_ = std::make_unique<implementation>(options);
  implementation_->thread = std::thread{[me = implementation_.get()] { me->run_safely(); }};
}

swarm::~swarm() {
  stop();
}

void swarm::stop() {
  auto& me = *implementation_;
  if (!me.thread.joinable()) return;
  const uint64_t one = 1;
  (void)!::write(me.wake.value, &one, sizeof one);
  me.thread.join();
}

swarm_counts swarm::counts() const {
  const auto& me = *implementation_;
  std::lock_guard guard{me.lock};
  auto copy = me.counts;
  if (me.clients.size() > me.silent()) copy.least_updates = UINT64_MAX;
  for (const auto& one : me.clients) {
    if (one.is_silent()) continue;
    copy.least_updates = std::min(copy.least_updates, one.updates());
    copy.longest_stall_us = std::max(copy.longest_stall_us, one.waits_us(wall_us()));
  }
  return copy;
}

uint64_t swarm::sends() const {
  const auto& me = *implementation_;
  std::lock_guard guard{me.lock};
  uint64_t all = 0;
  for (const auto& one : me.clients) all += one.sends();
  return all;
}

void swarm::begin_measuring() {
  auto& me = *implementation_;
  std::lock_guard guard{me.lock};
  me.counts.latency = {};
  me.counts.longest_stall_us = 0;
  me.shared.measured_from_us = wall_us();
}

} // namespace tickplant::load
