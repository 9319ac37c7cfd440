package io.ballast.text.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How Python writes values, and what it takes for white space. */
final class PythonText {
  private PythonText() {}

  /** {@code str(value)}, except that an undefined value is an empty text. */
  static String str(@Nullable Object value) {
    return switch (value) {
      case String text -> text;
      case Undefined _ -> "";
      case null, default -> repr(value);
    };
  }

  static String repr(@Nullable Object value) {
    var out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private static void repr(@Nullable Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("None");
      case Boolean b -> out.append(b ? "True" : "False");
      case Double d -> out.append(number(d));
      case String text -> quoted(text, out);
      case Tuple tuple -> sequence(tuple, "(", tuple.size() == 1 ? ",)" : ")", out);
      case List<?> list -> sequence(list, "[", "]", out);
      case Map<?, ?> map -> {
        String separator = "{";
        for (var entry : map.entrySet()) {
          out.append(separator);
          repr(entry.getKey(), out);
          out.append(": ");
          repr(entry.getValue(), out);
          separator = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case Undefined _ -> out.append("Undefined");
      case Namespace _, Invocable _, Loop _ -> throw new JinjaException("%s cannot be written as text".formatted(Values.kind(value)));
      default -> out.append(value);
    }
  }

  private static void sequence(List<?> items, String open, String close, StringBuilder out) {
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) out.append(", ");
      repr(items.get(i), out);
    }
    out.append(close);
  }

  private static void quoted(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints().forEach(c -> {
      if (c == quote || c == '\\') out.append('\\').append((char) c);
      else if (c == '\n') out.append("\\n");
      else if (c == '\r') out.append("\\r");
      else if (c == '\t') out.append("\\t");
      else if (isPrintable(c)) out.appendCodePoint(c);
      else out.append(c < 0x100 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
    });
    out.append(quote);
  }

  private static boolean isPrintable(int c) {
    if (c == ' ') return true;
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED, Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR -> false;
      default -> true;
    };
  }

  /** Python's shortest form: an exponent below 1e-4 and from 1e16 on, otherwise a decimal point. */
  static String number(double d) {
    if (Double.isNaN(d)) return "nan";
    if (Double.isInfinite(d)) return d > 0 ? "inf" : "-inf";
    if (d == 0) return 1 / d < 0 ? "-0.0" : "0.0";
    var decimal = new BigDecimal(Double.toString(Math.abs(d))).stripTrailingZeros();
    String digits = decimal.unscaledValue().toString();
    int exponent = digits.length() - decimal.scale() - 1;
    String sign = d < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      return "%s%se%s%02d".formatted(sign, mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    String plain = decimal.toPlainString();
    return sign + (plain.contains(".") ? plain : plain + ".0");
  }

  /** What {@code str.isspace} takes for white space. */
  static boolean isSpace(int c) {
    return c == 0x85 || Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  static String stripRight(String text, @Nullable String chars) {
    return strip(text, chars, false, true);
  }

  /** @param chars the characters to take away; null: white space */
  static String strip(String text, @Nullable String chars, boolean left, boolean right) {
    int from = 0, to = text.length();
    while (left && from < to && goes(text.codePointAt(from), chars)) from += Character.charCount(text.codePointAt(from));
    while (right && to > from && goes(text.codePointBefore(to), chars)) to -= Character.charCount(text.codePointBefore(to));
    return text.substring(from, to);
  }

  private static boolean goes(int c, @Nullable String chars) {
    return chars == null ? isSpace(c) : chars.indexOf(c) >= 0;
  }
}
