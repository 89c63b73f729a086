#include "runtime/tools/ctl/run.hpp"

#include <chrono>
#include <exception>
#include <iostream>

int main(int count, char** words) {
  using namespace tickplant::ctl;
  try {
    const auto options = parse_options(count, words);
    return run(options, make_caller(options.admin, options.token, std::chrono::seconds{options.timeout_s}), std::cout,
               std::cerr);
  } catch (const usage_end& end) {
    (end.code == 0 ? std::cout : std::cerr) << end.what() << '\n';
    return end.code;
  } catch (const std::exception& fault) {
    std::cerr << "tickplantctl: " << fault.what() << '\n';
    return exit_usage;
  }
}
