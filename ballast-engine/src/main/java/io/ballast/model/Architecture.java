package io.ballast.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The model families whose mathematics this engine has, by their {@code model_type} in {@code config.json}. */
public enum Architecture {
  LLAMA("LlamaForCausalLM"),
  QWEN2("Qwen2ForCausalLM"),
  QWEN3("Qwen3ForCausalLM"),
  MISTRAL("MistralForCausalLM"),
  GEMMA2("Gemma2ForCausalLM"),
  QWEN3_MOE("Qwen3MoeForCausalLM");

  private final String className;

  Architecture(String className) {
    this.className = className;
  }

  /** The name under {@code architectures} in {@code config.json}. */
  public String className() {
    return className;
  }

  /** {@code model_type} in {@code config.json}. */
  public String modelType() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Queries and keys are normalised per head before the rotation. */
  public boolean headNorms() {
    return this == QWEN3 || this == QWEN3_MOE;
  }

  static Architecture of(String modelType) {
    for (Architecture known : values()) if (known.modelType().equals(modelType)) return known;
    throw new IllegalArgumentException("model_type '%s' is not supported; supported are %s".formatted(
        modelType, Arrays.stream(values()).map(Architecture::modelType).collect(Collectors.joining(", "))));
  }
}
