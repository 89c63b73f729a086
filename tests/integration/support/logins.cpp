#include "logins.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tickplant::testing {

using nlohmann::json;

connect_options with_header(const std::string& credential) {
  connect_options options;
  options.fields["Authorization"] = credential;
  return options;
}

handshake_refused refusal_of(uint16_t port, const connect_options& options) {
  try {
    const ws_client client{port, options};
    return {101, "accepted"};
  } catch (const handshake_refused& refused) {
    return refused;
  }
}

std::unique_ptr<ws_client> welcomed(uint16_t port, const connect_options& options, json* welcome) {
  auto client = std::make_unique<ws_client>(port, options);
  const auto first = client->next();
  if (!first || !first->body.contains("sessionId")) throw std::runtime_error("no welcome");
  if (welcome) *welcome = first->body;
  return client;
}

json granted(ws_client& client, const std::vector<std::string>& symbols, const json& more) {
  client.send(subscribe(symbols, more));
  const auto answer = client.wait_for([](const json& body) { return body.contains("results"); });
  return answer ? answer->body : json{};
}

int next_error(ws_client& client) {
  const auto error = client.wait_for_type("ERROR");
  return error ? error->body.value("code", 0) : 0;
}

void expect_closed(ws_client& client, int code, const reloading& world) {
  const auto closed = client.wait_closed();
  ASSERT_TRUE(closed) << "it lives on\n" << world.story();
  EXPECT_EQ(closed->code, code) << closed->reason << world.story();
}

} // namespace tickplant::testing
