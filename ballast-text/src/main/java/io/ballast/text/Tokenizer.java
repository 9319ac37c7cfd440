package io.ballast.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Text into token ids and back, with the special tokens of a checkpoint. Token-in, token-out: text is encoded once, before sampling,
 * and never again between sampling and training.
 */
public interface Tokenizer extends AutoCloseable {

  /**
   * Ids of a text, without special tokens of its own accord; special tokens written out in the text become their ids.
   *
   * @throws IllegalArgumentException if the text holds characters that the vocabulary cannot express, naming the first
   */
  int[] encode(String text);

  /**
   * Ids of a prompt that no chat template has written: begins with the token that starts every text, where the checkpoint was trained with
   * one. A rendered chat template holds that token already; use {@link #encode} for it.
   */
  default int[] encodePrompt(String text) {
    return encode(text);
  }

  /** Text of ids; special tokens are left out. */
  String decode(int[] ids);

  /** Number of ids; every id is in [0, size). */
  int size();

  /** The id that ends an answer that is trained on. */
  int eos();

  /** Every id that ends an answer when sampling, {@link #eos} first. */
  default List<Integer> stops() {
    return List.of(eos());
  }

  /** The id used where a row is shorter than its neighbours; never trained on. */
  int pad();

  /** Writes the tokenizer's files into a checkpoint folder in Hugging Face layout. */
  void save(Path dir) throws IOException;

  @Override default void close() {}
}
