// Keys of what clients meet: listeners, policies, tiers.
#include "runtime/config/declaration_parts.hpp"

#include <tickplant/dialect.h>

namespace tickplant::config::declare {

namespace {

using namespace std::chrono_literals;
using bind::field;

template <auto Member>
using of_tls = field<&listener_options::tls, Member>;

bool is_route(const std::string& path, const std::string& dialect) {
  return !path.empty() && path.front() == '/' && is_name(dialect);
}

// A policy's name, or what can be a plugin: a name, or a path to one.
bool is_policy(const std::string& text) {
  return is_name(text) || text.find('/') != std::string::npos;
}

binding listener_bind() {
  binding made{value_type::address, endpoint_wanted, {}, {}, {}};
  made.put = [](const node& value, const std::string& path, options_part to, reading_context& context) {
    const auto text = bind::scalar(value, path, endpoint_wanted, context);
    const auto read = text ? to_endpoint(*text) : std::nullopt;
    if (!read) return bind::complain(context, value, path, endpoint_wanted + " is wanted");
    auto& listener = *std::get<listener_options*>(to);
    listener.address = read->address;
    listener.port = read->port;
  };
  made.show = [](const_part from) {
    const auto& listener = *std::get<const listener_options*>(from);
    return endpoint_text(listener.address, listener.port);
  };
  return bind::finish<field<&listener_options::port>>(std::move(made));
}

constexpr std::pair<const char*, uint32_t> data_names[] = {{"QUOTES", TP_DATA_QUOTES},
                                                           {"TRADES", TP_DATA_TRADES},
                                                           {"ORDER_BOOK", TP_DATA_ORDER_BOOK},
                                                           {"STATISTICS", TP_DATA_STATISTICS},
                                                           {"SIGNALS", TP_DATA_SIGNALS}};

bool is_data_type(const std::string& text) {
  return std::any_of(std::begin(data_names), std::end(data_names),
                     [&](const auto& known) { return known.first == text; });
}

binding data_types() {
  const std::string wanted = "a list of QUOTES, TRADES, ORDER_BOOK, STATISTICS, SIGNALS";
  binding made{value_type::texts, wanted, {}, {}, {}};
  made.put = [wanted](const node& value, const std::string& path, options_part to, reading_context& context) {
    const auto read = bind::texts(value, path, wanted, is_data_type, context);
    if (!read) return;
    uint32_t mask = 0;
    for (const auto& text : *read)
      for (const auto& [name, bit] : data_names)
        if (text == name) mask |= bit;
    std::get<tier_options*>(to)->data_types = mask;
    if (mask == 0) bind::complain(context, value, path, "at least one data type is wanted");
  };
  made.show = [](const_part from) {
    std::vector<std::string> names;
    for (const auto& [name, bit] : data_names)
      if ((std::get<const tier_options*>(from)->data_types & bit) != 0) names.emplace_back(name);
    return list_text(names);
  };
  return bind::finish<field<&tier_options::data_types>>(std::move(made));
}

void add_listener_basics(std::vector<key>& to) {
  key name{"listeners.*.name",
           component,
           "",
           "public",
           "Identity of the listener, in logs, metrics and at a reload.",
           bind::text<field<&listener_options::name>>("a name of 1 to 32 letters, digits, _ and -, not digits alone,",
                                                      is_listener_name)};
  name.bound.fallback = "listener-N";
  to.push_back(std::move(name));
  to.push_back({"listeners.*.bind", component, "", "127.0.0.1:0", "Where clients connect.", listener_bind()});
  key routes{"listeners.*.routes",
             new_connections,
             "",
             "{/ws: hft}",
             "Paths and the dialects that are spoken there; at least one.",
             bind::pairs<field<&listener_options::routes>>("a path beginning with '/' and a dialect's name", is_route)};
  routes.is_required = true;
  to.push_back(std::move(routes));
  to.push_back({"listeners.*.page", new_connections, "", "page",
                "Folder of static files for all other paths: at most 512, 4 MiB each, 32 MiB together; read at start "
                "and when this key changes.",
                bind::path<field<&listener_options::page>>("a folder")});
  to.push_back({"listeners.*.auth", new_connections, "", "staff",
                "Who may connect: a policy of the section `auth`, else a plugin without settings.",
                bind::plugin<field<&listener_options::auth>>("the name of an auth policy or plugin", is_policy)});
  to.push_back({"listeners.*.compression", new_connections, "", "deflate",
                "How updates are compressed: a policy of the section `compression`, else a plugin without settings; "
                "`none`: not at all.",
                bind::plugin<field<&listener_options::compression>>(
                  "the name of a compression policy or plugin, or none,", is_policy)});
}

void add_listener_rules(std::vector<key>& to) {
  to.push_back({"listeners.*.origins", live, "", "[\"https://*.example.com\", \"http://localhost:*\"]",
                "Web pages that may connect, by their `Origin`; empty or `*`: any.",
                bind::list<field<&listener_options::origins>>(
                  value_type::texts,
                  "an origin in lower case (https://app.example.com, https://*.example.com, http://localhost:*) or *",
                  is_origin_pattern)});
  to.push_back({"listeners.*.query_token", new_connections, "", "true",
                "A token may stand in the query of the URL, where proxies log it.",
                bind::flag<field<&listener_options::query_token>>()});
  to.push_back({"listeners.*.metrics", live, "", "true", "Serves `/metrics` here too.",
                bind::flag<field<&listener_options::metrics>>()});
  to.push_back({"listeners.*.stamps", new_connections, "", "true", "Updates carry their time stamps.",
                bind::flag<field<&listener_options::stamps>>()});
  to.push_back({"listeners.*.max_connections", live, "sockets", "1000",
                "Most sockets at once; 0: `limits.clients` alone.",
                bind::number<field<&listener_options::max_connections>>(0, 1'000'000)});
  to.push_back({"listeners.*.max_per_address", live, "sockets", "20", "Most sockets of one address; 0: no bound.",
                bind::number<field<&listener_options::max_per_address>>(0, 1'000'000)});
  to.push_back({"listeners.*.connects_per_address", live, "connections a minute", "60",
                "Most new connections of one address; 0: no bound.",
                bind::number<field<&listener_options::connects_per_address>>(0, 1'000'000)});
  to.push_back({"listeners.*.tls.certificate", live, "", "server.pem",
                "PEM file with the certificate chain; new connections get a renewed one at once.",
                bind::file<of_tls<&tls_files::certificate>, of_tls<&tls_files::content>>("a PEM file")});
  to.push_back({"listeners.*.tls.key", live, "", "server.key", "PEM file with the private key.",
                bind::file<of_tls<&tls_files::key>, of_tls<&tls_files::content>>("a PEM file")});
}

void add_policy(std::vector<key>& to, const std::string& section, reload_class effect, const char* example) {
  key plugin{section + ".*.plugin",
             effect,
             "",
             example,
             "The plugin of the policy. Listeners name the policy.",
             bind::plugin<field<&policy_options::plugin>>("the name of a plugin, or a path to one,", is_not_empty)};
  plugin.is_required = true;
  to.push_back(std::move(plugin));
  to.push_back({section + ".*.**", effect, "", "x", "All other keys are the plugin's own.",
                settings<&policy_options::settings, &policy_options::content>()});
}

} // namespace

void add_listeners(std::vector<key>& to) {
  add_listener_basics(to);
  add_listener_rules(to);
}

void add_policies(std::vector<key>& to) {
  add_policy(to, "auth", live, "api_key");
  add_policy(to, "compression", new_connections, "deflate");
}

void add_tiers(std::vector<key>& to) {
  to.push_back({"tiers.*.symbols", live, "", "[\"NASDAQ:*\", BTCUSDT]",
                "What the tier may see: symbols of any venue, or VENUE:SYMBOL, `*` = any characters; empty: none.",
                bind::list<field<&tier_options::symbols>>(value_type::texts, "a symbol or pattern, or a list of them,",
                                                          is_not_empty)});
  to.push_back({"tiers.*.data_types", live, "", "[QUOTES]", "Kinds of data.", data_types()});
  to.push_back({"tiers.*.depth", live, "levels a side", "10", "Deepest order book.",
                bind::number<field<&tier_options::depth>>(1, 1'000, "unlimited")});
  to.push_back({"tiers.*.min_frequency", live, "", "100ms", "Least time between two updates of a symbol.",
                bind::duration<field<&tier_options::min_frequency_ms>>(0ms, 24h)});
  to.push_back({"tiers.*.max_symbols", live, "symbols a principal", "20",
                "Most symbols at once, over all its connections.",
                bind::number<field<&tier_options::max_symbols>>(1, 1'000'000, "unlimited")});
  to.push_back({"tiers.*.max_connections", live, "connections a principal", "2",
                "Most connections at once; 0: no bound.",
                bind::number<field<&tier_options::max_connections>>(0, 1'000'000)});
  to.push_back({"tiers.*.at_limit", live, "", "close_oldest",
                "Who gives way when a principal opens one connection more than that: the new one, or its oldest.",
                bind::choice<field<&tier_options::at_limit>>({"refuse", "close_oldest"})});
}

void add_dialects(std::vector<key>& to) {
  to.push_back({"dialects.*.messages", live, "messages a second", "200",
                "What a client may send; more is dropped, and the client is warned. 0: no bound.",
                bind::number<field<&dialect_options::messages>>(0, 1'000'000)});
  to.push_back({"dialects.*.burst", live, "messages", "500", "What it may send at once.",
                bind::number<field<&dialect_options::burst>>(1, 1'000'000)});
  to.push_back({"dialects.*.requests", live, "requests a minute", "1000",
                "Requests that change or ask for something; more are refused. 0: no bound.",
                bind::number<field<&dialect_options::requests>>(0, 1'000'000)});
  to.push_back({"dialects.*.warnings", live, "warnings a minute", "3",
                "A client that is warned more often is closed; 0: never.",
                bind::number<field<&dialect_options::warnings>>(0, 60)});
}

} // namespace tickplant::config::declare
