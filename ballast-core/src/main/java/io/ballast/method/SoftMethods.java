package io.ballast.method;

import java.util.List;

/** Methods whose trust region is soft: gates, penalties, divergences. */
final class SoftMethods {
  private SoftMethods() {}

  static final List<Method> ALL = List.of();
}
