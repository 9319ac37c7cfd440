package io.ballast.objective;

/**
 * A number reported about a step that can be merged over the parts of a split step.
 *
 * <p>Identity and associativity: merging in any order and grouping gives the metric of the whole (up to rounding).
 */
public sealed interface Metric {
  double value();

  /** Adds up. */
  record Sum(double value) implements Metric {}

  /** total / count over everything merged; 0 where nothing was counted. */
  record Mean(double total, double count) implements Metric {
    @Override public double value() {
      return count == 0 ? 0 : total / count;
    }
  }

  /** The largest. */
  record Max(double value) implements Metric {}

  /** A number that is the same in every part, for example a bound chosen for the whole step. */
  record Same(double value) implements Metric {}

  /** The metric of two parts together. */
  default Metric merge(Metric other) {
    return switch (this) {
      case Sum a when other instanceof Sum b -> new Sum(a.value + b.value);
      case Mean a when other instanceof Mean b -> new Mean(a.total + b.total, a.count + b.count);
      case Max a when other instanceof Max b -> new Max(Math.max(a.value, b.value));
      case Same a when other instanceof Same b && Double.compare(a.value, b.value) == 0 -> a;
      default -> throw new IllegalArgumentException("cannot merge %s with %s".formatted(this, other));
    };
  }
}
