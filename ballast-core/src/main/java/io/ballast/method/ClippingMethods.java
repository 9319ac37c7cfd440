package io.ballast.method;

import java.util.List;

/** Methods known for how they clip, gate or weight the ratio of a token, and the baselines. */
final class ClippingMethods {
  private ClippingMethods() {}

  static final List<Method> ALL = List.of();
}
