#include "tests/unit/net_client/conformance_cases.hpp"

#include <utility>

namespace tickplant::net::testing {

namespace {

using wire::testing::bytes_of;
using wire::testing::frame;
using wire::testing::text;

constexpr uint16_t protocol_error = 1002, invalid_payload = 1007, too_big = 1009;
constexpr size_t limit = 65'536; // of a message, the harness's

/// A header that promises this length, with its mask; the payload never comes.
std::string promised(unsigned first, const std::string& length) {
  return std::string(1, static_cast<char>(first)) + length + "mask";
}

std::string a(size_t size) {
  return std::string(size, 'a');
}

} // namespace

rule_case taken(std::string name, std::string bytes, std::vector<std::string> messages,
                std::vector<server_frame> answers) {
  return {std::move(name), std::move(bytes), std::move(messages), std::move(answers), 0, std::nullopt, false};
}

rule_case failed(std::string name, std::string bytes, uint16_t code, std::vector<std::string> messages,
                 std::vector<server_frame> answers) {
  return {std::move(name), std::move(bytes), std::move(messages), std::move(answers), code, std::nullopt, false};
}

rule_case closed(std::string name, std::string bytes, std::string echo, std::vector<std::string> messages) {
  return {std::move(name), std::move(bytes), std::move(messages), {}, 0, std::move(echo), false};
}

std::vector<rule_case> fragmentation_cases() {
  std::vector<rule_case> all{
    taken("one_frame", text("hello"), {"text:hello"}),
    taken("two_fragments", frame(0x01, "hel") + frame(0x80, "lo"), {"text:hello"}),
    taken("three_fragments_of_binary", frame(0x02, "a") + frame(0x00, "b") + frame(0x80, "c"), {"binary:abc"}),
    taken("empty_first", frame(0x01, "") + frame(0x80, "x"), {"text:x"}),
    taken("empty_middle", frame(0x01, "x") + frame(0x00, "") + frame(0x80, "y"), {"text:xy"}),
    taken("empty_last", frame(0x01, "x") + frame(0x80, ""), {"text:x"}),
    taken("all_empty", frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), {"text:"}),
    taken("messages_behind_one_another", frame(0x01, "a") + frame(0x80, "b") + text("c") + frame(0x82, "d"),
          {"text:ab", "text:c", "binary:d"}),
    taken("ping_between", frame(0x01, "a") + frame(0x89, "p") + frame(0x80, "b"), {"text:ab"}, {{10, "p"}}),
    taken("pings_and_pongs_between",
          frame(0x02, "a") + frame(0x89, "1") + frame(0x00, "b") + frame(0x8A, "none of ours") + frame(0x89, "2") +
            frame(0x80, "c"),
          {"binary:abc"}, {{10, "1"}, {10, "2"}}),
    closed("close_between", frame(0x01, "never whole") + frame(0x88, close_payload(1000)), close_payload(1000)),
    failed("continuation_of_nothing", frame(0x80, "a"), protocol_error),
    failed("unfinished_continuation_of_nothing", frame(0x00, "a"), protocol_error),
    failed("continuation_behind_a_whole_message", text("a") + frame(0x80, "b"), protocol_error, {"text:a"}),
    failed("text_inside_text", frame(0x01, "a") + frame(0x81, "b"), protocol_error),
    failed("text_inside_binary", frame(0x02, "a") + frame(0x01, "b"), protocol_error),
    failed("binary_inside_text", frame(0x01, "a") + frame(0x82, "b"), protocol_error),
  };
  std::string many;
  for (int i = 0; i != 1'000; ++i) many += frame(i == 0 ? 0x01 : 0x00, "x");
  all.push_back(taken("a_thousand_fragments", many + frame(0x80, "!"), {"text:" + std::string(1'000, 'x') + "!"}));
  return all;
}

std::vector<rule_case> control_cases() {
  return {
    taken("ping_without_payload", frame(0x89, ""), {}, {{10, ""}}),
    taken("ping_of_125", frame(0x89, a(125)), {}, {{10, a(125)}}),
    taken("ping_of_any_bytes", frame(0x89, std::string("\0\xFF\xFE", 3)), {}, {{10, std::string("\0\xFF\xFE", 3)}}),
    taken("pings_in_order", frame(0x89, "1") + frame(0x89, "2") + frame(0x89, "3"), {},
          {{10, "1"}, {10, "2"}, {10, "3"}}),
    taken("pong_that_nobody_asked_for", frame(0x8A, "why not"), {}),
    taken("pong_like_a_stamp_of_the_future", frame(0x8A, std::string(8, '\x7F')), {}),
    failed("ping_of_126", frame(0x89, a(126)), protocol_error),
    failed("pong_of_126", frame(0x8A, a(126)), protocol_error),
    failed("close_of_126", frame(0x88, close_payload(1000, a(124))), protocol_error),
    failed("ping_of_70000", frame(0x89, a(70'000)), protocol_error),
    failed("ping_with_a_long_length", bytes_of({0x89, "a", true, 2}), protocol_error),
    failed("ping_in_fragments", frame(0x09, "a") + frame(0x80, "b"), protocol_error),
    failed("pong_in_fragments", frame(0x0A, "a"), protocol_error),
    failed("close_in_fragments", frame(0x08, close_payload(1000)), protocol_error),
    failed("fragmented_ping_inside_a_message", frame(0x01, "a") + frame(0x09, "b"), protocol_error),
    failed("answered_pings_before_the_fault", frame(0x89, "1") + text("a") + frame(0x83, ""), protocol_error,
           {"text:a"}, {{10, "1"}}),
  };
}

std::vector<rule_case> text_cases() {
  std::vector<rule_case> all;
  const std::vector<std::pair<const char*, std::string>> good{
    {"u0000", std::string(1, '\0')},
    {"u007f", "\x7F"},
    {"u0080", "\xC2\x80"},
    {"u07ff", "\xDF\xBF"},
    {"u0800", "\xE0\xA0\x80"},
    {"ud7ff", "\xED\x9F\xBF"},
    {"ue000", "\xEE\x80\x80"},
    {"ufffe_is_text_too", "\xEF\xBF\xBE"},
    {"uffff_is_text_too", "\xEF\xBF\xBF"},
    {"u10000", "\xF0\x90\x80\x80"},
    {"u10ffff", "\xF4\x8F\xBF\xBF"},
    {"byte_order_mark", "\xEF\xBB\xBF{}"},
    {"several_scripts",
     "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5 \xD0\xBC\xD0\xB8\xD1\x80 \xE4\xB8\x96\xE7\x95\x8C"},
  };
  for (const auto& [name, payload] : good) all.push_back(taken(name, text(payload), {"text:" + payload}));
  const std::vector<std::pair<const char*, std::string>> bad{
    {"lone_continuation_byte", "\x80"},
    {"last_continuation_byte", "\xBF"},
    {"overlong_2", "\xC0\x80"},
    {"overlong_2_highest", "\xC1\xBF"},
    {"overlong_3", "\xE0\x9F\xBF"},
    {"overlong_4", "\xF0\x8F\xBF\xBF"},
    {"surrogate_d800", "\xED\xA0\x80"},
    {"surrogate_dfff", "\xED\xBF\xBF"},
    {"surrogate_pair", "\xED\xA0\xBD\xED\xB8\x80"},
    {"u110000", "\xF4\x90\x80\x80"},
    {"lead_f5", "\xF5\x80\x80\x80"},
    {"five_bytes", "\xF8\x88\x80\x80\x80"},
    {"fe", "\xFE"},
    {"ff", "\xFF"},
    {"cut_2", "a\xC2"},
    {"cut_3_after_1", "a\xE2"},
    {"cut_3_after_2", "a\xE2\x82"},
    {"cut_4_after_3", "a\xF0\x9F\x93"},
    {"ascii_inside_a_character", "\xE2\x28\xA1"},
    {"latin_1", "caf\xE9 au lait"},
  };
  for (const auto& [name, payload] : bad) all.push_back(failed(name, text(payload), invalid_payload));
  all.push_back(taken("character_over_four_fragments",
                      frame(0x01, "\xF0") + frame(0x00, "\x9F") + frame(0x00, "\x93") + frame(0x80, "\x88"),
                      {"text:\xF0\x9F\x93\x88"}));
  all.push_back(failed("wrong_in_the_second_fragment", frame(0x01, "\xE2\x82") + frame(0x80, "\x28"), invalid_payload));
  all.push_back(failed("cut_at_the_last_fragment", frame(0x01, "\xE2") + frame(0x80, "\x82"), invalid_payload));
  all.push_back(failed("surrogate_over_fragments", frame(0x01, "\xED") + frame(0x80, "\xA0\x80"), invalid_payload));
  all.push_back(taken("binary_is_not_text", frame(0x82, "\xFF\xFE\xC0"), {"binary:\xFF\xFE\xC0"}));
  all.push_back(taken("binary_fragments_are_not_text", frame(0x02, "\xFF") + frame(0x80, "\x80"), {"binary:\xFF\x80"}));
  return all;
}

std::vector<rule_case> header_cases() {
  std::vector<rule_case> all{
    failed("rsv1_without_an_extension", frame(0xC1, "a"), protocol_error),
    failed("rsv2", frame(0xA1, "a"), protocol_error),
    failed("rsv3", frame(0x91, "a"), protocol_error),
    failed("all_reserved_bits", frame(0xF1, "a"), protocol_error),
    failed("rsv1_on_a_ping", frame(0xC9, "a"), protocol_error),
    failed("rsv3_on_a_close", frame(0x98, close_payload(1000)), protocol_error),
    failed("rsv1_on_a_continuation", frame(0x01, "a") + frame(0xC0, "b"), protocol_error),
    taken("deflate_rsv1_on_text", frame(0xC1, "squeezed"), {"compressed text:squeezed"}).deflate(),
    taken("deflate_rsv1_on_binary", frame(0xC2, "squeezed"), {"compressed binary:squeezed"}).deflate(),
    taken("deflate_rsv1_on_a_first_fragment", frame(0x41, "a") + frame(0x89, "p") + frame(0x80, "b"),
          {"compressed text:ab"}, {{10, "p"}})
      .deflate(),
    taken("deflate_plain_messages_too", text("plain") + frame(0xC1, "squeezed"),
          {"text:plain", "compressed text:squeezed"})
      .deflate(),
    taken("deflate_compressed_bytes_are_not_text_yet", frame(0xC1, "\xFF\xC0"), {"compressed text:\xFF\xC0"}).deflate(),
    failed("deflate_rsv1_on_a_continuation", frame(0x41, "a") + frame(0xC0, "b"), protocol_error).deflate(),
    failed("deflate_rsv1_on_a_ping", frame(0xC9, "a"), protocol_error).deflate(),
    failed("deflate_rsv1_on_a_close", frame(0xC8, close_payload(1000)), protocol_error).deflate(),
    failed("deflate_rsv2", frame(0xA1, "a"), protocol_error).deflate(),
    failed("deflate_rsv3_beside_rsv1", frame(0xD1, "a"), protocol_error).deflate(),
    failed("deflate_plain_text_is_checked", text("\xFF"), invalid_payload).deflate(),
    failed("unmasked_text", bytes_of({0x81, "hello", false}), protocol_error),
    failed("unmasked_empty_text", bytes_of({0x81, "", false}), protocol_error),
    failed("unmasked_ping", bytes_of({0x89, "", false}), protocol_error),
    failed("unmasked_close", bytes_of({0x88, close_payload(1000), false}), protocol_error),
    failed("unmasked_continuation", frame(0x01, "a") + bytes_of({0x80, "b", false}), protocol_error),
    taken("mask_of_zeros", bytes_of({0x81, "in clear", true, -1, {0, 0, 0, 0}}), {"text:in clear"}),
    taken("masks_that_differ",
          bytes_of({0x01, "ab", true, -1, {1, 2, 3, 4}}) + bytes_of({0x80, "cde", true, -1, {0xFF, 0, 0xAA, 0x55}}),
          {"text:abcde"}),
  };
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u}) {
    all.push_back(failed("opcode_" + std::to_string(opcode), frame(0x80 | opcode, ""), protocol_error));
    all.push_back(failed("opcode_" + std::to_string(opcode) + "_inside_a_message",
                         frame(0x01, "a") + frame(0x80 | opcode, "b"), protocol_error));
  }
  return all;
}

std::vector<rule_case> length_cases() {
  std::vector<rule_case> all;
  for (const size_t size : {0u, 1u, 125u, 126u, 127u, 65'534u, 65'535u, 65'536u})
    all.push_back(taken("bytes_" + std::to_string(size), frame(0x82, a(size)), {"binary:" + a(size)}));
  all.push_back(failed("two_bytes_for_125", bytes_of({0x81, a(125), true, 2}), protocol_error));
  all.push_back(failed("two_bytes_for_nothing", bytes_of({0x81, "", true, 2}), protocol_error));
  all.push_back(failed("eight_bytes_for_nothing", bytes_of({0x81, "", true, 8}), protocol_error));
  all.push_back(failed("eight_bytes_for_300", bytes_of({0x82, a(300), true, 8}), protocol_error));
  all.push_back(failed("eight_bytes_for_65535", bytes_of({0x82, a(65'535), true, 8}), protocol_error));
  all.push_back(failed("top_bit", promised(0x82, std::string("\xFF\x80\0\0\0\0\0\0\1", 9)), protocol_error));
  all.push_back(failed("all_bits", promised(0x82, std::string(9, '\xFF')), protocol_error));
  all.push_back(failed("most_that_63_bits_hold", promised(0x82, "\xFF\x7F" + std::string(7, '\xFF')), too_big));
  all.push_back(failed("one_beyond_the_limit", frame(0x82, a(limit + 1)), too_big));
  all.push_back(failed("promise_beyond_the_limit", promised(0x82, std::string("\xFF\0\0\0\0\0\1\0\1", 9)), too_big));
  all.push_back(
    failed("fragments_beyond_the_limit", frame(0x02, a(60'000)) + frame(0x00, a(5'536)) + frame(0x80, "!"), too_big));
  all.push_back(taken("fragments_up_to_the_limit", frame(0x02, a(60'000)) + frame(0x80, a(limit - 60'000)),
                      {"binary:" + a(limit)}));
  all.push_back(
    failed("last_message_before_it_counts", text("good") + frame(0x81, a(limit + 1)), too_big, {"text:good"}));
  return all;
}

std::vector<rule_case> close_cases() {
  std::vector<rule_case> all{
    closed("without_code", frame(0x88, ""), ""),
    closed("with_a_reason", frame(0x88, close_payload(1000, "enough for today")),
           close_payload(1000, "enough for today")),
    closed("with_a_reason_of_123", frame(0x88, close_payload(1001, a(123))), close_payload(1001, a(123))),
    closed("with_a_reason_in_utf8", frame(0x88, close_payload(4000, "\xE2\x82\xAC")),
           close_payload(4000, "\xE2\x82\xAC")),
    failed("of_one_byte", frame(0x88, "\x03"), protocol_error),
    failed("reason_is_no_utf8", frame(0x88, close_payload(1000, "\xFF")), invalid_payload),
    failed("reason_ends_inside_a_character", frame(0x88, close_payload(1000, "\xE2\x82")), invalid_payload),
    closed("behind_messages", text("a") + text("b") + frame(0x88, close_payload(1000)), close_payload(1000),
           {"text:a", "text:b"}),
    closed("messages_behind_it_do_not_count", frame(0x88, close_payload(1000)) + text("late"), close_payload(1000)),
    closed("pings_behind_it_are_not_answered", frame(0x88, close_payload(1000)) + frame(0x89, "late"),
           close_payload(1000)),
    closed("a_second_one_does_not_count",
           frame(0x88, close_payload(1000, "first")) + frame(0x88, close_payload(1001, "second")),
           close_payload(1000, "first")),
    closed("garbage_behind_it_does_not_count", frame(0x88, close_payload(1000)) + "\xFF\xFF\xFF\xFF",
           close_payload(1000)),
  };
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u, 3000u,
                              3999u, 4000u, 4103u, 4999u}) {
    const auto payload = close_payload(static_cast<uint16_t>(code));
    all.push_back(closed("code_" + std::to_string(code), frame(0x88, payload), payload));
  }
  for (const unsigned code :
       {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 1999u, 2000u, 2999u, 5000u, 65'535u})
    all.push_back(failed("wrong_code_" + std::to_string(code), frame(0x88, close_payload(static_cast<uint16_t>(code))),
                         protocol_error));
  return all;
}

} // namespace tickplant::net::testing
