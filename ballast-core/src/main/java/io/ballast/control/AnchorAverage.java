package io.ballast.control;

import io.ballast.objective.Check;

/**
 * The bias-corrected exponential average of the trained weights that PPO-EWMA clips against.
 *
 * <pre>
 *   start      W = 1, θ̄ = θ₀
 *   each step  W' = b W + 1;   θ̄ ← (b W/W') θ̄ + θ/W';   W ← W'
 *   reset      the same with b = 0: θ̄ = θ
 * </pre>
 *
 * The centre of mass is 1/(1 − b) − 1 optimizer steps once W has settled. To leave training unchanged when the batch is divided by c,
 * 1/(1 − b) is multiplied by c ({@link #dividedBatch}).
 *
 * @param decay b, in [0, 1)
 * @param weight W: remembered
 * @see <a href="https://arxiv.org/abs/2110.00641">Batch size-invariance for policy optimization</a>; openai/ppo-ewma, ppo_ewma/ppo.py
 */
public record AnchorAverage(double decay, double weight) {
  public AnchorAverage {
    Check.within("ewma-decay", decay, 0, Math.nextDown(1.0));
    Check.within("weight", weight, 1, Double.MAX_VALUE);
  }

  public AnchorAverage(double decay) {
    this(decay, 1);
  }

  /** One parameter of the average after the optimizer step that made {@code trained}. */
  public double blend(double average, double trained) {
    double next = decay * weight + 1;
    return decay * weight / next * average + trained / next;
  }

  /** The average once every parameter has been blended. */
  public AnchorAverage next() {
    return new AnchorAverage(decay, decay * weight + 1);
  }

  /** The same age of the anchor in samples, with batches of 1/c of the size. */
  public AnchorAverage dividedBatch(double c) {
    return new AnchorAverage(1 - (1 - decay) / Check.within("c", c, 1, Double.MAX_VALUE), weight);
  }
}
