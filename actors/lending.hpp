// Cores that actors own and lend to the table of their loop, so that neighbours on the same loop call them directly.
// The entry goes away before anybody can hear of the owner's death. Everything here is for the loop's own thread.
#pragma once

#include "actors/loop.hpp"

#include <caf/actor_control_block.hpp>

#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace tickplant::actors {

/// Lent cores by index. `cores` is a plain vector of pointers, empty places included, which runtime/ code may read.
template <class Core>
class lending_table {
public:
  /// Told of each loan and withdrawal, after it has taken effect.
  std::function<void(size_t)> on_lent, on_withdrawn;

  std::vector<Core*>& cores() { return cores_; }
  Core* find(size_t index) const noexcept { return index < cores_.size() ? cores_[index] : nullptr; }
  caf::strong_actor_ptr owner(size_t index) const { return index < owners_.size() ? owners_[index] : nullptr; }

  /// The entry keeps the owner alive: a core whose owner loses its last handle would die on a foreign thread.
  void lend(size_t index, Core& core, caf::strong_actor_ptr owner) {
    if (index >= cores_.size()) cores_.resize(index + 1);
    if (index >= owners_.size()) owners_.resize(index + 1);
    cores_[index] = &core;
    owners_[index] = std::move(owner);
    if (on_lent) on_lent(index);
  }

  /// Clears the entry if it still holds this core.
  void withdraw(size_t index, const Core& core) noexcept {
    if (find(index) != &core) return;
    cores_[index] = nullptr;
    const auto keep = std::exchange(owners_[index], nullptr); // released last: it may be the last handle
    if (on_withdrawn) on_withdrawn(index);
  }

  /// Withdraws a core that threw, and ends its owner. Its neighbours go on.
  void fault(size_t index, std::string_view what) {
    if (!find(index)) return;
    cores_[index] = nullptr;
    const auto owner = std::exchange(owners_[index], nullptr);
    if (on_withdrawn) on_withdrawn(index);
    end_with(owner, caf::make_error(caf::sec::runtime_error, std::string{"lent core"}, std::string{what}));
  }

private:
  std::vector<Core*> cores_;
  std::vector<caf::strong_actor_ptr> owners_;
};

/// A core with its entry: lives in an actor's state, made in the behaviour function, withdrawn by its destructor, which
/// runs for every way an actor can die, on the loop, before down messages go out.
template <class Core>
class lent {
public:
  template <class... Arguments>
  explicit lent(Arguments&&... arguments) : core_(std::forward<Arguments>(arguments)...) {}
  lent(const lent&) = delete;
  lent& operator=(const lent&) = delete;
  ~lent() {
    if (table_) table_->withdraw(index_, core_);
  }
  void lend(lending_table<Core>& table, size_t index, caf::strong_actor_ptr owner) {
    table_ = &table;
    index_ = index;
    table.lend(index, core_, std::move(owner));
  }
  Core& get() { return core_; }

private:
  lending_table<Core>* table_ = nullptr;
  size_t index_ = 0;
  Core core_;
};

} // namespace tickplant::actors
