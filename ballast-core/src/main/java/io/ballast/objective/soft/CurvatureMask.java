package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * CAPO's mask: per token, the shift of objective and policy that its own update of the output layer would cause is predicted, and
 * tokens outside the bounds are dropped.
 *
 * <pre>
 *   h = hidden [d], π = softmax over the k likeliest logits, e = one-hot of the sampled token on them (0 if it is not among them), v = e − π
 *   g = A v hᵀ [k × d]                                  gradient of A · log-probability with respect to those rows of the output layer
 *   G = g                                               model SGD, and ADAM before its first step
 *   G = m̂/(√v̂ + eps)                               model ADAM: m' = b1 m + (1 − b1) g, v' = b2 v + (1 − b2) g², bias-corrected at t + 1
 *   u = G h
 *   m_H = lr ⟨g, G⟩ + ½ lr² A [(v·u)² − (Σ π u² − (Σ π u)²)]
 *   m_F = ½ lr² (v·u)²
 *   keep if m_F &lt; tau-f and |m_H| &lt; tau-h (not symmetric: 0 ≤ m_H &lt; tau-h); a threshold of 0 asks nothing
 *   factor = |s| / kept tokens of s on the kept tokens of sequence s, so that a sequence mean is over kept tokens
 * </pre>
 * All of it is constant. After a step the moments of each row of the output layer move once, by the sum of that row's g over kept tokens
 * divided by the number of kept tokens whose k likeliest contain it; rows never seen have none.
 *
 * <p>Metrics {@code objective-shift}, {@code policy-shift}: means of m_H and m_F over tokens; {@code curvature-masked-fraction}.
 *
 * @param lr learning rate of the update that is predicted
 * @see <a href="https://arxiv.org/abs/2510.00819">Stabilizing Policy Gradients for Sample-Efficient Reinforcement Learning</a>
 */
public record CurvatureMask(boolean adam, double lr, double tauF, double tauH, boolean symmetric, ShadowMoments moments) implements Weighting {
  public CurvatureMask {
    Check.within("lr", lr, 0, Double.MAX_VALUE);
    Check.within("tau-f", tauF, 0, Double.MAX_VALUE);
    Check.within("tau-h", tauH, 0, Double.MAX_VALUE);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    Prediction prediction = new Prediction(batch);
    double objective = 0, policy = 0;
    long dropped = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int from = batch.offsets()[s], end = batch.offsets()[s + 1], kept = 0;
      for (int t = from; t < end; t++) {
        if (prediction.keeps(t)) kept++;
        else factor[t] = 0;
        objective += prediction.objectiveShift;
        policy += prediction.policyShift;
      }
      for (int t = from; t < end; t++) factor[t] *= kept == 0 ? 0 : (double) (end - from) / kept;
      dropped += end - from - kept;
    }
    metrics.put("objective-shift", new Metric.Mean(objective, batch.tokens()));
    metrics.put("policy-shift", new Metric.Mean(policy, batch.tokens()));
    metrics.put("curvature-masked-fraction", new Metric.Mean(dropped, batch.tokens()));
  }

  @Override public Map<String, double[]> memory() {
    return adam ? moments.memory() : Map.of();
  }

  @Override public Weighting remembering(Map<String, double[]> memory) {
    return adam ? new CurvatureMask(true, lr, tauF, tauH, symmetric, moments.remembering(memory)) : this;
  }

  @Override public Weighting next(TokenBatch whole, Evaluation result) {
    if (!adam || whole.tokens() == 0) return this;
    Prediction prediction = new Prediction(whole);
    Map<Integer, double[]> sums = new LinkedHashMap<>();
    Map<Integer, Integer> seen = new LinkedHashMap<>();
    for (int t = 0; t < whole.tokens(); t++) {
      if (!prediction.keeps(t)) continue;
      for (int j = 0; j < prediction.k; j++) {
        int row = prediction.row(t, j);
        double[] sum = sums.computeIfAbsent(row, r -> new double[prediction.d]);
        for (int i = 0; i < prediction.d; i++) sum[i] += prediction.gradient(t, j, i);
        seen.merge(row, 1, Integer::sum);
      }
    }
    sums.forEach((row, sum) -> {
      for (int i = 0; i < sum.length; i++) sum[i] /= seen.get(row);
    });
    return new CurvatureMask(true, lr, tauF, tauH, symmetric, moments.after(sums));
  }

  /** The predictions for the tokens of one batch; its arrays are reused from token to token. */
  private final class Prediction {
    private final TokenBatch batch;
    private final double[] hidden, top, ids, token;
    private final int d, k;
    private final double[] pi, v, u;
    private double objectiveShift, policyShift;

    Prediction(TokenBatch batch) {
      this.batch = batch;
      hidden = batch.column(Column.HIDDEN);
      top = batch.column(Column.TOP_LOGP);
      ids = batch.column(Column.TOP_TOKEN);
      token = batch.column(Column.TOKEN);
      if (top.length != ids.length) {
        throw new IllegalArgumentException("%s and %s must hold the same number of values a token, got %d and %d in all"
            .formatted(Column.TOP_LOGP, Column.TOP_TOKEN, top.length, ids.length));
      }
      d = batch.tokens() == 0 ? 0 : hidden.length / batch.tokens();
      k = batch.tokens() == 0 ? 0 : top.length / batch.tokens();
      pi = new double[k];
      v = new double[k];
      u = new double[k];
    }

    int row(int t, int j) {
      return (int) ids[t * k + j];
    }

    double gradient(int t, int j, int i) {
      return batch.advantage()[t] * v[j] * hidden[t * d + i];
    }

    boolean keeps(int t) {
      scores(t);
      double along = 0;
      for (int j = 0; j < k; j++) {
        double[] moving = adam ? moments.row(row(t, j)) : null;
        u[j] = 0;
        for (int i = 0; i < d; i++) {
          double g = gradient(t, j, i), direction = adam ? moments.direction(moving, i, g) : g;
          along += g * direction;
          u[j] += direction * hidden[t * d + i];
        }
      }
      double vu = 0, mean = 0, square = 0;
      for (int j = 0; j < k; j++) {
        vu += v[j] * u[j];
        mean += pi[j] * u[j];
        square += pi[j] * u[j] * u[j];
      }
      objectiveShift = lr * along + lr * lr / 2 * batch.advantage()[t] * (vu * vu - (square - mean * mean));
      policyShift = lr * lr / 2 * vu * vu;
      boolean calm = tauF == 0 || policyShift < tauF;
      return calm && (tauH == 0 || (symmetric ? Math.abs(objectiveShift) < tauH : objectiveShift >= 0 && objectiveShift < tauH));
    }

    /** π and v of token t. */
    private void scores(int t) {
      double max = Double.NEGATIVE_INFINITY, sum = 0;
      for (int j = 0; j < k; j++) max = Math.max(max, top[t * k + j]);
      for (int j = 0; j < k; j++) sum += pi[j] = Math.exp(top[t * k + j] - max);
      for (int j = 0; j < k; j++) {
        pi[j] /= sum;
        v[j] = (ids[t * k + j] == token[t] ? 1 : 0) - pi[j];
      }
    }
  }
}
