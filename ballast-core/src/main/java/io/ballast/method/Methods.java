package io.ballast.method;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The catalogue: every method Ballast ships, family by family. A new method is one line in its family's list. */
public final class Methods {
  private Methods() {}

  private static final Map<String, Method> BY_ID = new LinkedHashMap<>();

  static {
    Stream.of(
        BaselineMethods.ALL,
        ClippingMethods.ALL,
        GranularityMethods.ALL,
        OffPolicyMethods.ALL,
        CorrectionMethods.ALL,
        SoftMethods.ALL).flatMap(List::stream).forEach(method -> {
      if (BY_ID.put(method.id(), method) != null) throw new IllegalStateException("two methods have the id " + method.id());
    });
  }

  /** Every method, in the order of the families. */
  public static List<Method> all() {
    return List.copyOf(BY_ID.values());
  }

  /**
   * The method of that id.
   *
   * @throws UnknownMethodException with the nearest id and all known ones
   */
  public static Method named(String id) {
    Method method = BY_ID.get(id);
    if (method == null) throw new UnknownMethodException(Nearest.message("method", id, BY_ID.keySet()));
    return method;
  }
}
