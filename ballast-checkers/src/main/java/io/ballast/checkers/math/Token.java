package io.ballast.checkers.math;

/**
 * A piece of mathematical writing.
 *
 * @param text digits of a NUMBER, a run of LETTERS, the name of a COMMAND without its backslash, the contents of TEXT, a single CHAR
 * @param spaced whether a blank stands before it
 */
record Token(Kind kind, String text, boolean spaced) {
  enum Kind { NUMBER, LETTERS, COMMAND, TEXT, CHAR, END }

  boolean is(char c) {
    return kind == Kind.CHAR && text.charAt(0) == c;
  }

  boolean isCommand(String name) {
    return kind == Kind.COMMAND && text.equals(name);
  }

  @Override public String toString() {
    return kind == Kind.END ? "the end" : kind == Kind.COMMAND ? "\\" + text : text;
  }
}
