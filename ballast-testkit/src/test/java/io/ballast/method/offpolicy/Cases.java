package io.ballast.method.offpolicy;

import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Small batches worked by hand, and batches with the columns that only some methods read. */
final class Cases {
  private Cases() {}

  /** One sequence with one advantage. */
  static TokenBatch one(double[] logp, double[] old, double advantage) {
    double[] all = new double[logp.length];
    Arrays.fill(all, advantage);
    return of(new int[] {0, logp.length}, logp, old, all);
  }

  /** Sequences of one prompt. */
  static TokenBatch of(int[] offsets, double[] logp, double[] old, double[] advantage) {
    int sequences = offsets.length - 1;
    int[] ids = new int[sequences];
    Arrays.setAll(ids, s -> s);
    return new TokenBatch(offsets, new int[sequences], ids, logp, old, advantage, Map.of(), new StepTotals(sequences, logp.length, 1, 8));
  }

  /** exp of the level's log-ratios. */
  static double[] ratios(RatioLevel level, TokenBatch batch) {
    double[] x = new double[batch.tokens()];
    level.logRatios(batch, x);
    return Arrays.stream(x).map(Math::exp).toArray();
  }

  /** The product of an objective's weightings. */
  static double[] factor(PolicyObjective objective, TokenBatch batch) {
    double[] factor = new double[batch.tokens()];
    Arrays.fill(factor, 1);
    for (Weighting weighting : objective.weightings()) weighting.multiply(batch, factor);
    return factor;
  }

  /** Every fourth sequence is an expert's. */
  static TokenBatch withExperts(TokenBatch batch) {
    double[] expert = new double[batch.tokens()];
    for (int s = 3; s < batch.sequences(); s += 4) Arrays.fill(expert, batch.offsets()[s], batch.offsets()[s + 1], 1);
    return batch.withColumn("expert", expert);
  }

  /** Staleness 0 to 4, token by token. */
  static TokenBatch stale(TokenBatch batch) {
    double[] staleness = new double[batch.tokens()];
    for (int t = 0; t < staleness.length; t++) staleness[t] = t % 5;
    return batch.withColumn("staleness", staleness);
  }

  /** The sampler's weights in the training engine: near the sampler's own numbers. */
  static TokenBatch exactOld(TokenBatch batch) {
    SplittableRandom random = new SplittableRandom(9);
    return batch.withColumn("trainLogpAtBehaviourVersion",
        Arrays.stream(batch.behaviourLogp()).map(x -> Math.min(x + 0.1 * random.nextGaussian(), -1e-3)).toArray());
  }

  /** Columns of a denoising step. */
  static TokenBatch denoising(TokenBatch batch) {
    SplittableRandom random = new SplittableRandom(9);
    double[] shift = new double[batch.tokens()], sigma = new double[batch.tokens()], dt = new double[batch.tokens()];
    for (int t = 0; t < shift.length; t++) {
      shift[t] = 0.05 * random.nextDouble();
      sigma[t] = 0.5 + 0.4 * random.nextDouble();
      dt[t] = 0.05 + 0.1 * random.nextDouble();
    }
    return batch.withColumn("meanShiftSquared", shift).withColumn("noiseScale", sigma).withColumn("stepSize", dt);
  }
}
