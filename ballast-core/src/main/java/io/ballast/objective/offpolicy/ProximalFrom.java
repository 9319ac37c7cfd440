package io.ballast.objective.offpolicy;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Map;

/**
 * An objective whose proximal policy is not {@code oldLogp} but another one; it is a constant all the same.
 *
 * <pre>
 *   MOVING_AVERAGE   oldLogp ← ewmaLogp, under the moving average of the trained weights
 *   LOG_LINEAR       oldLogp ← behaviourLogp + a (sg[logp] − behaviourLogp)
 *   LINEAR           oldLogp ← ln((1 − a) exp(behaviourLogp) + a exp(sg[logp]))
 *   a = (k − 1)/k, 0 where k ≤ 0;  k = versions between the current weights and those that sampled the token, column staleness
 * </pre>
 *
 * The interpolated ones take the proximal policy to be one version old and save a forward pass. But clipping the ratio that is left at 1 + ε
 * is clipping the total one at (1 + ε)^(1/(1−a)): another clip, not another anchor.
 *
 * @see <a href="https://arxiv.org/abs/2110.00641">PPO-EWMA</a>
 * @see <a href="https://arxiv.org/abs/2512.06547">A-3PO</a>, and AReaL's prox_logp_method
 */
public record ProximalFrom(Objective objective, Source source) implements Objective {

  /** What stands in the place of oldLogp. */
  public enum Source { MOVING_AVERAGE, LOG_LINEAR, LINEAR }

  private TokenBatch moved(TokenBatch batch) {
    double[] behaviour = batch.behaviourLogp();
    double[] old = source == Source.MOVING_AVERAGE ? batch.column(Column.EWMA_LOGP) : interpolated(batch, behaviour);
    return batch.withColumn(Column.BEHAVIOUR_LOGP, behaviour).withOldLogp(old);
  }

  private double[] interpolated(TokenBatch batch, double[] behaviour) {
    double[] staleness = batch.column(Column.STALENESS), old = new double[batch.tokens()];
    for (int t = 0; t < old.length; t++) {
      double k = staleness[t], a = k <= 0 ? 0 : (k - 1) / k;
      old[t] = source == Source.LINEAR
          ? Math.log((1 - a) * Math.exp(behaviour[t]) + a * Math.exp(batch.logp()[t]))
          : behaviour[t] + a * (batch.logp()[t] - behaviour[t]);
    }
    return old;
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    return objective.evaluate(moved(batch));
  }

  @Override public Objective prepared(TokenBatch whole) {
    return new ProximalFrom(objective.prepared(moved(whole)), source);
  }

  @Override public Map<String, double[]> memory() {
    return objective.memory();
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    return new ProximalFrom(objective.remembering(memory), source);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new ProximalFrom(objective.next(moved(whole), result), source);
  }

  @Override public Objective corrected(Weighting correction) {
    return new ProximalFrom(objective.corrected(correction), source);
  }

  @Override public boolean local() {
    return objective.local();
  }
}
