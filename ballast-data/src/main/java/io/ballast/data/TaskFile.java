package io.ballast.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ballast.verify.Task;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompts and expected answers from a file of JSON lines. The id of a task is its line's number, from 0.
 *
 * @param prompt name of the field with the prompt; null: the first of {@code prompt, question, problem, input} that a line has
 * @param gold name of the field with the expected answer; null: the first of {@code gold, answer, solution, target}
 */
public record TaskFile(Path file, @Nullable String prompt, @Nullable String gold) {
  private static final List<String> PROMPTS = List.of("prompt", "question", "problem", "input");
  private static final List<String> GOLDS = List.of("gold", "answer", "solution", "target");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Every task of the file, in order.
   *
   * @throws IllegalArgumentException naming file, line and field, if the file is missing, empty or malformed
   */
  public List<Task> read() {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("%s %s".formatted(file, Files.isDirectory(file) ? "is a folder; give a file of JSON lines" : "does not exist"));
    }
    List<Task> tasks = new ArrayList<>();
    long number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) tasks.add(task(line, number));
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("%s, after line %d: this is not UTF-8 text".formatted(file, number), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    if (tasks.isEmpty()) throw new IllegalArgumentException("%s is empty; it must hold one JSON object a line".formatted(file));
    return tasks;
  }

  private Task task(String line, long number) {
    JsonNode object;
    try {
      object = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("%s, line %d: this is not JSON: %s".formatted(file, number, e.getOriginalMessage()), e);
    }
    if (!object.isObject()) throw new IllegalArgumentException("%s, line %d: expected a JSON object".formatted(file, number));
    return new Task(number - 1, field(object, number, "prompt", prompt, PROMPTS), field(object, number, "expected answer", gold, GOLDS));
  }

  private String field(JsonNode object, long number, String what, @Nullable String name, List<String> usual) {
    List<String> names = name == null ? usual : List.of(name);
    for (String one : names) {
      JsonNode value = object.get(one);
      if (value != null && !value.isNull()) return value.isTextual() ? value.textValue() : value.toString();
    }
    throw new IllegalArgumentException("%s, line %d: no field for the %s (looked for %s; the line has %s)".formatted(
        file, number, what, String.join(", ", names), String.join(", ", object.properties().stream().map(java.util.Map.Entry::getKey).toList())));
  }
}
