// An auth policy whose behaviour is a function of the test.
#pragma once

#include "runtime/plugin/auth_host.hpp"

#include <functional>
#include <string>

namespace tickplant::policy {

struct policy_script {
  std::function<int32_t(uint64_t request, const tp_credential&)> check;
  std::function<int32_t(const tp_principal&, int64_t)> recheck = [](const tp_principal&, int64_t) { return TP_OK; };
  std::function<int32_t()> create = [] { return TP_OK; };
  std::function<void()> destroy = [] {};
  const tp_auth_host* table = nullptr; // set by create
  tp_ctx* ctx = nullptr;

  void accept(uint64_t request, std::string_view subject, int64_t expires_ns = TP_NONE) const {
    tp_principal who{};
    who.struct_size = sizeof who;
    who.subject = {subject.data(), subject.size()};
    who.expires_ns = expires_ns;
    table->accept(ctx, request, &who);
  }
  void refuse(uint64_t request, int32_t code, std::string_view reason) const {
    table->refuse(ctx, request, code, {reason.data(), reason.size()});
  }
};

/// The script that instances made from now on follow; outlives them.
inline policy_script* playing = nullptr;

inline plugin::auth_plugin scripted_policy(uint32_t flags = 0) {
  tp_auth_ops ops{};
  ops.struct_size = sizeof ops;
  ops.flags = flags;
  ops.validate = [](const tp_config*, const tp_auth_host*, tp_ctx*) -> int32_t { return TP_OK; };
  ops.create = [](const tp_config*, const tp_auth_host* table, tp_ctx* ctx, void** self) -> int32_t {
    playing->table = table;
    playing->ctx = ctx;
    *self = playing;
    return playing->create();
  };
  ops.check = [](void* self, uint64_t request, const tp_credential* credential) {
    return static_cast<policy_script*>(self)->check(request, *credential);
  };
  ops.recheck = [](void* self, const tp_principal* who, int64_t now_ns) {
    return static_cast<policy_script*>(self)->recheck(*who, now_ns);
  };
  ops.destroy = [](void* self) { static_cast<policy_script*>(self)->destroy(); };
  return {{"scripted", "1", "x", TP_KIND_AUTH, 1, {}}, ops};
}

} // namespace tickplant::policy
