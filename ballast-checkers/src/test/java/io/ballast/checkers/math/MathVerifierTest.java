package io.ballast.checkers.math;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MathVerifierTest {
  private static final Verifier MATH = Verifiers.named("math", Map.of());

  private static Stream<Arguments> cases(String file) throws IOException {
    try (var in = MathVerifierTest.class.getResourceAsStream(file)) {
      var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("# ")).toList();
      return IntStream.range(0, lines.size()).mapToObj(i -> {
        var parts = lines.get(i).split("\t", -1);
        assertThat(parts).as("%s, case %d", file, i + 1).hasSize(3);
        return Arguments.of(parts[0], parts[1], parts[2]);
      });
    }
  }

  static Stream<Arguments> equivalent() throws IOException {
    return cases("equivalent.tsv");
  }

  static Stream<Arguments> different() throws IOException {
    return cases("different.tsv");
  }

  @ParameterizedTest(name = "{0} = {1} ({2})") @MethodSource("equivalent")
  void the_same_answer_in_another_writing_is_right(String gold, String answer, String source) {
    assertThat(MATH.verify(gold, answer)).as(source).isInstanceOf(Verdict.Right.class);
    assertThat(MATH.verify(gold, "So we get $\\boxed{" + answer.replace("$", "") + "}$.")).as("boxed: " + source).isInstanceOf(Verdict.Right.class);
    assertThat(MATH.verify(answer, gold)).as("the other way round: " + source).isInstanceOf(Verdict.Right.class);
  }

  @ParameterizedTest(name = "{0} ≠ {1} ({2})") @MethodSource("different")
  void a_different_answer_is_never_right(String gold, String answer, String trick) {
    assertThat(MATH.verify(gold, answer)).as(trick).isNotInstanceOf(Verdict.Right.class);
    assertThat(MATH.verify(gold, "So the answer is $" + answer + "$.")).as("in a sentence: " + trick).isNotInstanceOf(Verdict.Right.class);
    if (!answer.contains("boxed")) {
      assertThat(MATH.verify(gold, "\\boxed{" + answer + "}")).as("boxed: " + trick).isNotInstanceOf(Verdict.Right.class);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "'First \\boxed{3}. No: \\boxed{4}.'                        | 4",
      "'\\boxed{3} is wrong, the answer is 5'                     | 3",
      "'The answer is $\\frac{1}{2}$. I hope it is correct.'      | \\frac{1}{2}",
      "'**Answer:** 12 apples'                                    | 12 apples",
      "'Final Answer: The largest $n$ is 34.'                     | 34",
      "'so there are 12 of them.'                                 | 12",
      "'we get $x = 3$ and so $y = 4$.'                           | y = 4",
      "'so 3 + 2 is\n#### 5'                                     | 5",
      "'#### Step 2\nso it is 7'                                 | 7",
      "'it falls to −3.5'                                         | -3.5",
      "'<think>\\boxed{1}</think> It is \\boxed{2}'               | 2",
      "'it is <answer> 7 </answer>'                               | 7",
      "'roots \\boxed{1} and \\boxed{2}'                          | 1 , 2",
      "'\\boxed{\\frac{1}{\\sqrt{2}}}'                            | \\frac{1}{\\sqrt{2}}",
      "'Der Preis ist 2,74 € am Tag'                             | 2,74",
      "'Therefore, \\frac{4}{7}.'                                | \\frac{4}{7}",
      "'hence x = \\sqrt{2} + 1 holds'                           | x = \\sqrt{2} + 1",
      "'so it is $\\frac{1}{2} \\$ = 0.5$'                        | \\frac{1}{2} \\$ = 0.5",
      "'The answer is 5, obviously more than 3'                   | 5",
      "'Result: 100'                                              | 100",
      "'we get $40 million - $25 million = $15 million'           | $15 million",
      "'\\fbox{x} then 8'                                         | 8",
      "'The answer is 30 because 5*6=30 and 31 is odd.'           | 30",
      "'Answer: 30, since 29 would be too few'                    | 30",
      "'Die Antwort lautet 7. Das sind 14 : 2 Stück.'             | 7",
      "'La respuesta final es 7, porque 21/3=7.'                  | 7",
      "'答案是7，因为14的一半是7。'                                  | 7",
      "'Ответ: 7. Проверка: 2*7=14'                               | 7",
      "'#### Solution\nIt is odd. The answer is 9.'               | 9",
      "'#### 8\nSo the answer is 9.'                              | 9",
      "'#### 8\nI hope this answer is of use!'                    | 8",
      "'\\boxed{8} Oh, \\boxed{}'                                  | 8",
      "'So far \\boxed{8}. Final Answer: $\\frac{9}{2}$'           | 8",
      "'that is 5 more, about -4.1e3'                            | -4.1e3",
      "'Final answer is below. \\boxed{8}'                        | 8",
      "'\\boxed{8}. Final answer: 8 (see the proof: 2*4)'         | 8",
      "'\\boxed{8}\n**Final Answer:** 8 apples'                   | 8"})
  void the_final_answer_is_found(String text, String answer) {
    assertThat(AnswerFinder.in(text)).contains(answer);
  }

  @Test void candidates_joined_by_or_are_no_answer() {
    for (var text : List.of("It is either 4 or 5", "The answer is either 4 or 5.", "so $x$ is $4$ or $5$ I guess", "#### 4 or 5")) {
      assertThat(MATH.verify("5", text)).as(text).isNotInstanceOf(Verdict.Right.class);
      assertThat(MATH.verify("4", text)).as(text).isNotInstanceOf(Verdict.Right.class);
    }
    assertThat(MATH.verify("2 = x", "2").label()).isEqualTo("right");
  }

  @Test void a_decimal_stands_for_an_irrational_number_where_six_digits_follow_the_point() {
    assertThat(MATH.verify("4.123105625617661", "\\sqrt{17}").label()).isEqualTo("right"); // as in Math-Verify
    assertThat(MATH.verify("\\sqrt{3}", "1.732051").label()).isEqualTo("right");
    assertThat(MATH.verify("\\sqrt{3}", "1.73205").label()).isEqualTo("wrong");
    assertThat(MATH.verify("\\sqrt{3}", "1.732052").label()).isEqualTo("wrong");
    assertThat(MATH.verify("1.73205", "\\sqrt{3}").label()).isEqualTo("wrong");
    assertThat(MATH.verify("2.71828", "2.7183").label()).isEqualTo("right"); // two decimals: five digits, rounded
    assertThat(MATH.verify("2.71828", "2.7182").label()).isEqualTo("wrong"); // cut off
    assertThat(MATH.verify("2.71828", "2.718").label()).isEqualTo("wrong");
    assertThat(MATH.verify("\\frac{1}{128}", "7.8125000 \\times 10^{-3}").label()).isEqualTo("right");
    assertThat(MATH.verify("\\frac{1}{7}", "1.428571429 \\times 10^{-1}").label()).isEqualTo("right");
    assertThat(MATH.verify("\\frac{1}{7}", "1.428671429 \\times 10^{-1}").label()).isEqualTo("wrong");
  }

  @Test void a_choice_may_be_expected_with_its_name() {
    assertThat(MATH.verify("C Caesar", "C").label()).isEqualTo("right");
    assertThat(MATH.verify("C Caesar", "\\boxed{(C)}").label()).isEqualTo("right");
    assertThat(MATH.verify("C Caesar", "D").label()).isEqualTo("wrong");
  }

  @Test void a_point_may_be_given_without_its_brackets() {
    assertThat(MATH.verify("(3, 8)", "3, 8").label()).isEqualTo("right");
    assertThat(MATH.verify("3, 8", "(3, 8)").label()).isEqualTo("wrong");
  }

  @Test void what_cannot_be_read_is_told_apart_from_what_is_wrong() {
    assertThat(MATH.verify("5", "I do not know").label()).isEqualTo("unanswered");
    assertThat(MATH.verify("5", "").label()).isEqualTo("unanswered");
    assertThat(MATH.verify("5", "\\boxed{}").label()).isEqualTo("unanswered");
    assertThat(MATH.verify("5", "\\boxed{\\mathcal}").label()).isEqualTo("unanswered");
    assertThat(MATH.verify("", "5").label()).isEqualTo("unreadable-gold");
    assertThat(MATH.verify("\\frac{1}{", "5").label()).isEqualTo("unreadable-gold");
    assertThat(MATH.verify("5", "6").reason()).isEqualTo("not equal to '5'");
    assertThat(MATH.lint("\\frac12").label()).isEqualTo("right");
    assertThat(MATH.lint("\\frac{1}{").label()).isEqualTo("unreadable-gold");
  }

  @Test void hostile_answers_get_a_verdict_in_little_time() {
    var hostile = List.of("(".repeat(1_000_000), "\\frac{".repeat(100_000), "{".repeat(100_000) + "2" + "}".repeat(100_000),
        "\\boxed{".repeat(50_000), "\\boxed{2}".repeat(50_000), "9".repeat(1_000_000), "$".repeat(1_000_000), "\\".repeat(300_000), "2,".repeat(100_000),
        "answer is ".repeat(100_000), "10^{10^{10^{10}}}", "9!!!!!!!!", "(9!)!!", "\\sqrt{".repeat(50) + "2" + "}".repeat(50), "x^{x^{x^{x^{x}}}}",
        "\\sum_{n=1}^{10^{9}} n", "((((((((((1+1)^99)^99)^99)^99)^99)^99)^99)^99)^99)", "\\sin(".repeat(40) + "1" + ")".repeat(40),
        "\u0000\uFFFF\uD800", "NaN", "\\text{" + "\\text{".repeat(200) + "}".repeat(201), "2/".repeat(900) + "1", "-".repeat(1_500) + "1",
        "\\log_{" + "9".repeat(300) + "} 2", "\\binom{10^{300}}{10^{299}}", "{1,2},".repeat(200), "\\sin(10^{300})", "e^{e^{e^{10}}}");
    for (var answer : hostile) {
      for (var gold : List.of("17", "\\sin 1 + \\ln 2", answer.length() < 300 ? answer + "+1" : "x")) {
        long start = System.nanoTime();
        var verdict = MATH.verify(gold, answer);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as(answer.substring(0, Math.min(60, answer.length()))).isLessThan(Duration.ofSeconds(5));
        assertThat(verdict).isNotInstanceOf(Verdict.Right.class);
      }
    }
  }

  @Test void threads_have_an_evaluator_each() {
    var right = IntStream.range(0, 64).parallel().filter(i -> MATH.verify("\\sin(2x)", "2\\sin x\\cos x").score() == 1).count();
    assertThat(right).isEqualTo(64);
  }
}
