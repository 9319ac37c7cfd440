package io.ballast.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The arithmetic of a policy. Under {@link #BF16} and {@link #FP16} the matrix products run in that type while the master weights,
 * gradients, optimizer moments, norms and log-softmax stay in fp32.
 */
public enum DType {
  FP32(ScalarType.Float, ScalarType.Float),
  BF16(ScalarType.BFloat16, ScalarType.Float),
  FP16(ScalarType.Half, ScalarType.Float),
  /** For proofs: the same code in double precision. */
  FP64(ScalarType.Double, ScalarType.Double);

  private final ScalarType compute;
  private final ScalarType master;

  DType(ScalarType compute, ScalarType master) {
    this.compute = compute;
    this.master = master;
  }

  /** Element type of the operands of matrix products. */
  public ScalarType compute() {
    return compute;
  }

  /** Bytes of one such element. */
  public int computeBytes() {
    return switch (compute) {
      case Double -> 8;
      case Float -> 4;
      default -> 2;
    };
  }

  /** Element type of weights as trained and saved, gradients and moments. */
  public ScalarType master() {
    return master;
  }

  /** Whether matrix products run in a narrower type than the weights are kept in. */
  public boolean mixed() {
    return compute != master;
  }

  /** Reads {@code fp32}, {@code bf16}, {@code fp16} or {@code fp64}. */
  public static DType parse(String text) {
    for (DType type : values()) if (type.toString().equals(text.toLowerCase(Locale.ROOT).strip())) return type;
    throw new IllegalArgumentException("dtype must be one of %s, got '%s'".formatted(
        Arrays.stream(values()).map(DType::toString).collect(Collectors.joining(", ")), text));
  }

  @Override public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
