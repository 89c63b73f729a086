// Files, cut into units. At most 256 units a turn, so that sockets of the loop get their chance in between.
#include "runtime/net/venue/datagram_socket.hpp"
#include "runtime/net/venue/line.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>

namespace tickplant::net::venue {

namespace {

class file_line final : public line {
public:
  using line::line;
  void open() override;
  void resume() override {
    if (is_up()) world().schedule(shared_from_this());
  }

private:
  enum class cut { unit, nothing, more, over };
  static constexpr size_t units_per_turn = 256;
  static constexpr size_t read_size = 256 * 1024;

  bool refill();
  cut cut_next(tp_unit& unit);
  cut cut_record(tp_unit& unit);
  cut cut_text(tp_unit& unit);
  cut cut_whole(tp_unit& unit);
  cut refuse(size_t size);
  void deliver_units(turns& out) override;
  void shut() noexcept override { file_.reset(); }
  size_t rest() const { return end_ - begin_; }
  void take(tp_unit& unit, size_t skip, size_t size, uint32_t flags, size_t consumed);

  descriptor file_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  uint64_t offset_ = 0; // of begin_ in the file
  bool hungry_ = true, at_end_ = false;
};

void file_line::open() {
  const auto& path = settings().where.target;
  file_ = descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)}; // a FIFO would block without it
  if (file_.number() < 0) return fail(std::string{"opening: "} + std::strerror(errno));
  struct stat about {};
  if (::fstat(file_.number(), &about) != 0 || !S_ISREG(about.st_mode)) return fail("it is not a regular file");
  capacity_ = std::max<size_t>(read_size, settings().max_unit + size_t{2}); // 2: the length, or the end of the line
  buffer_ = std::make_unique_for_overwrite<uint8_t[]>(capacity_ + TP_PADDING);
  report_up(std::to_string(about.st_size) + " bytes");
}

// Only while no unit of this turn points into the buffer.
bool file_line::refill() {
  std::memmove(buffer_.get(), buffer_.get() + begin_, rest());
  end_ = rest();
  begin_ = 0;
  // An incomplete unit is always shorter than the buffer, so there is room, and each turn reads once at most.
  const auto got = ::read(file_.number(), buffer_.get() + end_, std::min(capacity_ - end_, read_size));
  if (got < 0 && errno != EINTR) {
    fail("reading at offset " + std::to_string(offset_ + end_) + ": " + std::strerror(errno));
    return false;
  }
  at_end_ = got == 0;
  if (got > 0) end_ += static_cast<size_t>(got);
  return true;
}

void file_line::take(tp_unit& unit, size_t skip, size_t size, uint32_t flags, size_t consumed) {
  unit = {buffer_.get() + begin_ + skip, static_cast<uint32_t>(size), settings().number, 0, flags, 0};
  begin_ += consumed;
  offset_ += consumed;
}

file_line::cut file_line::refuse(size_t size) {
  fail("the unit at offset " + std::to_string(offset_) + " has " + std::to_string(size) +
       " bytes or more, max_unit is " + std::to_string(settings().max_unit));
  return cut::over;
}

// NASDAQ's BinaryFILE, nasdaq section 6: a zero length ends the session, and so does the end of the file between two
// messages.
file_line::cut file_line::cut_record(tp_unit& unit) {
  if (rest() == 0 && at_end_) {
    end(TP_LINE_FILE_END, "end of file");
    return cut::over;
  }
  const uint8_t* at = buffer_.get() + begin_;
  const size_t size = rest() < 2 ? 0 : static_cast<size_t>(at[0]) << 8 | at[1];
  if (rest() >= 2 && size == 0) {
    end(TP_LINE_FILE_END, "end marker at offset " + std::to_string(offset_));
    return cut::over;
  }
  if (rest() >= 2 && size > settings().max_unit) return refuse(size);
  if (rest() < 2 || rest() < size + 2) {
    if (!at_end_) return cut::more;
    fail("the record at offset " + std::to_string(offset_) + " is cut off by the end of the file");
    return cut::over;
  }
  take(unit, 2, size, TP_UNIT_BINARY, size + 2);
  return cut::unit;
}

file_line::cut file_line::cut_text(tp_unit& unit) {
  if (rest() == 0 && at_end_) {
    end(TP_LINE_FILE_END, "end of file");
    return cut::over;
  }
  const uint8_t* at = buffer_.get() + begin_;
  const auto* newline = rest() ? static_cast<const uint8_t*>(std::memchr(at, '\n', rest())) : nullptr;
  if (!newline && !at_end_) return rest() > settings().max_unit + size_t{1} ? refuse(rest()) : cut::more;
  size_t size = newline ? static_cast<size_t>(newline - at) : rest();
  const size_t consumed = newline ? size + 1 : size;
  if (size && at[size - 1] == '\r') --size;
  if (size > settings().max_unit) return refuse(size);
  take(unit, 0, size, TP_UNIT_TEXT, consumed);
  return size ? cut::unit : cut::nothing;
}

file_line::cut file_line::cut_whole(tp_unit& unit) {
  if (rest() > settings().max_unit) return refuse(rest());
  if (!at_end_) return cut::more;
  if (rest() == 0) {
    end(TP_LINE_FILE_END, "end of file");
    return cut::over;
  }
  take(unit, 0, rest(), TP_UNIT_BINARY, rest());
  return cut::unit;
}

file_line::cut file_line::cut_next(tp_unit& unit) {
  if (settings().cut == TP_CUT_LENGTH16BE) return cut_record(unit);
  return settings().cut == TP_CUT_TEXT_LINES ? cut_text(unit) : cut_whole(unit);
}

void file_line::deliver_units(turns& out) {
  if (hungry_ && !refill()) return;
  hungry_ = false;
  const uint64_t now_ns = wall_now_ns();
  for (size_t n = 0; n < units_per_turn; ++n) {
    tp_unit unit;
    const auto what = cut_next(unit);
    if (what == cut::nothing) continue;
    if (what != cut::unit) {
      hungry_ = what == cut::more;
      return;
    }
    unit.recv_ns = now_ns;
    ++counters().units;
    counters().bytes += unit.size;
    out.add(unit);
  }
}

} // namespace

std::shared_ptr<line> make_file_line(std::shared_ptr<turns> world, line_settings settings) {
  return std::make_shared<file_line>(std::move(world), std::move(settings));
}

} // namespace tickplant::net::venue
