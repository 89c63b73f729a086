#include "runtime/config/declaration.hpp"

#include "runtime/config/declaration_parts.hpp"

namespace tickplant::config {

namespace {

using namespace std::chrono_literals;
using namespace declare;
using bind::field;

const std::vector<std::string> log_levels{"debug", "info", "warning", "error", "off"};

template <auto Member>
using of_log = field<&server_options::log, Member>;
template <auto Member>
using of_limits = field<&server_options::limits, Member>;
template <auto Member>
using of_supervision = field<&server_options::supervision, Member>;
template <auto Member>
using of_telemetry = field<&server_options::telemetry, Member>;
template <auto Member>
using of_admin = field<&server_options::admin, Member>;

bool is_url_or_empty(const std::string& text) {
  return text.empty() || is_http_url(text);
}

bool is_component_level(const std::string& name, const std::string& level) {
  return !name.empty() && std::find(log_levels.begin(), log_levels.end(), level) != log_levels.end();
}

binding admin_bind() {
  binding made{value_type::address, endpoint_wanted + ", or nothing", {}, {}, {}};
  made.put = [](const node& value, const std::string& path, options_part to, reading_context& context) {
    auto& admin = std::get<server_options*>(to)->admin;
    const auto text = bind::scalar(value, path, endpoint_wanted, context);
    if (!text) return;
    const auto read = to_endpoint(*text);
    if (!text->empty() && !read)
      return bind::complain(context, value, path, endpoint_wanted + " is wanted, or nothing");
    admin.is_on = !text->empty();
    admin.address = read ? read->address : std::string{};
    admin.port = read ? read->port : uint16_t{0};
  };
  made.show = [](const_part from) {
    const auto& admin = std::get<const server_options*>(from)->admin;
    return admin.is_on ? endpoint_text(admin.address, admin.port) : std::string{};
  };
  return made;
}

void add_process(std::vector<key>& to) {
  to.push_back({"node.name", process, "", "plant-1", "Name of this server in logs, traces and the admin API.",
                bind::text<field<&server_options::node_name>>("a name that is not empty", is_not_empty)});
  to.push_back(
    {"plugins.path", process, "", "[plugins]",
     "Folders that are searched for plugins, before `../plugins` and `../lib/tickplant/plugins` beside the program.",
     bind::list<field<&server_options::plugin_folders>>(value_type::paths, "a folder, or a list of them",
                                                        is_not_empty)});
  to.push_back({"loops.network", process, "threads", "2", "Threads that serve clients; 0: half the cores, at least 1.",
                bind::number<field<&server_options::network_loops>>(0, 64)});
  to.push_back({"loops.feed", process, "threads", "2",
                "Threads that run venues and their books; 0: they run on the first that serves clients, which costs "
                "least where there is one core.",
                bind::number<field<&server_options::feed_loops>>(0, 64)});
  to.push_back(
    {"loops.window", live, "", "1ms",
     "Updates of frequency 0 wait this long for others of the same client, to be sent together: less work and "
     "later data; 0ms: each at once.",
     bind::duration<field<&server_options::window>>(0ns, 100ms)});
}

void add_log(std::vector<key>& to) {
  to.push_back({"log.level", live, "", "debug", "Least level that is written.",
                bind::choice<of_log<&log_options::level>>(log_levels)});
  to.push_back({"log.format", live, "", "json", "Lines for people, or one JSON object a line.",
                bind::choice<of_log<&log_options::format>>({"text", "json"})});
  to.push_back({"log.levels", live, "", "{venue: debug}",
                "Levels of single components and of those whose names begin so.",
                bind::pairs<of_log<&log_options::levels>>("a component with debug, info, warning, error or off",
                                                          is_component_level)});
  to.push_back({"log.rate", live, "lines a second and cause", "100",
                "What one cause writes beyond this is counted and summed up.",
                bind::number<of_log<&log_options::rate>>(1, 1'000'000)});
}

void add_limits(std::vector<key>& to) {
  using limits = limit_options;
  to.push_back({"limits.max_symbols", live, "symbols a connection", "10", "Most symbols at once.",
                bind::number<of_limits<&limits::max_symbols>>(1, 100'000)});
  to.push_back({"limits.max_depth", live, "levels a side", "10", "Deepest order book.",
                bind::number<of_limits<&limits::max_depth>>(0, 1'000)});
  to.push_back({"limits.message_bytes", live, "bytes", "16KiB", "Largest message of a client.",
                bind::bytes<of_limits<&limits::message_bytes>>(128, 16u << 20)});
  to.push_back({"limits.clients", live, "sockets a network loop", "1000", "Most clients at once.",
                bind::number<of_limits<&limits::clients>>(1, 1'000'000)});
  to.push_back({"limits.handshake", live, "", "2s", "For a client to complete its handshake.",
                bind::duration<of_limits<&limits::handshake>>(100ms, 60s)});
  to.push_back({"limits.ping_interval", live, "", "10s", "Between two pings to a client.",
                bind::duration<of_limits<&limits::ping_interval>>(1s, 600s)});
  to.push_back({"limits.pong_wait", live, "", "5s", "For a client to answer a ping.",
                bind::duration<of_limits<&limits::pong_wait>>(1s, 600s)});
  to.push_back({"limits.stall", live, "", "5s", "A client that takes no byte for this long is closed.",
                bind::duration<of_limits<&limits::stall>>(1s, 600s)});
  to.push_back({"limits.idle", live, "", "10m",
                "A client that is subscribed to nothing and says nothing for this long is closed; 0s: never.",
                bind::duration<of_limits<&limits::idle>>(0s, 24h)});
  to.push_back({"limits.retry_after", live, "", "500ms",
                "Clients are told to come back no sooner than this when the server leaves.",
                bind::duration<of_limits<&limits::retry_after>>(0s, 1h)});
  to.push_back({"limits.retry_spread", live, "", "30s",
                "Each client is told another time within this beyond `retry_after`, so that not all come at once.",
                bind::duration<of_limits<&limits::retry_spread>>(0s, 1h)});
  to.push_back({"limits.auth_workers", process, "threads", "4", "Threads that check credentials.",
                bind::number<of_limits<&limits::auth_workers>>(1, 64)});
  to.push_back({"limits.auth_queue", process, "credentials", "100",
                "Credentials that may wait for a thread; more are refused.",
                bind::number<of_limits<&limits::auth_queue>>(1, 100'000)});
  to.push_back({"limits.auth_deadline", live, "", "5s", "For a client to log in, and for one check.",
                bind::duration<of_limits<&limits::auth_deadline>>(100ms, 600s)});
  to.push_back({"limits.resume_bytes", live, "bytes", "1MiB",
                "Kept of each line of trades or book changes, for clients that are behind or resume.",
                bind::bytes<of_limits<&limits::resume_bytes>>(4u << 10, 64u << 20)});
  to.push_back({"limits.resume_total", live, "bytes a network loop", "256MiB",
                "Kept of all such lines together; those that nobody looks at go first.",
                bind::bytes<of_limits<&limits::resume_total>>(1u << 20, 4'000'000'000u)});
}

void add_supervision(std::vector<key>& to) {
  using supervision = supervision_options;
  to.push_back({"supervision.restarts", process, "restarts", "10",
                "Of one child within `period`; one more goes up to its supervisor.",
                bind::number<of_supervision<&supervision::restarts>>(0, 10'000)});
  to.push_back({"supervision.period", process, "", "30s", "Over which restarts are counted.",
                bind::duration<of_supervision<&supervision::period>>(1s, 1h)});
  to.push_back({"supervision.backoff_first", process, "", "50ms", "Before the first restart; doubled with each death.",
                bind::duration<of_supervision<&supervision::backoff_first>>(0ms, 60s)});
  to.push_back({"supervision.backoff_max", process, "", "10s", "Longest wait before a restart.",
                bind::duration<of_supervision<&supervision::backoff_max>>(1ms, 1h)});
}

void add_telemetry(std::vector<key>& to) {
  using telemetry = telemetry_options;
  to.push_back(
    {"telemetry.otlp", live, "", "http://127.0.0.1:4318", "Where traces go, by OTLP over HTTP; empty: traces are off.",
     bind::text<of_telemetry<&telemetry::otlp>>("an http:// or https:// URL, or nothing,", is_url_or_empty)});
  to.push_back({"telemetry.sample", live, "", "1/1000", "Part of the updates that is traced.",
                bind::fraction<of_telemetry<&telemetry::sample>>()});
  to.push_back({"telemetry.slow", live, "", "5ms", "Updates that take longer are always kept; 0ms: off.",
                bind::duration<of_telemetry<&telemetry::slow>>(0ns, 1h)});
  to.push_back({"telemetry.service", live, "", "plant-1", "Name of the service in traces.",
                bind::text<of_telemetry<&telemetry::service>>("a name that is not empty", is_not_empty)});
  to.push_back({"telemetry.queue", process, "spans", "1024",
                "Spans that may wait for export; more are dropped and counted.",
                bind::number<of_telemetry<&telemetry::queue>>(1, 1'000'000)});
  to.push_back({"telemetry.timeout", live, "", "500ms", "For one export.",
                bind::duration<of_telemetry<&telemetry::timeout>>(1ms, 1500ms)});
}

void add_admin(std::vector<key>& to) {
  to.push_back({"admin.bind", process, "", "127.0.0.1:9600",
                "Listener of the admin API; empty: none. Keep it on loopback.", admin_bind()});
  to.push_back({"admin.token", live, "", "let-me-in", "Bearer token that the admin API asks for; empty: none.",
                bind::secret_text<of_admin<&admin_options::token>>()});
  to.push_back({"admin.allow_kill", live, "", "true", "The admin API may kill actors, for drills.",
                bind::flag<of_admin<&admin_options::allow_kill>>()});
  to.push_back({"reload.watch", process, "", "false", "Reload when a file of the configuration changes.",
                bind::flag<field<&server_options::watch>>()});
}

// A secret may stand in a file of its own.
void add_secret_files(std::vector<key>& to) {
  for (size_t i = 0; i < to.size(); ++i) {
    if (!to[i].is_secret()) continue;
    key companion{to[i].path + "_file",
                  to[i].effect,
                  "",
                  "token",
                  "File that holds `" + to[i].path + "`.",
                  bind::secret_from_file(to[i].bound)};
    to.insert(to.begin() + static_cast<ptrdiff_t>(++i), std::move(companion));
  }
}

std::vector<key> build() {
  std::vector<key> keys;
  add_process(keys);
  add_venues(keys);
  add_listeners(keys);
  add_policies(keys);
  add_tiers(keys);
  add_dialects(keys);
  add_consolidation(keys);
  add_limits(keys);
  add_supervision(keys);
  add_log(keys);
  add_telemetry(keys);
  add_admin(keys);
  add_secret_files(keys);
  return keys;
}

} // namespace

const std::vector<key>& declaration() {
  static const std::vector<key> keys = build();
  return keys;
}

} // namespace tickplant::config
