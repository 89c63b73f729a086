#include "socket_memory.hpp"

#include <array>
#include <cstring>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tickplant::testing {

namespace {

struct question {
  nlmsghdr head{};
  inet_diag_req_v2 body{};
};

socket_memory memory_in(const nlmsghdr& told, const inet_diag_msg& of) {
  socket_memory found;
  auto left = static_cast<int>(told.nlmsg_len - NLMSG_LENGTH(sizeof of));
  for (auto* one = reinterpret_cast<const rtattr*>(&of + 1); RTA_OK(one, left); one = RTA_NEXT(one, left)) {
    if (one->rta_type != INET_DIAG_SKMEMINFO) continue;
    std::array<uint32_t, SK_MEMINFO_VARS> memory{};
    std::memcpy(memory.data(), RTA_DATA(one), std::min(sizeof memory, size_t{RTA_PAYLOAD(one)}));
    found = {memory[SK_MEMINFO_WMEM_QUEUED], memory[SK_MEMINFO_RMEM_ALLOC], memory[SK_MEMINFO_BACKLOG]};
  }
  return found;
}

} // namespace

socket_memory memory_of(uint16_t own, uint16_t peer) {
  const int link = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (link < 0) throw std::runtime_error("no netlink socket");
  const std::unique_ptr<const int, void (*)(const int*)> closed{&link, [](const int* one) { ::close(*one); }};
  question asked;
  asked.head.nlmsg_len = sizeof asked;
  asked.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  asked.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  asked.body.sdiag_family = AF_INET;
  asked.body.sdiag_protocol = IPPROTO_TCP;
  asked.body.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
  asked.body.idiag_states = UINT32_MAX;
  if (::send(link, &asked, sizeof asked, 0) != sizeof asked) throw std::runtime_error("the kernel takes no question");
  socket_memory found;
  alignas(nlmsghdr) std::array<char, 65'536> answer;
  for (;;) {
    const ssize_t got = ::recv(link, answer.data(), answer.size(), 0);
    if (got <= 0) throw std::runtime_error("the kernel says nothing of its sockets");
    auto left = static_cast<size_t>(got);
    for (auto* told = reinterpret_cast<const nlmsghdr*>(answer.data()); NLMSG_OK(told, left);
         told = NLMSG_NEXT(told, left)) {
      if (told->nlmsg_type == NLMSG_DONE) return found;
      if (told->nlmsg_type == NLMSG_ERROR) throw std::runtime_error("the kernel refuses to tell of its sockets");
      const auto& one = *static_cast<const inet_diag_msg*>(NLMSG_DATA(told));
      if (ntohs(one.id.idiag_sport) == own && ntohs(one.id.idiag_dport) == peer) found = memory_in(*told, one);
    }
  }
}

} // namespace tickplant::testing
