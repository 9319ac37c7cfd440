package io.ballast.checkers.math;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChoicesTest {
  private static final Verifier MATH = Verifiers.named("math", Map.of());

  @ParameterizedTest
  @ValueSource(strings = {"\"C\"", "- C", "The answer is (C), since (A) and (B) are even.", "I'd pick C.", "Not (A), rather (C)!", "The right option is clearly C.", "C is correct, D is not.",
      "C. forty-two", "Comparing all of them...\n\n**C**", "The answer is B. Wait. The answer is C.", "So I believe it's C", "The answer: C, never B or D", "答案: C", "Hence (C)."})
  void a_letter_in_prose_is_the_choice(String text) {
    assertThat(MATH.verify("C", text)).isInstanceOf(Verdict.Right.class);
    assertThat(MATH.verify("(C)", text)).isInstanceOf(Verdict.Right.class);
    assertThat(MATH.verify("B", text)).isNotInstanceOf(Verdict.Right.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"The answer is C or D.", "It's not C", "Is the answer C?", "A. 1\nB. 2\nC. 3", "C. 3\nD. 4", "Therefore C is out.", "C is incorrect", "Neither B nor C is correct",
      "The answer is Carbon", "The answer is C = 5", "the answer is either C/D", "C was tempting, \\boxed{4}", "I like C", "Not C is right", "The answer is C, D", "The answer is C'"})
  void a_letter_that_is_only_spoken_of_is_none(String text) {
    assertThat(MATH.verify("C", text)).isNotInstanceOf(Verdict.Right.class);
  }

  @Test void long_texts_take_little_time() {
    for (var text : new String[] {"answer is ".repeat(100_000), "(A) ".repeat(200_000), "it's therefore definitely ".repeat(40_000), "\n".repeat(900_000) + "x", " ".repeat(900_000)}) {
      long start = System.nanoTime();
      assertThat(MATH.verify("C", text)).isNotInstanceOf(Verdict.Right.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }
}
