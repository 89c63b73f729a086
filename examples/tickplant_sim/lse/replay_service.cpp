#include "tickplant_sim/lse/replay_service.hpp"

#include "tickplant_sim/lse/gtp_encoder.hpp"
#include "tickplant_sim/lse/unit.hpp"

namespace tickplant::sim::lse {
namespace {

constexpr std::size_t piece_bytes = 16 * 1024;

class replay_job final : public answer_job {
public:
  replay_job(message_cache::run run, char group, std::optional<std::uint32_t> complete_id)
    : run_{std::move(run)}, unit_{group}, group_{group}, complete_id_{complete_id} {}

  bool next(byte_buffer& out) override {
    if (sent_ == run_.count() && !complete_id_) return false;
    const auto begin = out.size();
    while (sent_ < run_.count() && out.size() - begin < piece_bytes) {
      unit_.begin(run_.first() + sent_);
      while (sent_ < run_.count()) {
        const auto message = run_.message(run_.first() + sent_);
        if (!unit_.fits(message)) break;
        unit_.add(message);
        ++sent_;
      }
      out.insert(out.end(), unit_.bytes().begin(), unit_.bytes().end());
    }
    if (sent_ == run_.count() && complete_id_) {
      message_buffer end;
      gtp_encoder{end}.complete(*complete_id_, ' ');
      append_admin_units(end, group_, out);
      complete_id_.reset();
    }
    return true;
  }

private:
  message_cache::run run_;
  unit_writer unit_;
  char group_;
  std::optional<std::uint32_t> complete_id_; // GTP ends each answer with a message
  std::uint32_t sent_ = 0;
};

} // namespace

char replay_service::judge(const client_message& request) const {
  const auto* replay = std::get_if<replay_request>(&request);
  if (replay == nullptr) return answer::unsupported;
  if (replay->group && *replay->group != group_) return answer::invalid_group;
  return cache_.holds(replay->first, replay->count) ? answer::accepted : answer::out_of_range;
}

prepared_answer replay_service::prepare(const client_message& request, bool) {
  prepared_answer out;
  out.status = judge(request);
  if (out.status != answer::accepted) {
    out.response = refuse(request, out.status);
    return out;
  }
  const auto& replay = std::get<replay_request>(request);
  protocol_.replay_response(replay, out.status, out.response);
  const bool completes = protocol_.name() == protocol::gtp;
  out.job = std::make_unique<replay_job>(cache_.take(replay.first, replay.count), group_,
                                         completes ? std::optional{replay.id} : std::nullopt);
  return out;
}

message_buffer replay_service::refuse(const client_message& request, char status) const {
  const auto* replay = std::get_if<replay_request>(&request);
  message_buffer out;
  protocol_.replay_response(replay == nullptr ? replay_request{group_, 0, 0, 0} : *replay,
                            status == 0 ? answer::unavailable : status, out);
  return out;
}

} // namespace tickplant::sim::lse
