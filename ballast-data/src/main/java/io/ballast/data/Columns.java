package io.ballast.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the columns of a row mean, by the settings: the prompt as the model sees it, the expected answer, a solution, hints. */
final class Columns {
  private static final List<String> PROMPTS = List.of("prompt", "question", "problem", "input");
  private static final List<String> ANSWERS = List.of("gold", "answer", "solution", "target");

  private final DataSettings settings;
  private final Function<List<Map<String, Object>>, String> chat;
  private final @Nullable PromptTemplate template;
  private final @Nullable Known known;

  /** @param chat writes messages ({@code role}, {@code content}) as the model's prompt */
  Columns(DataSettings settings, Function<List<Map<String, Object>>, String> chat) {
    this.settings = settings;
    this.chat = chat;
    template = settings.template().isEmpty() ? null : new PromptTemplate(settings.template());
    known = settings.dataset().isEmpty() ? null : Known.named(settings.dataset());
  }

  String gold(Row row) {
    return settings.gold().isEmpty() && known != null ? known.gold().apply(row) : row.text(column(row, "expected answer", settings.gold(), ANSWERS));
  }

  /** The answer to imitate: the expected one where the row has no other. */
  String solution(Row row) {
    if (!settings.solution().isEmpty()) return row.text(settings.solution());
    return known != null && settings.gold().isEmpty() ? known.solution().apply(row) : gold(row);
  }

  List<String> hints(Row row) {
    return settings.hints().stream().map(row::text).toList();
  }

  String prompt(Row row) {
    if (!settings.chat()) return template == null ? row.text(problem(row)) : template.fill(row);
    var messages = new ArrayList<Map<String, Object>>();
    if (!settings.system().isEmpty()) messages.add(Map.of("role", "system", "content", settings.system()));
    String column = template == null ? problem(row) : "";
    if (template == null && row.value(column) instanceof List<?> given) {
      for (Object message : given) messages.add(message(row, column, message));
    } else {
      messages.add(Map.of("role", "user", "content", template == null ? row.text(column) : template.fill(row)));
    }
    try {
      return chat.apply(messages);
    } catch (RuntimeException e) {
      throw row.refused(String.valueOf(e.getMessage()));
    }
  }

  private String problem(Row row) {
    return column(row, "prompt", settings.prompt().isEmpty() && known != null ? known.prompt() : settings.prompt(), PROMPTS);
  }

  private static String column(Row row, String what, String name, List<String> usual) {
    if (!name.isEmpty()) return name;
    for (String one : usual) if (row.values().get(one) != null) return one;
    throw row.refused("no column for the %s (looked for %s; the row has %s)".formatted(what, String.join(", ", usual), String.join(", ", row.values().keySet())));
  }

  private static Map<String, Object> message(Row row, String column, @Nullable Object given) {
    if (!(given instanceof Map<?, ?> map) || !map.containsKey("role") || !map.containsKey("content")) {
      throw row.refused("column '%s' is a list, so each item must be a message with role and content".formatted(column));
    }
    var out = new LinkedHashMap<String, Object>();
    map.forEach((key, value) -> out.put(String.valueOf(key), value));
    return out;
  }
}
