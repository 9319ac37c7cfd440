package io.ballast.data;

import io.ballast.verify.Names;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A data set's format known by name: which column asks, how the expected answer and the worked solution are read from a row.
 *
 * @param prompt the column with the problem
 * @param verifier the verifier that reads its answers
 */
record Known(String prompt, String verifier, Function<Row, String> gold, Function<Row, String> solution) {
  private static final Pattern CALCULATOR = Pattern.compile("<<[^<>\\n]*>>");

  /** GSM8K: {@code question} and {@code answer}, which ends in {@code #### 72} and holds calculator steps, left out of the solution. */
  private static final Known GSM8K = new Known("question", "gsm8k", Known::afterMarker, row -> CALCULATOR.matcher(row.text("answer")).replaceAll(""));

  /** MATH: {@code problem} and {@code solution}, whose last {@code \boxed{}} is the answer unless a column {@code answer} gives it. */
  private static final Known MATH = new Known("problem", "math", row -> row.has("answer") ? row.text("answer") : boxed(row), row -> row.text("solution"));

  private static final Map<String, Known> ALL = Map.of("gsm8k", GSM8K, "math", MATH);

  static Known named(String name) {
    Known known = ALL.get(name);
    if (known == null) throw new IllegalArgumentException(Names.unknown("dataset", name, new java.util.TreeSet<>(ALL.keySet())));
    return known;
  }

  private static String afterMarker(Row row) {
    String answer = row.text("answer");
    int at = answer.lastIndexOf("####");
    if (at < 0) throw row.refused("the answer has no '####'; in GSM8K the final number follows it");
    return answer.substring(at + 4).strip();
  }

  private static String boxed(Row row) {
    String solution = row.text("solution");
    int at = Math.max(solution.lastIndexOf("\\boxed"), solution.lastIndexOf("\\fbox"));
    if (at < 0) throw row.refused("the solution has no \\boxed{}; in MATH it holds the answer");
    int open = solution.indexOf('{', at), depth = 0;
    int name = solution.startsWith("\\boxed", at) ? at + 6 : at + 5;
    if (open < 0 || !solution.substring(name, open).isBlank()) { // "\boxed 7": what stands up to the end of the formula
      int end = solution.indexOf('$', name);
      return solution.substring(name, end < 0 ? solution.length() : end).strip();
    }
    for (int i = open; i < solution.length(); i++) {
      char c = solution.charAt(i);
      if (c == '\\') i++;
      else if (c == '{') depth++;
      else if (c == '}' && --depth == 0) return solution.substring(open + 1, i);
    }
    throw row.refused("the braces of the last \\boxed{} are not closed");
  }
}
