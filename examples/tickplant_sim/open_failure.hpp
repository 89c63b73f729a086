// Errors of opening sockets in words that name the address, which Boost's own text does not.
#pragma once

#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <string>

namespace tickplant::sim {

/// The result of `make()`; a `boost::system::system_error` from it becomes a `std::runtime_error` that names `what`.
template <class Make>
auto opened(const std::string& what, const Make& make) {
  try {
    return make();
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("cannot open " + what + ": " + e.code().message() + "; choose another address or port");
  }
}

template <class Endpoint>
std::string address_text(const Endpoint& endpoint) {
  return endpoint.address().to_string() + " port " + std::to_string(endpoint.port());
}

} // namespace tickplant::sim
