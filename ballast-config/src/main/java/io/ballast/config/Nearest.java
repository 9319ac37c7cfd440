package io.ballast.config;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** "Did you mean": the known name closest to a misspelt one. */
final class Nearest {
  private Nearest() {}

  /** The nearest name within a third of its length in edits, or null. */
  static @Nullable String name(String given, Collection<String> known) {
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String name : known) {
      int edits = edits(given, name);
      if (edits < least && edits <= Math.max(1, (Math.max(name.length(), given.length()) + 1) / 3)) {
        least = edits;
        best = name;
      }
    }
    return best;
  }

  /** As {@link #name} for dotted paths: a key that is right but in the wrong section counts as near. */
  static @Nullable String path(String given, Collection<String> known) {
    String last = given.substring(given.lastIndexOf('.') + 1);
    for (String path : known) if (path.substring(path.lastIndexOf('.') + 1).equals(last)) return path;
    String best = name(given, known);
    if (best != null) return best;
    for (String path : known) if (name(last, java.util.List.of(path.substring(path.lastIndexOf('.') + 1))) != null) return path;
    return null;
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
