package io.ballast.advantage;

/**
 * DAPO's filter: a prompt is worth training on only if its answers differ in the metric. Use the raw correctness, not the shaped
 * reward: with a length penalty in it nearly every group differs.
 *
 * @see <a href="https://arxiv.org/abs/2503.14476">DAPO</a>, section 3.2
 */
public record DynamicSampling() {
  /** How a method that includes it lists it among its parts; a recipe's {@code auto} goes by that. */
  public static final String PART = "dynamic sampling";

  /**
   * Whether a group is kept: its metric is not the same for all answers, or there is a single one.
   *
   * @param metric one number per answer to one prompt
   */
  public boolean keeps(double[] metric) {
    for (double value : metric) if (value != metric[0]) return true;
    return metric.length == 1;
  }
}
