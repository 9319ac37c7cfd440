package io.ballast.objective.clipping;

import io.ballast.objective.Check;

/**
 * The bounds a search may try: start, start + step, … up to the maximum. Counted in whole steps, so that rounding never eats one.
 *
 * @param values the candidates, ascending, at least one
 */
public record BoundGrid(double[] values, double start, double step) {

  /**
   * @param name {@code low} or {@code high}, for messages
   * @param cutLast whether a last, shorter step reaches the maximum; otherwise only whole steps are taken
   */
  static BoundGrid of(String name, double start, double max, double step, boolean cutLast) {
    if (!(max >= start)) {
      throw new IllegalArgumentException("%s-max must be at least %s-start = %s, got %s".formatted(name, name, start, max));
    }
    Check.within(name + "-step", step, 0, Double.MAX_VALUE);
    if (step == 0 || max == start) return new BoundGrid(new double[] {start}, start, step);
    double steps = (max - start) / step;
    if (steps > 1_000_000) throw new IllegalArgumentException("%s-step is too small: %s steps".formatted(name, steps));
    int whole = (int) Math.floor(steps + 1e-9);
    boolean rest = cutLast && steps - whole > 1e-9;
    double[] values = new double[whole + 1 + (rest ? 1 : 0)];
    for (int k = 0; k <= whole; k++) values[k] = start + k * step;
    if (rest || Math.abs(values[whole] - max) <= 1e-9 * max) values[values.length - 1] = max;
    return new BoundGrid(values, start, step);
  }

  int size() {
    return values.length;
  }

  /** How many candidates are below x (or equal to it, where {@code inclusive}). */
  int below(double x, boolean inclusive) {
    int n = values.length;
    if (!(x >= start)) return 0;
    int k = step == 0 ? 1 : (int) Math.min((x - start) / step + 1, n); // a guess that rounding may put one off
    while (k < n && (inclusive ? values[k] <= x : values[k] < x)) k++;
    while (k > 0 && (inclusive ? values[k - 1] > x : values[k - 1] >= x)) k--;
    return k;
  }
}
