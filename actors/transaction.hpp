// Steps that are taken in order and, if one of them fails, taken back in reverse: all or nothing. One thread.
#pragma once

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tickplant::actors {

class transaction {
public:
  /// `undo` brings back what was before `take`; it runs only after `take` has returned, and must not throw. What it
  /// throws nevertheless is told in the fault's text.
  void add(std::string name, std::function<void()> take, std::function<void()> undo) {
    steps_.push_back({std::move(name), std::move(take), std::move(undo)});
  }

  /// Throws std::runtime_error with the failed step's name and cause, after taking back all before it.
  void run() {
    for (size_t i = 0; i < steps_.size(); ++i) {
      try {
        steps_[i].take();
      } catch (const std::exception& fault) {
        throw std::runtime_error(steps_[i].name + ": " + fault.what() + take_back(i));
      }
    }
  }

  size_t size() const { return steps_.size(); }

private:
  struct step {
    std::string name;
    std::function<void()> take, undo;
  };

  std::string take_back(size_t from) {
    std::string trouble;
    while (from-- > 0) {
      try {
        steps_[from].undo();
      } catch (const std::exception& fault) {
        trouble += "; taking back '" + steps_[from].name + "' failed too: " + fault.what();
      }
    }
    return trouble;
  }

  std::vector<step> steps_;
};

} // namespace tickplant::actors
