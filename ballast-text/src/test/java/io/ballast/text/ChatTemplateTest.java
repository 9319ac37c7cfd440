package io.ballast.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.ballast.text.jinja.JinjaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final List<Map<String, Object>> HELLO = List.of(Map.of("role", "user", "content", "hi"));

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "llama3", "llama3_1", "gemma3", "deepseek_v3"})
  void a_real_template_renders_every_conversation_as_transformers_does(String model) throws IOException {
    var template = ChatTemplate.read(Goldens.tokenizer(model));
    JsonNode renders = Goldens.read("renders.json").path(model);
    JsonNode inputs = Goldens.read("conversations.json");
    var softly = new SoftAssertions();
    int compared = 0;
    for (var conversation : inputs.path("conversations").properties()) {
      for (var option : inputs.path("options").properties()) {
        String name = conversation.getKey() + " / " + option.getKey();
        List<Map<String, Object>> messages = Goldens.as(conversation.getValue(), new TypeReference<>() {});
        JsonNode expected = renders.path(name).path("text");
        softly.assertThat(rendered(template, messages, Goldens.as(option.getValue(), new TypeReference<>() {}))).as(name)
            .isEqualTo(expected.isNull() ? "refused" : expected.asText());
        compared++;
      }
    }
    softly.assertAll();
    assertThat(compared).isEqualTo(renders.size()).isEqualTo(48);
  }

  private static String rendered(ChatTemplate template, List<Map<String, Object>> messages, Map<String, Object> settings) {
    var more = new LinkedHashMap<>(settings);
    @SuppressWarnings("unchecked")
    var tools = (List<Map<String, Object>>) more.remove("tools");
    boolean prompt = Boolean.TRUE.equals(more.remove("add_generation_prompt"));
    var options = (prompt ? ChatTemplate.Options.prompt() : ChatTemplate.Options.whole()).with(more);
    try {
      return template.render(messages, tools == null ? options : options.withTools(tools));
    } catch (JinjaException e) {
      return "refused";
    }
  }

  @Test void the_file_of_its_own_goes_before_the_configuration(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("tokenizer_config.json"), "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": null, \"chat_template\": \"config\"}");
    assertThat(ChatTemplate.read(dir).render(HELLO, ChatTemplate.Options.prompt())).isEqualTo("config");
    Files.writeString(dir.resolve("chat_template.jinja"), "{{ bos_token }}{{ eos_token is defined }}{{ messages[0].content }}{{ add_generation_prompt }}{{ tools }}");
    assertThat(ChatTemplate.read(dir).render(HELLO, ChatTemplate.Options.prompt())).isEqualTo("<s>FalsehiTrueNone");
  }

  @Test void of_several_templates_the_default_one_is_taken(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("tokenizer_config.json"),
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, {\"name\": \"default\", \"template\": \"d\"}]}");
    assertThat(ChatTemplate.read(dir).render(HELLO, ChatTemplate.Options.whole())).isEqualTo("d");
  }

  @Test void a_folder_without_template_and_a_broken_one_are_named(@TempDir Path dir) throws IOException {
    assertThatThrownBy(() -> ChatTemplate.read(dir)).hasMessageContaining(dir.toString()).hasMessageContaining("has no chat template");
    Files.writeString(dir.resolve("chat_template.jinja"), "a\n{% include 'x' %}");
    assertThatThrownBy(() -> ChatTemplate.read(dir)).hasMessageContaining(dir.toString()).hasMessageContaining("line 2").hasMessageContaining("'include'");
    Files.delete(dir.resolve("chat_template.jinja"));
    Files.writeString(dir.resolve("tokenizer_config.json"), "{\n\"chat_template\": ");
    assertThatThrownBy(() -> ChatTemplate.find(dir)).hasMessageContaining("tokenizer_config.json, line 2");
  }
}
