package io.ballast.objective;

/**
 * Totals of the whole optimizer step, over all its micro-batches and ranks: the denominators of every
 * {@link Aggregation}. They travel with each part of a split step, so that splitting changes nothing.
 *
 * @param sequences sequences scheduled for the step, those without trained tokens included
 * @param tokens trained tokens of the step
 * @param prompts prompts (groups) of the step
 * @param maxLength the constant of {@link Aggregation.Constant}: the longest answer allowed, in tokens
 */
public record StepTotals(int sequences, long tokens, int prompts, int maxLength) {
  public StepTotals {
    Check.atLeast("sequences", sequences, 0);
    Check.atLeast("tokens", tokens, 0);
    Check.atLeast("prompts", prompts, 0);
    Check.atLeast("max-length", maxLength, 1);
  }
}
