package io.ballast.train;

import io.ballast.model.AdamW;
import io.ballast.model.Policy;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import io.ballast.text.Tokenizer;
import io.ballast.verify.Task;
import io.ballast.verify.task.TaskFamily;
import java.util.Arrays;

/**
 * Supervised steps on demonstrations: L = −1/N Σ_t log π(y_t), N the answer tokens of the batch, the end of the answer included; the
 * prompt is not trained on.
 */
final class WarmStart {
  private final Policy policy;
  private final AdamW optimizer;
  private final Tokenizer tokenizer;
  private final TaskFamily family;
  private final Prompts prompts;
  private final LearningRate learningRate;
  private final int batch;
  private final double gradClip;
  private final long seed;

  WarmStart(Policy policy, AdamW optimizer, Tokenizer tokenizer, TaskFamily family, LearningRate learningRate, int batch, double gradClip, long seed) {
    this.policy = policy;
    this.optimizer = optimizer;
    this.tokenizer = tokenizer;
    this.family = family;
    // Its own order, so that RL does not start with the prompts just imitated.
    this.prompts = new Prompts(family.training(), Mixing.bits(seed, 17, 0));
    this.learningRate = learningRate;
    this.batch = batch;
    this.gradClip = gradClip;
    this.seed = seed;
  }

  /** @param loss mean negative log-likelihood of an answer token before the step, nats */
  record Step(double loss, double entropy, double gradNorm, double learningRate, int tokens) {}

  /** @param step from 1 */
  Step step(int step) {
    int[][] tokens = new int[batch][];
    boolean[][] trained = new boolean[batch][];
    int count = 0;
    for (int i = 0; i < batch; i++) {
      long visit = (step - 1L) * batch + i;
      Task task = prompts.at(visit);
      int[] prompt = tokenizer.encodePrompt(task.prompt());
      int[] answer = tokenizer.encode(family.demonstration(task, Mixing.bits(seed, 18, visit)));
      int[] row = Arrays.copyOf(prompt, prompt.length + answer.length + 1);
      System.arraycopy(answer, 0, row, prompt.length, answer.length);
      row[row.length - 1] = tokenizer.eos();
      tokens[i] = row;
      trained[i] = new boolean[row.length];
      Arrays.fill(trained[i], prompt.length, row.length, true);
      count += row.length - prompt.length;
    }
    double[] dlogp = new double[count];
    Arrays.fill(dlogp, -1.0 / count);
    var rows = new TokenRows(tokens, trained);
    Scores scores = policy.score(rows, 1);
    policy.backward(rows, 1, dlogp, null);
    double rate = learningRate.at(step);
    double norm = optimizer.step(rate, gradClip);
    return new Step(-Arrays.stream(scores.logp()).average().orElse(0), Arrays.stream(scores.entropy()).average().orElse(0), norm, rate, count);
  }
}
