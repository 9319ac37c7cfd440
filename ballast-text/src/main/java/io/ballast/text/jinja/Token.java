package io.ballast.text.jinja;

/**
 * @param text the text of data and names, the value of a string, the sign of an operator, the digits of a number
 */
record Token(Kind kind, String text, int line) {
  enum Kind { DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, FLOAT, SIGN, END }

  boolean is(Kind wanted, String value) {
    return kind == wanted && text.equals(value);
  }

  boolean sign(String value) {
    return is(Kind.SIGN, value);
  }

  boolean name(String value) {
    return is(Kind.NAME, value);
  }

  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case BLOCK_END -> "'%}'";
      case OUTPUT_END -> "'}}'";
      default -> "'" + text + "'";
    };
  }
}
