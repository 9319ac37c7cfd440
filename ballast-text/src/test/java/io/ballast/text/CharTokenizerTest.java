package io.ballast.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CharTokenizerTest {
  private final CharTokenizer tokenizer = new CharTokenizer("0123456789+= \n");

  @Test void a_text_comes_back_from_its_ids() {
    assertThat(tokenizer.decode(tokenizer.encode("12+3 = 15\n"))).isEqualTo("12+3 = 15\n");
  }

  @Test void padding_and_end_are_no_text() {
    assertThat(tokenizer.decode(new int[] {0, 2, 1})).isEqualTo("0");
    assertThat(tokenizer.size()).isEqualTo(16);
  }

  @Test void a_character_outside_the_alphabet_is_named_with_its_place() {
    assertThatThrownBy(() -> tokenizer.encode("1x")).hasMessageContaining("'x' (U+0078) at 1");
  }

  @Test void a_saved_tokenizer_reads_back_the_same(@TempDir Path dir) throws Exception {
    tokenizer.save(dir);
    assertThat(CharTokenizer.read(dir)).isNotNull();
    assertThat(CharTokenizer.read(dir).encode("9+0\n")).isEqualTo(tokenizer.encode("9+0\n"));
  }

  @Test void a_letter_twice_is_refused() {
    assertThatThrownBy(() -> new CharTokenizer("aba")).hasMessageContaining("'a' stands in it twice");
  }
}
