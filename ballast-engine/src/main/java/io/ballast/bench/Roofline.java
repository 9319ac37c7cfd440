package io.ballast.bench;

import io.ballast.model.ModelConfig;
import io.ballast.tensor.DType;

/**
 * The time a machine needs at least: of each decoding step the larger of bytes / bandwidth and operations / peak.
 *
 * <pre>
 *   bytes(t)      = weights · size + B · (P + t) · 2 · layers · kvHeads · D · size
 *   operations(t) = 2 · B · weights + 4 · B · (P + t) · layers · heads · D
 * </pre>
 *
 * B answers at once, P tokens of prompt, t tokens written. Prompts are computed once each, without the head but at their end.
 */
final class Roofline {
  private Roofline() {}

  /** Seconds of sampling all answers of a step. */
  static double sampling(ModelConfig c, long weights, Work work, Machine machine) {
    double peak = machine.matmulPeakGflops() * 1e9;
    double bandwidth = machine.memoryBandwidthGbs() * 1e9;
    double size = work.dtype() == DType.BF16 || work.dtype() == DType.FP16 ? 2 : 4;
    long batch = work.samples();
    double trunk = weights - (double) c.vocabSize() * c.hiddenSize();
    double seconds = Math.max(weights * size / bandwidth, 2 * trunk * work.prompts() * work.promptLength() / peak);
    // The first token comes out of the prompt's pass.
    for (int t = 1; t < work.maxNew(); t++) {
      double length = work.promptLength() + t;
      double bytes = weights * size + batch * length * 2 * c.layers() * c.kvHeads() * c.headDim() * size;
      double operations = 2.0 * batch * weights + 4 * batch * length * c.layers() * c.heads() * c.headDim();
      seconds += Math.max(bytes / bandwidth, operations / peak);
    }
    return seconds;
  }

  /** Operations of one training step without recomputation: 2 forwards, 4 backwards per weight and position. */
  static double trainingOperations(ModelConfig c, long weights, Work work) {
    double head = (double) c.vocabSize() * c.hiddenSize();
    double positions = (double) work.samples() * (work.promptLength() + work.maxNew());
    return 6 * ((weights - head) * positions + head * work.tokens());
  }
}
