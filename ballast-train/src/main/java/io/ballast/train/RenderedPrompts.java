package io.ballast.train;

import io.ballast.text.ChatTemplate;
import io.ballast.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The tokenizer of prompts that a chat template has written: they hold every special token already, and an answer ends as the template ends
 * an assistant's turn.
 */
record RenderedPrompts(Tokenizer tokenizer, int eos) implements Tokenizer {
  private static final String ANSWER = "The answer is 1729.";

  static RenderedPrompts of(Tokenizer tokenizer, ChatTemplate template) {
    return new RenderedPrompts(tokenizer, end(tokenizer, template));
  }

  /** The token a whole conversation has behind its answer, where it is one that ends answers. */
  private static int end(Tokenizer tokenizer, ChatTemplate template) {
    try {
      String whole = template.render(List.of(Map.of("role", "user", "content", "Say it."), Map.of("role", "assistant", "content", ANSWER)),
          ChatTemplate.Options.whole());
      int at = whole.lastIndexOf(ANSWER);
      int[] behind = at < 0 ? new int[0] : tokenizer.encode(whole.substring(at + ANSWER.length()));
      if (behind.length > 0 && tokenizer.stops().contains(behind[0])) return behind[0];
    } catch (RuntimeException e) {
      // A template that refuses this conversation says nothing about its end.
    }
    return tokenizer.eos();
  }

  @Override public int[] encode(String text) {
    return tokenizer.encode(text);
  }

  @Override public int[] encodePrompt(String text) {
    return tokenizer.encode(text);
  }

  @Override public String decode(int[] ids) {
    return tokenizer.decode(ids);
  }

  @Override public int size() {
    return tokenizer.size();
  }

  @Override public List<Integer> stops() {
    var stops = new LinkedHashSet<>(List.of(eos));
    stops.addAll(tokenizer.stops());
    return new ArrayList<>(stops);
  }

  @Override public int pad() {
    return tokenizer.pad();
  }

  @Override public void save(Path dir) throws IOException {
    tokenizer.save(dir);
  }

  @Override public void close() {
    tokenizer.close();
  }
}
