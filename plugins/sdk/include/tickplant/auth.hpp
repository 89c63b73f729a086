// C++20 wrapper of the auth kind: a class with ordinary member functions becomes a tp_auth_ops table.
//
//   struct my_policy {
//     static constexpr uint32_t flags = TP_AUTH_NEEDS_CREDENTIAL;  // or 0
//     static void validate(tickplant::sdk::settings, tickplant::sdk::auth_host);
//     my_policy(tickplant::sdk::settings, tickplant::sdk::auth_host);
//     void check(const tp_credential&, tickplant::sdk::auth_answer);            // several threads at once
//     int32_t recheck(const tp_principal&, int64_t now_ns);                     // TP_OK or a number, negated
//   };
//   TP_AUTH_PLUGIN("my", "1.0.0", my_policy)
#pragma once

#include <tickplant/auth.h>
#include <tickplant/plugin.hpp>

namespace tickplant::sdk {

/// Numbers of the protocol's registry that a refusal may carry (auth.h).
namespace refusal {
inline constexpr int32_t failed = 4001, not_entitled = 4003, overloaded = 4104, expired = 4203;
} // namespace refusal

/// The host's services for one instance; valid from `create` to `destroy`.
class auth_host {
public:
  auth_host(const tp_auth_host* table, tp_ctx* ctx) : table_(table), ctx_(ctx) {}

  /// Any thread. Never hand a secret over.
  void log(log_level level, std::string_view text) const {
    table_->log(ctx_, static_cast<int32_t>(level), to_tp(text));
  }
  /// Inside validate and create only.
  void complain(std::string_view key, std::string_view problem) const {
    table_->complain(ctx_, to_tp(key), to_tp(problem));
  }
  /// The bytes of a file that the setting `key` names; nothing if it cannot be had, and then the host has complained.
  /// Inside validate and create only.
  std::optional<std::string> read_file(std::string_view key, std::string_view path) const {
    std::string bytes;
    const auto take = [](void* to, tp_str given) { static_cast<std::string*>(to)->assign(given.data, given.size); };
    if (table_->read_file(ctx_, to_tp(key), to_tp(path), take, &bytes) != TP_OK) return std::nullopt;
    return bytes;
  }
  void accept(uint64_t request, const tp_principal& principal) const { table_->accept(ctx_, request, &principal); }
  void refuse(uint64_t request, int32_t code, std::string_view reason) const {
    table_->refuse(ctx_, request, code, to_tp(reason));
  }

private:
  const tp_auth_host* table_;
  tp_ctx* ctx_;
};

/// One request's answer; a value that may wander to another thread. Exactly one call of accept or refuse.
class auth_answer {
public:
  auth_answer(auth_host host, uint64_t request) : host_(host), request_(request) {}
  /// The host copies the principal before this returns.
  void accept(const tp_principal& principal) const { host_.accept(request_, principal); }
  void refuse(int32_t code, std::string_view reason) const { host_.refuse(request_, code, reason); }
  uint64_t request() const { return request_; }

private:
  auth_host host_;
  uint64_t request_;
};

/// The ops table of a policy class. Call once, keep the result in static memory.
template <class Policy>
tp_auth_ops make_auth_ops() {
  tp_auth_ops ops{};
  ops.struct_size = sizeof(tp_auth_ops);
  ops.flags = Policy::flags;
  detail::set_life<Policy, auth_host, tp_auth_host>(ops);
  ops.check = [](void* self, uint64_t request, const tp_credential* credential) -> int32_t {
    return detail::on_instance<Policy, auth_host>(self, [&](Policy& policy, auth_host& host) -> int32_t {
      policy.check(*credential, auth_answer{host, request});
      return TP_OK;
    });
  };
  ops.recheck = [](void* self, const tp_principal* principal, int64_t now_ns) -> int32_t {
    return detail::on_instance<Policy, auth_host>(
      self, [&](Policy& policy, auth_host&) -> int32_t { return policy.recheck(*principal, now_ns); });
  };
  return ops;
}

} // namespace tickplant::sdk

/// The plugin's one exported symbol. TP_BUILD_ID comes from tp_add_plugin().
#define TP_AUTH_PLUGIN(NAME, VERSION, POLICY)                                                                          \
  TP_PLUGIN_OF_KIND(NAME, VERSION, TP_KIND_AUTH, tp_principal, ::tickplant::sdk::make_auth_ops<POLICY>)
