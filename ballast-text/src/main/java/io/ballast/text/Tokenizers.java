package io.ballast.text;

import java.io.IOException;
import java.nio.file.Path;

/** The tokenizer of a checkpoint folder. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * @throws IllegalArgumentException if the folder holds none that can be read, saying what is missing
   * @throws IOException if a file cannot be read
   */
  public static Tokenizer read(Path dir) throws IOException {
    Tokenizer characters = CharTokenizer.read(dir);
    return characters != null ? characters : HuggingFace.read(dir);
  }
}
