package io.ballast.data;

import java.util.ArrayList;
import java.util.List;

/** Text with columns in braces: {@code Solve: {question}}; {@code {{} and {@code }}} stand for the braces themselves. */
final class PromptTemplate {
  private final List<String> texts = new ArrayList<>();
  private final List<String> columns = new ArrayList<>();

  PromptTemplate(String template) {
    var text = new StringBuilder();
    for (int i = 0; i < template.length(); i++) {
      char c = template.charAt(i);
      if ((c == '{' || c == '}') && i + 1 < template.length() && template.charAt(i + 1) == c) {
        text.append(c);
        i++;
      } else if (c == '{') {
        int end = template.indexOf('}', i);
        if (end < 0 || end == i + 1) throw refused(i, "'{' needs the name of a column and '}'");
        columns.add(template.substring(i + 1, end).strip());
        texts.add(text.toString());
        text.setLength(0);
        i = end;
      } else if (c == '}') {
        throw refused(i, "'}' has no '{'");
      } else {
        text.append(c);
      }
    }
    texts.add(text.toString());
  }

  private static IllegalArgumentException refused(int at, String reason) {
    return new IllegalArgumentException("data: template, character %d: %s; for a brace itself write it twice".formatted(at + 1, reason));
  }

  String fill(Row row) {
    var out = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) out.append(texts.get(i)).append(row.text(columns.get(i)));
    return out.append(texts.getLast()).toString();
  }
}
