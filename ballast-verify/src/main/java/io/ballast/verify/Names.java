package io.ballast.verify;

import java.util.Collection;
import java.util.Comparator;

/** Messages for names nobody knows: the name, the nearest known one, and all that are allowed. */
public final class Names {
  private Names() {}

  /** {@code unknown task 'countdwon'; did you mean countdown? Known: arithmetic, countdown}. */
  public static String unknown(String kind, String given, Collection<String> known) {
    var nearest = known.stream().min(Comparator.comparingInt(name -> distance(given, name)));
    var hint = nearest.filter(name -> distance(given, name) <= Math.max(2, name.length() / 3))
        .map(name -> "did you mean %s? ".formatted(name)).orElse("");
    return "unknown %s '%s'; %s%s".formatted(kind, given, hint,
        known.isEmpty() ? "there are none" : "known: " + String.join(", ", known));
  }

  /** Levenshtein distance: insertions, deletions and replacements. */
  private static int distance(String a, String b) {
    if (a.length() > 200) return Integer.MAX_VALUE;
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) row[j] = j;
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
