package io.ballast.control;

import io.ballast.objective.Check;

/**
 * The bias-corrected exponential average of the trained weights that PPO-EWMA clips against.
 *
 * <pre>
 *   start      W_0 = 1, θ̄ = θ_0
 *   step n     W_n = b W_{n−1} + 1 = (1 − b^{n+1})/(1 − b);   θ̄ ← (b W_{n−1}/W_n) θ̄ + θ/W_n, a share of 1/W_n
 *   reset      the same with b = 0: θ̄ = θ
 * </pre>
 *
 * The centre of mass is 1/(1 − b) − 1 optimizer steps once W has settled. To leave training unchanged when the batch is divided by c,
 * 1/(1 − b) is multiplied by c ({@link #dividedBatch}).
 *
 * @param decay b, in [0, 1)
 * @see <a href="https://arxiv.org/abs/2110.00641">Batch size-invariance for policy optimization</a>; openai/ppo-ewma, ppo_ewma/ppo.py
 */
public record AnchorAverage(double decay) implements Following {
  public AnchorAverage {
    Check.within("ewma-decay", decay, 0, Math.nextDown(1.0));
  }

  @Override public double share(long step) {
    return (1 - decay) / (1 - Math.pow(decay, step + 1));
  }

  /** The same age of the anchor in samples, with batches of 1/c of the size. */
  public AnchorAverage dividedBatch(double c) {
    return new AnchorAverage(1 - (1 - decay) / Check.within("c", c, 1, Double.MAX_VALUE));
  }
}
