package io.ballast.verify;

/** Quotes text in messages: short, on one line. */
public final class Excerpt {
  private static final int LONGEST = 80;

  private Excerpt() {}

  /** {@code 'text'}, cut after 80 characters, control characters shown as a dot. */
  public static String of(String text) {
    return "'" + cut(text, LONGEST).replaceAll("\\p{Cntrl}", "·") + "'";
  }

  /** At most {@code longest} characters and an ellipsis; never half a surrogate pair. */
  public static String cut(String text, int longest) {
    if (text.length() <= longest) return text;
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    return text.substring(0, end) + "…";
  }
}
