package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * DMPO's term: the policy's shares of a prompt's answers are matched to the shares their rewards deserve.
 *
 * <pre>
 *   p_i = softmax_i(R_i/α)                       constant
 *   φ_i = 1/|o_i| Σ_t logp_{i,t},  q_i = softmax_i(φ_i)
 *   L   = (λ/P) Σ_prompts 1/G Σ_i (p_i − q_i)²
 *   dL/dφ_k = −(λ/P)(2/G) q_k [(p_k − q_k) − Σ_i (p_i − q_i) q_i],     dφ_k/dlogp_{k,t} = 1/|o_k|
 * </pre>
 * The gradient goes through q, which couples the answers of a prompt: the sums over a group are taken over the whole step, once. No
 * importance ratio.
 *
 * <p>Metric {@code distribution-mismatch}: mean over prompts of 1/G Σ (p − q)².
 *
 * @param groups sums by prompt over the whole step; null: taken on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2605.19461">Beyond Mode Collapse: Distribution Matching for Diverse Reasoning</a>
 */
public record DistributionMatching(double alpha, double lambda, @Nullable Map<Integer, Group> groups) implements Objective {
  public DistributionMatching {
    Check.above("alpha", alpha, 0);
    Check.within("lambda", lambda, 0, Double.MAX_VALUE);
  }

  public DistributionMatching(double alpha, double lambda) {
    this(alpha, lambda, null);
  }

  /**
   * What the answers of one prompt share.
   *
   * @param size G
   * @param logRewards ln Σ exp(R/α)
   * @param logPolicies ln Σ exp φ
   * @param overlap Σ (p − q) q
   */
  public record Group(int size, double logRewards, double logPolicies, double overlap) {}

  @Override public Objective prepared(TokenBatch whole) {
    return new DistributionMatching(alpha, lambda, solve(whole));
  }

  private static double mean(TokenBatch batch, int s) {
    return ByPrompt.sum(batch, s, batch.logp()) / batch.length(s);
  }

  private Map<Integer, Group> solve(TokenBatch whole) {
    double[] reward = whole.column(Column.REWARD);
    Map<Integer, double[]> rewards = ByPrompt.gather(whole, s -> reward[whole.offsets()[s]] / alpha);
    Map<Integer, double[]> policies = ByPrompt.gather(whole, s -> mean(whole, s));
    Map<Integer, Group> solved = new HashMap<>();
    rewards.forEach((group, r) -> {
      double[] phi = policies.get(group);
      double logRewards = ByPrompt.logSumExp(r), logPolicies = ByPrompt.logSumExp(phi), overlap = 0;
      for (int i = 0; i < r.length; i++) {
        double q = Math.exp(phi[i] - logPolicies);
        overlap += (Math.exp(r[i] - logRewards) - q) * q;
      }
      solved.put(group, new Group(r.length, logRewards, logPolicies, overlap));
    });
    return solved;
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    double[] reward = batch.column(Column.REWARD), gradient = new double[batch.tokens()];
    Map<Integer, Group> solved = groups == null ? solve(batch) : groups;
    double mismatch = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      Group group = solved.get(batch.group()[s]);
      int from = batch.offsets()[s];
      double p = Math.exp(reward[from] / alpha - group.logRewards), q = Math.exp(mean(batch, s) - group.logPolicies);
      mismatch += (p - q) * (p - q) / group.size;
      double slope = -2 * lambda / batch.step().prompts() / group.size * q * (p - q - group.overlap) / batch.length(s);
      for (int t = from; t < batch.offsets()[s + 1]; t++) gradient[t] = slope;
    }
    double mean = batch.step().prompts() == 0 ? 0 : mismatch / batch.step().prompts();
    return new Evaluation(lambda * mean, gradient, Map.of("distribution-mismatch", new Metric.Sum(mean)));
  }
}
