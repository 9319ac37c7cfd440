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
 * Contrastive policy gradient: over all pairs of answers to a prompt, the regularised rewards are drawn together.
 *
 * <pre>
 *   s_i = R_i − β Σ_t (logp − refLogp)
 *   L   = mean over prompts of the mean over pairs of (s_i − s_j)²/(2β)  =  mean over prompts of Σ_i (s_i − mean s)²/(β (G − 1))
 *   dL/dlogp_{i,t} = −(2/(G − 1)) (s_i − mean s)/P          P prompts; the same for every token of answer i
 * </pre>
 * Whole log-likelihoods, no length normalisation, no importance ratio: the answers may come from anywhere. The minimiser is
 * π_ref exp(R/β)/Z: where all s_i of a prompt agree there is no gradient. A prompt with one answer has no pair and contributes 0.
 *
 * <p>Metric {@code regularised-reward}: mean of s over sequences.
 *
 * @param means mean s and G by prompt over the whole step; null: taken on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2406.19185">Contrastive Policy Gradient</a>; the scale of the loss is ours
 */
public record ContrastivePolicy(double beta, @Nullable Map<Integer, double[]> means) implements Objective {
  public ContrastivePolicy {
    Check.above("beta", beta, 0);
  }

  public ContrastivePolicy(double beta) {
    this(beta, null);
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new ContrastivePolicy(beta, solve(whole));
  }

  private double regularised(TokenBatch batch, int s) {
    return batch.column(Column.REWARD)[batch.offsets()[s]]
        - beta * (ByPrompt.sum(batch, s, batch.logp()) - ByPrompt.sum(batch, s, batch.column(Column.REF_LOGP)));
  }

  private Map<Integer, double[]> solve(TokenBatch whole) {
    Map<Integer, double[]> solved = new HashMap<>();
    ByPrompt.gather(whole, s -> regularised(whole, s)).forEach((group, scores) -> {
      double mean = 0;
      for (double score : scores) mean += score / scores.length;
      solved.put(group, new double[] {mean, scores.length});
    });
    return solved;
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    Map<Integer, double[]> solved = means == null ? solve(batch) : means;
    double[] gradient = new double[batch.tokens()];
    double loss = 0, total = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      if (batch.length(s) == 0) continue;
      double[] group = solved.get(batch.group()[s]);
      double score = regularised(batch, s), pairs = (group[1] - 1) * batch.step().prompts();
      total += score;
      if (pairs == 0) continue;
      double away = score - group[0];
      loss += away * away / (beta * pairs);
      for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) gradient[t] = -2 * away / pairs;
    }
    return new Evaluation(loss, gradient, Map.of("regularised-reward", new Metric.Mean(total, batch.sequences())));
  }
}
