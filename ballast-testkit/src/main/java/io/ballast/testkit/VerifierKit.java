package io.ballast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The laws every verifier keeps: any string gets a verdict within its time limit, the same one each time, and no answer is
 * never right. A verifier's test extends this and supplies the verifier with a gold and an answer that is right for it.
 */
public abstract class VerifierKit {
  /** Text that has broken checkers: endless nesting, huge numbers, what backtracks, what is no character. */
  private static final List<String> HOSTILE = List.of("(".repeat(1_000_000), "{".repeat(1_000_000), "[".repeat(1_000_000) + "]".repeat(1_000_000),
      "a".repeat(1_000_000), "\n".repeat(1_000_000), "#### ".repeat(200_000), "\\boxed{".repeat(100_000), "\\frac".repeat(200_000), "$".repeat(1_000_000),
      "9".repeat(1_000_000), "-".repeat(1_000_000), "1e999999999", "10^(10^(10^10))", "9!!!!!!!!!!", "NaN", "Infinity", "-0", "null", "None", "١٢٣", "１２３",
      "\u0000", "\uD800", "\uFFFF\uFFFE", "\u202E321", "%s%n%d", "<answer>".repeat(100_000), "```".repeat(100_000), "A:\n".repeat(100_000), ",".repeat(1_000_000));

  protected abstract Verifier verifier();

  /** A gold the verifier can read. */
  protected abstract String gold();

  /** An answer that is right for {@link #gold()}. */
  protected abstract String right();

  /** Longest time one answer may take here. */
  protected Duration limit() {
    return Duration.ofSeconds(5);
  }

  @Test void the_right_answer_is_right() {
    assertThat(verifier().verify(gold(), right())).isInstanceOf(Verdict.Right.class);
  }

  @Test void any_string_gets_a_verdict_in_time_and_none_is_right_by_accident() {
    for (var answer : HOSTILE) {
      long start = System.nanoTime();
      var verdict = verifier().verify(gold(), answer);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).as(shown(answer)).isLessThan(limit());
      assertThat(verdict).as(shown(answer)).isNotNull().isNotInstanceOf(Verdict.Right.class);
      assertThat(verdict.score()).as(shown(answer)).isBetween(0.0, 1.0);
      assertThat(verdict.reason()).as(shown(answer)).isNotBlank();
    }
  }

  @Test void any_gold_gets_a_verdict_in_time() {
    for (var gold : HOSTILE) {
      long start = System.nanoTime();
      assertThat(verifier().verify(gold, right())).as(shown(gold)).isNotNull();
      assertThat(verifier().lint(gold)).as(shown(gold)).isNotNull();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).as(shown(gold)).isLessThan(limit().multipliedBy(2));
    }
  }

  @Test void no_answer_is_never_right() {
    for (var nothing : List.of("", " ", "\n\t", "\u00a0")) {
      assertThat(verifier().verify(gold(), nothing)).isNotInstanceOf(Verdict.Right.class);
      assertThat(verifier().verify(nothing, nothing)).isNotInstanceOf(Verdict.Right.class);
      assertThat(verifier().verify(nothing, right())).isNotInstanceOf(Verdict.Right.class);
    }
  }

  @Test void the_same_answer_gets_the_same_verdict() {
    for (var answer : List.of(right(), "", "17", "something else")) {
      assertThat(verifier().verify(gold(), answer)).isEqualTo(verifier().verify(gold(), answer));
    }
  }

  @Test void a_readable_gold_lints_right() {
    assertThat(verifier().lint(gold())).isInstanceOf(Verdict.Right.class);
  }

  private static String shown(String text) {
    return text.substring(0, Math.min(40, text.length()));
  }
}
