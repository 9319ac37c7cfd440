package io.ballast.method;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** The known name nearest to a mistyped one, by edit distance (insert, delete, replace, swap neighbours). */
public final class Nearest {
  private Nearest() {}

  /** The nearest known name, if one is near enough to be what was meant. */
  public static Optional<String> to(String given, Collection<String> known) {
    String best = null;
    int least = Math.max(2, given.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(given, name);
      if (distance < least || distance == least && best != null && name.compareTo(best) < 0) {
        least = distance;
        best = name;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code unknown WHAT "given"; did you mean "x"? Allowed: a, b, c}. */
  public static String message(String what, String given, Collection<String> known) {
    String hint = to(given, known).map("; did you mean \"%s\"?"::formatted).orElse(";");
    String allowed = known.isEmpty() ? "none" : known.stream().sorted().collect(Collectors.joining(", "));
    return "unknown %s \"%s\"%s allowed: %s".formatted(what, given, hint, allowed);
  }

  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) d[i][0] = i;
    for (int j = 0; j <= b.length(); j++) d[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + replace);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    return d[a.length()][b.length()];
  }
}
