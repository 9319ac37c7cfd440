package io.ballast.method;

import java.util.List;

/** Methods known for the level of their ratio, for several policies or for off-policy corrections. */
final class GranularityMethods {
  private GranularityMethods() {}

  static final List<Method> ALL = List.of();
}
