package io.ballast.text;


import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealTokenizerTest {
  private static final Map<String, int[]> EOS_PAD_BOS = Map.of("qwen3", new int[] {151645, 151643, -1}, "llama3", new int[] {128001, 128001, -1},
      "llama3_1", new int[] {128009, 128009, 128000}, "gemma3", new int[] {106, 0, 2}, "deepseek_v3", new int[] {1, 1, 0});

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "llama3", "llama3_1", "gemma3", "deepseek_v3"})
  void ids_and_texts_are_those_of_transformers(String model) throws IOException {
    try (Tokenizer tokenizer = Tokenizers.read(Goldens.tokenizer(model))) {
      var softly = new SoftAssertions();
      for (JsonNode one : Goldens.read("encodings.json").path(model)) {
        String text = one.path("text").asText();
        softly.assertThat(tokenizer.encode(text)).as("ids of %s", text).isEqualTo(ids(one.path("ids")));
        softly.assertThat(tokenizer.decode(ids(one.path("ids")))).as("text of %s", text).isEqualTo(one.path("decoded").asText());
      }
      for (JsonNode one : Goldens.read("renders.json").path(model)) {
        if (one.path("text").isNull()) continue;
        softly.assertThat(tokenizer.encode(one.path("text").asText())).as("ids of a render").isEqualTo(ids(one.path("ids")));
      }
      String whole = "word and number 12345, ".repeat(1_000);
      softly.assertThat(tokenizer.decode(tokenizer.encode(whole))).as("a long text is not cut").isEqualTo(whole);
      int[] known = EOS_PAD_BOS.get(model);
      softly.assertThat(tokenizer.eos()).isEqualTo(known[0]);
      softly.assertThat(tokenizer.pad()).isEqualTo(known[1]);
      softly.assertThat(tokenizer.encodePrompt("a")[0]).isEqualTo(known[2] < 0 ? tokenizer.encode("a")[0] : known[2]);
      softly.assertThatThrownBy(() -> tokenizer.encode("ab\ud83d")).hasMessageContaining("U+D83D at 2 is half a character");
      softly.assertThatThrownBy(() -> tokenizer.decode(new int[] {tokenizer.size()})).hasMessageContaining("outside the vocabulary");
      softly.assertAll();
    }
  }

  private static int[] ids(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
