#include "runtime/tools/conformance/command.hpp"
#include "runtime/tools/replay/run.hpp"

#include <exception>
#include <iostream>

int main(int count, char** words) {
  using namespace tickplant::replay;
  try {
    if (tickplant::conformance::is_wanted(count, words))
      return tickplant::conformance::run(count, words, std::cout, std::cerr);
    return run(parse_options(count, words), std::cout, std::cerr);
  } catch (const usage_end& end) {
    (end.code == 0 ? std::cout : std::cerr) << end.what() << '\n';
    return end.code;
  } catch (const std::exception& fault) {
    std::cerr << "tickplant-replay: " << fault.what() << '\n';
    return exit_input;
  }
}
