#include "tickplant_sim/simulator.hpp"
#include "tickplant_sim/tapes/tapes.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>

namespace {

namespace sim = tickplant::sim;

void print_error(const std::string& text) {
  std::cerr << "tickplant-sim: " << text << std::endl;
}

int generate(const sim::options& wanted) {
  std::ofstream file{wanted.generate_path, std::ios::binary | std::ios::trunc};
  const auto peak = sim::nasdaq::write_synthetic_day(wanted.generate, [&file](sim::nasdaq::block_buffer& blocks) {
    file.write(reinterpret_cast<const char*>(blocks.data()), static_cast<std::streamsize>(blocks.size()));
  });
  file.close();
  if (!file) {
    print_error("cannot write '" + wanted.generate_path + "'");
    return 1;
  }
  std::cout << nlohmann::json{{"file", wanted.generate_path},
                              {"messages", wanted.generate.messages},
                              {"most_live_orders", peak}}
            << std::endl;
  return 0;
}

int play(const sim::options& wanted) {
  sim::simulator simulator{wanted, print_error};
  const auto print_summary = [&simulator] { std::cerr << simulator.summary() << std::endl; };

  boost::asio::signal_set ends{simulator.io(), SIGINT, SIGTERM};
  ends.async_wait([&simulator](const boost::system::error_code& error, int) {
    if (!error) simulator.stop();
  });
  boost::asio::signal_set asks{simulator.io(), SIGUSR1};
  std::function<void()> wait_for_question = [&] {
    asks.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      print_summary();
      wait_for_question();
    });
  };
  wait_for_question();

  simulator.start();
  for (const auto& line : simulator.ready_lines()) std::cout << line << '\n';
  std::cout << R"({"ready":true})" << std::endl;
  simulator.run();
  print_summary();
  return 0;
}

int write_tapes(const sim::options& wanted) {
  for (const auto& path : sim::tapes::write_tapes(wanted.tapes_folder, wanted.tapes_of, wanted.common.seed))
    std::cout << path << '\n';
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto line = sim::parse_command_line(argc, argv, std::cout, std::cerr);
    if (!line.wanted) return line.exit_code;
    if (!line.wanted->tapes_folder.empty()) return write_tapes(*line.wanted);
    return line.wanted->generate_path.empty() ? play(*line.wanted) : generate(*line.wanted);
  } catch (const std::exception& e) {
    print_error(e.what());
    return 1;
  }
}
