package io.ballast.train;

import io.ballast.objective.TokenBatch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The numbers of one optimizer step under the names of the metrics file. Every one is a function of what was trained on. */
final class StepMetrics {
  private StepMetrics() {}

  /**
   * @param version policy version before the update
   * @param part what the update trained on
   * @param dropped groups that dynamic sampling left out of the batch
   */
  static Map<String, Double> of(int step, int version, List<Trajectory> part, int dropped, Learner.Update update) {
    Map<String, Double> line = new LinkedHashMap<>();
    line.put("step", (double) step);
    line.put("policy-version", (double) version);
    rewards(line, part);
    line.put("entropy", mean(update.entropy()));
    tokens(line, update.batch());
    staleness(line, version, part);
    if (dropped > 0) line.put("dropped-groups", (double) dropped);
    line.put("grad-norm", update.gradNorm());
    line.put("learning-rate", update.learningRate());
    line.put("loss", update.evaluation().loss());
    new TreeMap<>(update.evaluation().metrics()).forEach((name, metric) -> line.put(name, metric.value()));
    return line;
  }

  private static void rewards(Map<String, Double> line, List<Trajectory> part) {
    double[] reward = part.stream().mapToDouble(Trajectory::reward).toArray();
    double mean = mean(reward);
    line.put("reward-mean", mean);
    line.put("reward-std", Math.sqrt(Arrays.stream(reward).map(r -> (r - mean) * (r - mean)).sum() / reward.length));
    line.put("sampled-pass-rate", part.stream().mapToDouble(Trajectory::correct).average().orElse(0));
    line.put("response-length", part.stream().mapToInt(Trajectory::length).average().orElse(0));
    line.put("truncated-fraction", (double) part.stream().filter(t -> !t.stopped()).count() / part.size());
    var groups = BatchSource.groups(part);
    line.put("zero-advantage-groups", groups.stream().filter(StepMetrics::flat).count() / (double) groups.size());
  }

  private static boolean flat(List<Trajectory> group) {
    return group.stream().allMatch(t -> Arrays.stream(t.estimate().advantage()).allMatch(a -> a == 0));
  }

  /** Ratio against the policy it is taken against; divergence and effective sample size against the sampler. */
  private static void tokens(Map<String, Double> line, TokenBatch batch) {
    int n = batch.tokens();
    double[] behaviour = batch.behaviourLogp();
    double ratios = 0, largest = 0, divergence = 0, reference = 0, weights = 0, squares = 0;
    for (int t = 0; t < n; t++) {
      double ratio = batch.ratio(t);
      ratios += ratio;
      largest = Math.max(largest, ratio);
      double d = batch.logp()[t] - behaviour[t], w = Math.exp(d);
      divergence += w - 1 - d;
      weights += w;
      squares += w * w;
    }
    line.put("ratio-mean", ratios / n);
    line.put("ratio-max", largest);
    line.put("kl-behaviour", divergence / n);
    if (batch.has(io.ballast.objective.Column.REF_LOGP)) {
      double[] ref = batch.column(io.ballast.objective.Column.REF_LOGP);
      for (int t = 0; t < n; t++) {
        double d = ref[t] - batch.logp()[t];
        reference += Math.exp(d) - 1 - d;
      }
      line.put("kl-reference", reference / n);
    }
    line.put("effective-sample-size", weights * weights / (n * squares));
  }

  private static void staleness(Map<String, Double> line, int version, List<Trajectory> part) {
    double total = 0, largest = 0;
    long count = 0;
    for (Trajectory t : part) {
      for (int sampledBy : t.version()) {
        total += version - sampledBy;
        largest = Math.max(largest, version - sampledBy);
        count++;
      }
    }
    line.put("staleness-mean", count == 0 ? 0 : total / count);
    line.put("staleness-max", largest);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }
}
