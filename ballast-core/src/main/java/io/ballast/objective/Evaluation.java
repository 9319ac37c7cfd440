package io.ballast.objective;

import java.util.Map;

/**
 * What an objective says about a batch.
 *
 * @param loss what is minimised; the parts of a split step add up to the loss of the whole
 * @param dlogp [T], dL/dlogp of each token; what a method detaches counts as constant
 * @param gradients dL/d(column) for the other columns the loss depends on, by column name ({@code entropy}, {@code value}, …)
 * @param metrics by kebab-case name, in the order they are shown
 */
public record Evaluation(
    double loss, double[] dlogp, Map<String, double[]> gradients, Map<String, Metric> metrics) {

  public Evaluation(double loss, double[] dlogp, Map<String, Metric> metrics) {
    this(loss, dlogp, Map.of(), metrics);
  }
}
