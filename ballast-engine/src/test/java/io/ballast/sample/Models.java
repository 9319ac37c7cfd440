package io.ballast.sample;

import io.ballast.model.AdamW;
import io.ballast.model.Architecture;
import io.ballast.model.ModelConfig;
import io.ballast.model.Policy;
import io.ballast.model.TokenRows;
import io.ballast.tensor.DType;
import io.ballast.tensor.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Small policies whose every weight, biases and norms too, has been moved by an optimizer step, and prompts for them. */
final class Models {
  static final int VOCABULARY = 29;

  private Models() {}

  static ModelConfig qwen2() {
    return ModelConfig.dense(Architecture.QWEN2, VOCABULARY, 64, 96, 2, 4, 2, true, 600, 1, List.of(2));
  }

  /** Head norms, a head of its own, head size unequal to hidden / heads, stretched rotary positions, a window in the first layer. */
  static ModelConfig qwen3() {
    ModelConfig c = ModelConfig.dense(Architecture.QWEN3, VOCABULARY, 48, 80, 2, 4, 1, false, 600, 1, List.of(2));
    return new ModelConfig(c.architecture(), c.vocabSize(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(), 16,
        c.rmsNormEps(), c.ropeTheta(), new ModelConfig.RopeScaling(8, 1, 4, 32), c.tied(), c.qkvBias(), c.outputBias(),
        c.mlpBias(), c.maxPositions(), List.of(7, 0), c.initializerRange(), c.bos(), c.eos(), c.gemma(), c.experts());
  }

  /** Soft caps, norms on both sides of a block, scaled embeddings, a window in every other layer. */
  static ModelConfig gemma2() {
    ModelConfig c = ModelConfig.dense(Architecture.LLAMA, VOCABULARY, 48, 80, 2, 4, 2, true, 600, 1, List.of(2));
    return new ModelConfig(Architecture.GEMMA2, c.vocabSize(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(), 16,
        c.rmsNormEps(), c.ropeTheta(), null, true, false, false, false, c.maxPositions(), List.of(7, 0), 0.2, c.bos(), c.eos(),
        new ModelConfig.Gemma(24, 5, 3), null);
  }

  /** Six experts of which every token uses two. */
  static ModelConfig mixture() {
    ModelConfig c = ModelConfig.dense(Architecture.QWEN3, VOCABULARY, 48, 80, 2, 4, 2, false, 600, 1, List.of(2));
    return new ModelConfig(Architecture.QWEN3_MOE, c.vocabSize(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(),
        16, c.rmsNormEps(), c.ropeTheta(), null, false, false, false, false, c.maxPositions(), List.of(0, 0), 0.2, c.bos(), c.eos(), null,
        new ModelConfig.Experts(6, 2, 24, true, Set.of()));
  }

  static ModelConfig allWindows(ModelConfig c, int window) {
    return new ModelConfig(c.architecture(), c.vocabSize(), c.hiddenSize(), c.intermediateSize(), c.layers(), c.heads(), c.kvHeads(),
        c.headDim(), c.rmsNormEps(), c.ropeTheta(), c.ropeScaling(), c.tied(), c.qkvBias(), c.outputBias(), c.mlpBias(), c.maxPositions(),
        Collections.nCopies(c.layers(), window), c.initializerRange(), c.bos(), c.eos(), c.gemma(), c.experts());
  }

  static Policy policy(ModelConfig config, DType dtype) {
    Policy policy = Policy.random(config, 7, Device.CPU, dtype);
    learn(policy, 3);
    return policy;
  }

  /** A few large steps on random rows: the distributions become far from uniform. */
  static void learn(Policy policy, int seed) {
    Random random = new Random(seed);
    int[][] tokens = new int[6][];
    for (int r = 0; r < tokens.length; r++) tokens[r] = random.ints(30, 0, VOCABULARY).toArray();
    TokenRows rows = TokenRows.all(tokens);
    try (AdamW adam = new AdamW(policy, AdamW.Settings.DEFAULT)) {
      for (int step = 0; step < 10; step++) {
        policy.clearGradients();
        policy.backward(rows, 1, random.doubles(rows.trainedTokens(), -1, 1).toArray(), null);
        adam.step(0.02, 1);
      }
    }
  }

  static List<Request> requests(int prompts, int samples, int maxNew) {
    Random random = new Random(5);
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < prompts; i++) {
      requests.add(Request.of(100 + i, random.ints(3 + 5 * i, 0, VOCABULARY).toArray(), samples, maxNew));
    }
    return requests;
  }

  /** Prompt and answer, end to end. */
  static int[] joined(int[] prompt, int[]... answers) {
    return java.util.stream.IntStream.concat(java.util.Arrays.stream(prompt), java.util.Arrays.stream(answers).flatMapToInt(
        java.util.Arrays::stream)).toArray();
  }
}
