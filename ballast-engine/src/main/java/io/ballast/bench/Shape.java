package io.ballast.bench;

import io.ballast.model.Architecture;
import io.ballast.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Model shapes that speed is compared on, Qwen2 layout with a tied head, and the work each is measured with unless told otherwise. */
public enum Shape {
  /** 3.0M parameters. */
  TINY("3m", 97, 256, 704, 4, 4, 2, 8, 8, 64),
  /** 13.4M parameters. */
  SMALL("13m", 2048, 384, 1024, 8, 6, 2, 8, 8, 128),
  /** 134.5M parameters: SmolLM2-135M. */
  MEDIUM("135m", 49152, 576, 1536, 30, 9, 3, 2, 8, 64);

  private final String label;
  private final int vocabulary;
  private final int hidden;
  private final int intermediate;
  private final int layers;
  private final int heads;
  private final int kvHeads;
  private final int prompts;
  private final int group;
  private final int maxNew;

  Shape(String label, int vocabulary, int hidden, int intermediate, int layers, int heads, int kvHeads, int prompts, int group, int maxNew) {
    this.label = label;
    this.vocabulary = vocabulary;
    this.hidden = hidden;
    this.intermediate = intermediate;
    this.layers = layers;
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.prompts = prompts;
    this.group = group;
    this.maxNew = maxNew;
  }

  /** Reads {@code 3m}, {@code 13m} or {@code 135m}. */
  public static Shape parse(String text) {
    for (Shape shape : values()) if (shape.label.equalsIgnoreCase(text.strip())) return shape;
    throw new IllegalArgumentException("shape must be one of %s, got '%s'".formatted(
        Arrays.stream(values()).map(Shape::toString).collect(Collectors.joining(", ")), text));
  }

  ModelConfig config(int positions) {
    return ModelConfig.dense(Architecture.QWEN2, vocabulary, hidden, intermediate, layers, heads, kvHeads, true, positions, null, List.of());
  }

  public int prompts() {
    return prompts;
  }

  public int group() {
    return group;
  }

  public int maxNew() {
    return maxNew;
  }

  @Override public String toString() {
    return label;
  }
}
