#include "actors/server.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  tickplant::actors::init_types();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
