package io.ballast.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerifiersTest {

  private static String verdict(String name, Map<String, ?> settings, String gold, String answer) {
    return Verifiers.named(name, settings).verify(gold, answer).label();
  }

  @Test void the_pure_verifiers_are_known() {
    assertThat(Verifiers.names()).contains("countdown", "exact", "gsm8k", "number", "regex");
  }

  @Test void exact_compares_text_without_the_blanks_around_it() {
    assertThat(verdict("exact", Map.of(), "yes", " yes\n")).isEqualTo("right");
    assertThat(verdict("exact", Map.of(), "yes", "Yes")).isEqualTo("wrong");
    assertThat(verdict("exact", Map.of("ignore-case", true), "yes", "YES")).isEqualTo("right");
    assertThat(verdict("exact", Map.of("after", "Answer:"), "yes", "Answer: no. Answer: yes")).isEqualTo("right");
    assertThat(verdict("exact", Map.of("after", "Answer:"), "yes", "yes")).isEqualTo("unanswered");
    assertThat(verdict("exact", Map.of(), "", "")).isEqualTo("unreadable-gold");
    assertThat(verdict("exact", Map.of(), "x", " ")).isEqualTo("unanswered");
    assertThat(verdict("exact", Map.of(), "а", "a")).as("Cyrillic a is not Latin a").isEqualTo("wrong");
  }

  @Test void regex_takes_the_gold_as_pattern_or_reads_the_answer_out() {
    assertThat(verdict("regex", Map.of(), "b+", "abbc")).isEqualTo("right");
    assertThat(verdict("regex", Map.of("whole", "true"), "b+", "abbc")).isEqualTo("wrong");
    assertThat(verdict("regex", Map.of("extract", "<a>(.*?)</a>"), "4", "<a>3</a><a>4</a>")).isEqualTo("right");
    assertThat(verdict("regex", Map.of("extract", "<a>(.*?)</a>"), "4", "4")).isEqualTo("unanswered");
    assertThat(verdict("regex", Map.of("extract", "<a>(.*?)</a>"), "", "<a></a>")).isEqualTo("unreadable-gold");
    assertThat(verdict("regex", Map.of(), "(", "x")).isEqualTo("unreadable-gold");
    assertThat(verdict("regex", Map.of(), "", "")).isEqualTo("unreadable-gold");
    assertThat(verdict("regex", Map.of(), ".*", "")).isEqualTo("unanswered");
    assertThat(Verifiers.named("regex", Map.of()).lint("x*").label()).isEqualTo("wrong");
  }

  @Test void a_pattern_that_backtracks_without_end_is_stopped_at_the_limit() {
    long start = System.nanoTime();
    assertThat(verdict("regex", Map.of("time-limit", 0.3), "(.*a){15}$", "a".repeat(60) + "!")).isEqualTo("timed-out");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test void a_pattern_that_overflows_the_stack_gets_a_verdict() {
    assertThat(verdict("regex", Map.of(), "(a|b)*c", "ab".repeat(1_000_000))).isIn("wrong", "unanswered");
  }

  @Test void a_checker_that_throws_or_hangs_gets_a_verdict() {
    var limit = Duration.ofMillis(200);
    assertThat(new TimeLimited((_, _) -> { throw new IllegalStateException("broken"); }, limit).verify("1", "1"))
        .isEqualTo(new Verdict.Unanswered("the checker failed: java.lang.IllegalStateException: broken"));
    var deaf = new TimeLimited((_, _) -> {
      long end = System.nanoTime() + 1_000_000_000L;
      while (System.nanoTime() < end) Thread.onSpinWait();
      return new Verdict.Right("", "");
    }, limit);
    assertThat(deaf.verify("1", "1").label()).isEqualTo("timed-out");
    assertThat(new TimeLimited(new Recursive(), limit).verify("1", "1").label()).isEqualTo("unanswered");
  }

  private record Recursive() implements Verifier {
    @Override public Verdict verify(String gold, String answer) {
      return verify(answer, gold);
    }
  }

  @Test void unknown_names_and_settings_are_refused_with_the_nearest_known_one() {
    assertThatThrownBy(() -> Verifiers.named("gsm8", Map.of())).hasMessageStartingWith("unknown verifier 'gsm8'; did you mean gsm8k? known: ");
    assertThatThrownBy(() -> Verifiers.named("exact", Map.of("ignorecase", true)))
        .hasMessage("unknown setting of verifier exact 'ignorecase'; did you mean ignore-case? known: after, ignore-case, time-limit");
    assertThatThrownBy(() -> Verifiers.named("exact", Map.of("time-limit", 0))).hasMessageContaining("time-limit must be in [0.01, ");
    assertThatThrownBy(() -> Verifiers.named("regex", Map.of("extract", "("))).hasMessageContaining("extract is not a pattern");
  }

  @Test void a_tally_keeps_the_kinds_apart() {
    var tally = new Tally();
    assertThat(tally).hasToString("nothing checked");
    tally.add(new Verdict.Right("1", ""));
    tally.add(new Verdict.TimedOut("", ""));
    tally.add(new Verdict.Wrong(0.5, "1", ""));
    assertThat(tally).hasToString("1 right, 1 wrong, 1 timed-out");
    assertThat(tally.meanScore()).isEqualTo(0.5);
  }
}
