package io.ballast.verify;

/** Text in messages: quoted, short, on one line; and whether there is any. */
public final class Excerpt {
  private static final int LONGEST = 80;

  private Excerpt() {}

  /** {@code 'text'}, cut after 80 characters, control characters shown as a dot. */
  public static String of(String text) {
    return "'" + cut(text, LONGEST).replaceAll("\\p{Cntrl}", "·") + "'";
  }

  /** Whether nothing can be seen in a text: only blanks of any kind and control characters. */
  public static boolean blank(String text) {
    return text.codePoints().allMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT);
  }

  /** At most {@code longest} characters and an ellipsis; never half a surrogate pair. */
  public static String cut(String text, int longest) {
    if (text.length() <= longest) return text;
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    return text.substring(0, end) + "…";
  }
}
