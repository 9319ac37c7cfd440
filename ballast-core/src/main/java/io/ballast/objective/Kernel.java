package io.ballast.objective;

import java.util.Map;

/** A term bound to one batch: answers token by token, in order, and may count what it reports. */
@FunctionalInterface
public interface Kernel {
  void apply(Token token);

  /** Adds this term's metrics, after the last token. */
  default void report(Map<String, Metric> metrics) {}
}
