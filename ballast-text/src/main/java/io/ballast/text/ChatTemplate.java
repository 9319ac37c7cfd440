package io.ballast.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.ballast.text.jinja.JinjaException;
import io.ballast.text.jinja.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's way of writing a conversation as one text, as transformers' {@code apply_chat_template} does. Encode the result as it is:
 * the template writes the special tokens itself.
 */
public final class ChatTemplate {
  private final Template template;
  private final Map<String, String> specialTokens;

  private ChatTemplate(Template template, Map<String, String> specialTokens) {
    this.template = template;
    this.specialTokens = specialTokens;
  }

  /**
   * @param specialTokens texts of {@code bos_token}, {@code eos_token} and the like, seen by the template under these names
   * @throws JinjaException if the text is no template of the supported subset, naming construct and line
   */
  public static ChatTemplate of(String template, Map<String, String> specialTokens) {
    return new ChatTemplate(Template.parse(template), Map.copyOf(specialTokens));
  }

  /**
   * The template of a checkpoint folder: {@code chat_template.jinja}, or the one in {@code tokenizer_config.json}.
   *
   * @throws IllegalArgumentException if there is none, or it cannot be read
   */
  public static ChatTemplate read(Path dir) throws IOException {
    return find(dir).orElseThrow(() -> new IllegalArgumentException(
        "%s has no chat template: neither chat_template.jinja nor chat_template in tokenizer_config.json; use plain prompts with this model".formatted(dir)));
  }

  /** As {@link #read}, empty where the checkpoint has no template. */
  public static Optional<ChatTemplate> find(Path dir) throws IOException {
    String text = text(dir);
    if (text == null) return Optional.empty();
    try {
      return Optional.of(of(text, SpecialTokens.read(dir).texts()));
    } catch (JinjaException e) {
      throw new IllegalArgumentException("%s: %s".formatted(dir, e.getMessage()), e);
    }
  }

  private static @Nullable String text(Path dir) throws IOException {
    Path file = dir.resolve("chat_template.jinja");
    if (Files.isRegularFile(file)) return Files.readString(file);
    JsonNode own = SpecialTokens.json(dir.resolve("tokenizer_config.json")).path("chat_template");
    if (own.isMissingNode() || own.isNull()) own = SpecialTokens.json(dir.resolve("chat_template.json")).path("chat_template");
    if (own.isTextual()) return own.textValue();
    for (JsonNode named : own) {
      if (named.path("name").asText().equals("default") && named.path("template").isTextual()) return named.path("template").textValue();
    }
    return null;
  }

  /**
   * @param messages a map a message, with {@code role}, {@code content} and whatever else the template reads
   * @throws JinjaException if the template refuses the conversation, with its own words
   */
  public String render(List<? extends Map<String, ? extends @Nullable Object>> messages, Options options) {
    return rendered(messages, options).text();
  }

  /** As {@link #render}, with the places of what the assistant wrote, where the template marks them. */
  public Template.Rendered rendered(List<? extends Map<String, ? extends @Nullable Object>> messages, Options options) {
    Map<String, @Nullable Object> values = new HashMap<>(specialTokens);
    values.put("messages", messages);
    values.put("tools", options.tools());
    values.put("documents", null);
    values.put("add_generation_prompt", options.addGenerationPrompt());
    values.putAll(options.more());
    return template.render(values, options.clock());
  }

  /**
   * @param addGenerationPrompt end with what opens an answer of the assistant
   * @param tools descriptions of the tools the assistant may call; null: none
   * @param more further variables of the template, such as {@code enable_thinking}
   * @param clock today, for templates that write the date
   */
  public record Options(boolean addGenerationPrompt, @Nullable List<? extends Map<String, ? extends @Nullable Object>> tools,
      Map<String, ? extends @Nullable Object> more, Clock clock) {

    /** For sampling: the text ends where the answer begins. */
    public static Options prompt() {
      return new Options(true, null, Map.of(), Clock.systemDefaultZone());
    }

    /** For a conversation that is whole. */
    public static Options whole() {
      return new Options(false, null, Map.of(), Clock.systemDefaultZone());
    }

    public Options withTools(List<? extends Map<String, ? extends @Nullable Object>> given) {
      return new Options(addGenerationPrompt, given, more, clock);
    }

    public Options with(Map<String, ? extends @Nullable Object> variables) {
      return new Options(addGenerationPrompt, tools, variables, clock);
    }

    public Options at(Clock now) {
      return new Options(addGenerationPrompt, tools, more, now);
    }
  }
}
