package io.ballast.checkers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wrong answers dressed to look right, and text of any kind: no verifier takes one for right, and each gets its verdict in time.
 * {@code -Dballast.fuzz=N} checks N random answers a verifier instead of 2,000.
 */
class AdversarialTest {
  private static final List<String> DRESSES = List.of("\\boxed{%a}", "<think>\\boxed{%g}</think>\n\\boxed{%a}", "First \\boxed{%g}. No, that is wrong.\n\nSo \\boxed{%a}",
      "Not $%g$: the final answer is $%a$.", "%g\n\nFinal Answer: %a", "<answer>%a</answer>", "\\boxed{%a} % %g", "\\boxed{%a}\n\nI considered $%g$.", "**Answer:** $%a$",
      "Therefore $x$ is \\(%a\\)", "It is $%a$, not $%g$.", "\\boxed{\\text{%a}}", "#### %a");

  private record Case(String verifier, String gold, String answer, String trick) {}

  private static List<String[]> table(String resource) throws IOException {
    try (var in = AdversarialTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("# ")).map(line -> line.split("\t", -1)).toList();
    }
  }

  private static List<Case> cases() throws IOException {
    var json = new ObjectMapper();
    var cases = new ArrayList<Case>();
    for (var row : table("/adversarial.tsv")) cases.add(new Case(row[0], text(json, row[1]), text(json, row[2]), row[3]));
    return cases;
  }

  private static String text(ObjectMapper json, String escaped) throws JsonProcessingException {
    return json.readValue("\"" + escaped + "\"", String.class);
  }

  @Test void no_case_of_the_list_is_right() throws IOException {
    var fooled = new ArrayList<Case>();
    var cases = cases();
    var verifiers = new HashMap<String, Verifier>();
    for (var it : cases) {
      var verifier = verifiers.computeIfAbsent(it.verifier, name -> Verifiers.named(name, Map.of("time-limit", 2)));
      if (verifier.verify(it.gold, it.answer) instanceof Verdict.Right) fooled.add(it);
    }
    assertThat(cases).hasSizeGreaterThan(300);
    assertThat(fooled).isEmpty();
  }

  @Test void a_wrong_answer_is_not_right_in_any_dress() throws IOException {
    var pairs = new ArrayList<Case>();
    for (var row : table("/io/ballast/checkers/math/different.tsv")) pairs.add(new Case("math", row[0], row[1], row[2]));
    for (var it : cases()) if (it.verifier.equals("math")) pairs.add(it);
    var math = Verifiers.named("math", Map.of());
    var fooled = new ArrayList<String>();
    int checked = 0;
    for (var it : pairs) {
      if (it.answer.contains("boxed") || it.answer.contains("nswer") || it.answer.contains("\n")) continue; // dressed already
      for (var dress : DRESSES) {
        var answer = dress.replace("%a", it.answer).replace("%g", it.gold);
        checked++;
        if (math.verify(it.gold, answer) instanceof Verdict.Right) fooled.add("%s: %s (%s)".formatted(it.gold, answer, it.trick));
      }
    }
    assertThat(checked).isGreaterThan(4_000);
    assertThat(fooled).isEmpty();
  }

  @ParameterizedTest @ValueSource(strings = {"math", "gsm8k", "exact", "regex", "json-schema"})
  void random_text_gets_a_verdict_in_time_and_is_never_right(String name) {
    var verifier = Verifiers.named(name, Map.of());
    var gold = switch (name) {
      case "json-schema" -> "{\"type\": \"object\", \"required\": [\"kestrel\"]}";
      case "regex" -> "kestrel-[0-9]{9}";
      case "exact" -> "kestrel 730411967";
      default -> "730411967";
    };
    verifier.verify(gold, "1");
    int rounds = Integer.getInteger("ballast.fuzz", 2_000);
    var random = new SplittableRandom(17);
    for (int round = 0; round < rounds; round++) judged(verifier, gold, soup(random));
    for (int round = 0; round < rounds / 10; round++) { // the same text on both sides, the gold too
      var text = soup(random);
      long start = System.nanoTime();
      assertThat(verifier.verify(text, text)).isNotNull();
      assertThat(verifier.lint(text)).isNotNull();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).as(text).isLessThan(Duration.ofSeconds(15));
    }
  }

  private static void judged(Verifier verifier, String gold, String answer) {
    long start = System.nanoTime();
    var verdict = verifier.verify(gold, answer);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).as(answer).isLessThan(Duration.ofSeconds(10));
    assertThat(verdict).as(answer).isNotInstanceOf(Verdict.Right.class);
    assertThat(verdict.reason()).as(answer).isNotBlank();
  }

  private static final String[] PIECES = {"\\frac{", "\\sqrt{", "\\boxed{", "}", "{", "(", ")", "[", "]", "^", "_", "$", "\\(", "\\)", "\\left(", "\\right)", "1", "2", "0", "9.5", "1e9", "10^{",
      "x", "y", "\\pi", "\\infty", "\\cup", "\\cap", "\\setminus", "\\in", "\\mathbb{R}", "<", ">", "\\le", "\\ne", "=", "+", "-", "*", "/", "!", "%", "\\%", ",", ";", " or ", " and ", "\\text{", "####",
      "A:", "answer is ", "\n", "\\\\", "&", "\\begin{pmatrix}", "\\end{pmatrix}", "\\begin{cases}", "\\end{cases}", "|", "\\pm", "\\sin", "\\log_", "\\binom", "\\sum_", "\\int", "°", "½", "√", "²", "３", "\u200b",
      "\u202e", "\ud800", "\u0000", "true", "null", "\"", ":", "\\u", "NaN", "Infinity", "if", "not ", "<think>", "</think>", "<answer>", "</answer>", "\\overline{", "i", "e", "\\bmod", "\\equiv", "cm", "\\circ"};

  /** Random code points, pieces of mathematics in any order, nesting, or one piece many times. */
  private static String soup(SplittableRandom random) {
    var text = new StringBuilder();
    switch (random.nextInt(4)) {
      case 0 -> {
        for (int i = random.nextInt(200); i > 0; i--) text.appendCodePoint(random.nextInt(0, 0x11000));
      }
      case 1 -> {
        for (int i = random.nextInt(60); i > 0; i--) text.append(PIECES[random.nextInt(PIECES.length)]);
      }
      case 2 -> {
        text.append("\\boxed{");
        for (int i = random.nextInt(40); i > 0; i--) text.append(PIECES[random.nextInt(PIECES.length)]);
        text.append('}');
      }
      default -> {
        var piece = PIECES[random.nextInt(PIECES.length)] + PIECES[random.nextInt(PIECES.length)];
        text.append(piece.repeat(1 + random.nextInt(random.nextInt(20) == 0 ? 20_000 : 200)));
      }
    }
    return text.toString();
  }
}
