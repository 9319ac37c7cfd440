package io.ballast.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One value of a recipe as it was written.
 *
 * @param content {@code String} (also {@code "none"}), {@code Boolean}, {@code Long}, {@code Double} or a {@code List} of those
 * @param text what was written, without quotes
 * @param origin where: {@code default}, {@code recipe.yaml:12}, {@code --set}
 */
record Value(Object content, String text, String origin) {

  static final String NONE = "none", DEFAULT = "default", SET = "--set";

  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
  private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  /** What {@code --set key=text} means: a scalar, or a list where there are commas or brackets; quotes keep a text as it is. */
  static Value parse(String text, String origin) {
    String trimmed = text.strip();
    if (quoted(trimmed)) return quotedText(trimmed.substring(1, trimmed.length() - 1), origin);
    boolean bracketed = trimmed.startsWith("[") && trimmed.endsWith("]");
    if (!bracketed && trimmed.indexOf(',') < 0) return scalar(trimmed, origin);
    String inside = bracketed ? trimmed.substring(1, trimmed.length() - 1) : trimmed;
    List<Object> items = new ArrayList<>();
    if (!inside.isBlank()) for (String item : inside.split(",", -1)) items.add(parse(item, origin).content());
    return new Value(List.copyOf(items), bracketed ? trimmed : inside, origin);
  }

  /** A plain scalar. */
  static Value scalar(String text, String origin) {
    Object content = switch (text) {
      case "none", "null", "~" -> NONE;
      case "true" -> true;
      case "false" -> false;
      default -> INTEGER.matcher(text).matches() ? (Object) Long.parseLong(text)
          : FLOAT.matcher(text).matches() ? (Object) Double.parseDouble(text)
          : switch (text) {
            case ".inf", "inf", "+.inf" -> (Object) Double.POSITIVE_INFINITY;
            case "-.inf", "-inf" -> (Object) Double.NEGATIVE_INFINITY;
            case ".nan", "nan", "NaN" -> (Object) Double.NaN;
            default -> text;
          };
    };
    return new Value(content, text, origin);
  }

  /** A text that was quoted, whatever it looks like. */
  static Value quotedText(String text, String origin) {
    return new Value(text, text, origin);
  }

  static Value list(List<Value> items, String origin) {
    return new Value(items.stream().map(Value::content).toList(),
        "[" + String.join(", ", items.stream().map(Value::yaml).toList()) + "]", origin);
  }

  /** A value that code supplies. */
  static Value of(Object content, String origin) {
    if (content instanceof Number n) {
      String text = n instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e7 ? "%.1f".formatted(d) : n.toString();
      return scalar(text, origin);
    }
    if (content instanceof List<?> items) return list(items.stream().map(item -> of(item, origin)).toList(), origin);
    return content instanceof String text ? quotedText(text, origin) : new Value(content, content.toString(), origin);
  }

  /** The same for a key that takes a text: commas that no bracket encloses are part of it. */
  Value asText() {
    return content instanceof List && !text.startsWith("[") ? quotedText(text, origin) : this;
  }

  boolean isNone() {
    return NONE.equals(content);
  }

  /** As YAML: read back, it gives an equal content. */
  String yaml() {
    if (content instanceof List && !text.startsWith("[")) return "[" + text + "]";
    if (!(content instanceof String) || isNone()) return text;
    boolean plain = text.matches("[A-Za-z0-9_./~+-][A-Za-z0-9_./~+ -]*") && scalar(text, origin).content().equals(content) && text.equals(text.strip());
    return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t") + '"';
  }

  private static boolean quoted(String text) {
    return text.length() >= 2 && (text.startsWith("\"") && text.endsWith("\"") || text.startsWith("'") && text.endsWith("'"));
  }
}
