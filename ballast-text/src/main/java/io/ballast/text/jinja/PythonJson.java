package io.ballast.text.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code json.dumps}, byte for byte. */
final class PythonJson {
  private final boolean ascii;
  private final @Nullable String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;
  private final StringBuilder out = new StringBuilder();

  private PythonJson(boolean ascii, @Nullable String indent, String itemSeparator, String keySeparator, boolean sorted) {
    this.ascii = ascii;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sorted = sorted;
  }

  /** The filter {@code tojson} with the arguments that transformers gives it. */
  static String filter(@Nullable Object value, Arguments arguments) {
    var args = arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
    Object indent = args.or(1, null);
    String step = indent == null ? null : indent instanceof String text ? text : " ".repeat(Math.clamp(args.whole(1, 0), 0, 100));
    String items = step == null ? ", " : ",", keys = ": ";
    if (args.or(2, null) instanceof List<?> pair && pair.size() == 2) {
      items = PythonText.str(pair.get(0));
      keys = PythonText.str(pair.get(1));
    }
    var writer = new PythonJson(Values.truth(args.or(0, false)), step, items, keys, Values.truth(args.or(3, false)));
    writer.write(value, 0);
    return writer.out.toString();
  }

  private void write(@Nullable Object value, int depth) {
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b);
      case Double d -> out.append(Double.isNaN(d) ? "NaN" : d.isInfinite() ? (d > 0 ? "Infinity" : "-Infinity") : PythonText.number(d));
      case Number n -> out.append(n);
      case String text -> string(text);
      case List<?> list -> {
        if (list.isEmpty()) {
          out.append("[]");
          return;
        }
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          separate(i > 0, depth + 1);
          write(list.get(i), depth + 1);
        }
        line(depth);
        out.append(']');
      }
      case Map<?, ?> map -> {
        if (map.isEmpty()) {
          out.append("{}");
          return;
        }
        out.append('{');
        boolean more = false;
        var entries = new ArrayList<Map.Entry<?, ?>>(map.entrySet());
        if (sorted) entries.sort(Comparator.comparing(Map.Entry::getKey, Values::order));
        for (var entry : entries) {
          separate(more, depth + 1);
          more = true;
          key(entry.getKey());
          out.append(keySeparator);
          write(entry.getValue(), depth + 1);
        }
        line(depth);
        out.append('}');
      }
      default -> throw new JinjaException("tojson: %s cannot be written as JSON".formatted(Values.kind(value)));
    }
  }

  private void key(@Nullable Object key) {
    switch (key) {
      case String text -> string(text);
      case null -> out.append("\"null\"");
      case Boolean _, Long _ -> out.append('"').append(key).append('"');
      case Double d -> out.append('"').append(PythonText.number(d)).append('"');
      default -> throw new JinjaException("tojson: %s cannot be a key".formatted(Values.kind(key)));
    }
  }

  private void separate(boolean more, int depth) {
    if (more) out.append(itemSeparator);
    line(depth);
  }

  private void line(int depth) {
    if (indent != null) out.append('\n').append(indent.repeat(depth));
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) out.append("\\u%04x".formatted((int) c));
          else out.append(c);
        }
      }
    }
    out.append('"');
  }
}
