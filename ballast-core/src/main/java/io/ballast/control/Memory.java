package io.ballast.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads and writes the memory of controllers: named scalars and arrays. */
final class Memory {
  private Memory() {}

  /** Name, value, name, value…; scalars become arrays of one. */
  static Map<String, double[]> of(Object... namesAndValues) {
    Map<String, double[]> memory = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      memory.put((String) namesAndValues[i], value instanceof double[] array ? array.clone() : new double[] {((Number) value).doubleValue()});
    }
    return memory;
  }

  /** Requires exactly these names. */
  static void expect(Map<String, double[]> memory, String... names) {
    if (!memory.keySet().equals(Set.of(names))) {
      throw new IllegalArgumentException("memory holds %s, this controller keeps %s; the checkpoint was written by another method"
          .formatted(memory.keySet(), Set.of(names)));
    }
  }

  static double scalar(Map<String, double[]> memory, String name) {
    double[] values = memory.get(name);
    if (values == null || values.length != 1) {
      throw new IllegalArgumentException("memory %s must be one number, got %s".formatted(name, values == null ? "nothing" : values.length));
    }
    return values[0];
  }
}
