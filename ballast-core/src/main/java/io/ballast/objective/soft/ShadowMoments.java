package io.ballast.objective.soft;

import io.ballast.objective.Check;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adam's two moments for the rows of an output layer that were ever touched, kept beside the optimizer's own to predict its next step.
 *
 * @param b1 decay of the first moment
 * @param b2 decay of the second
 * @param eps added to the root of the second
 * @param steps updates so far
 * @param rows by row: first moment and second moment, end to end, [2 d]
 */
public record ShadowMoments(double b1, double b2, double eps, long steps, Map<Integer, double[]> rows) {
  public ShadowMoments {
    Check.within("b1", b1, 0, 1 - 1e-12);
    Check.within("b2", b2, 0, 1 - 1e-12);
    Check.within("eps", eps, 0, Double.MAX_VALUE);
  }

  /** Nothing seen yet. */
  public ShadowMoments(double b1, double b2, double eps) {
    this(b1, b2, eps, 0, Map.of());
  }

  double @Nullable [] row(int id) {
    return rows.get(id);
  }

  /** Where Adam would go, in entry i of a row, if its next gradient were g; g itself before the first step. */
  double direction(double @Nullable [] row, int i, double g) {
    if (steps == 0) return g;
    double first = (1 - b1) * g, second = (1 - b2) * g * g;
    if (row != null) {
      first += b1 * row[i];
      second += b2 * row[row.length / 2 + i];
    }
    return first / (1 - Math.pow(b1, steps + 1)) / (Math.sqrt(second / (1 - Math.pow(b2, steps + 1))) + eps);
  }

  /** The moments after a step with these gradients; rows without one stay as they are. */
  ShadowMoments after(Map<Integer, double[]> gradients) {
    Map<Integer, double[]> moved = new LinkedHashMap<>(rows);
    gradients.forEach((id, gradient) -> {
      int d = gradient.length;
      double[] before = rows.get(id), row = new double[2 * d];
      for (int i = 0; i < d; i++) {
        row[i] = (before == null ? 0 : b1 * before[i]) + (1 - b1) * gradient[i];
        row[d + i] = (before == null ? 0 : b2 * before[d + i]) + (1 - b2) * gradient[i] * gradient[i];
      }
      moved.put(id, row);
    });
    return new ShadowMoments(b1, b2, eps, steps + 1, moved);
  }

  Map<String, double[]> memory() {
    double[] ids = rows.keySet().stream().sorted().mapToDouble(Integer::doubleValue).toArray();
    double[] values = Arrays.stream(ids).boxed().flatMapToDouble(id -> Arrays.stream(rows.get((int) (double) id))).toArray();
    Map<String, double[]> memory = new LinkedHashMap<>();
    memory.put("curvature-steps", new double[] {steps});
    memory.put("curvature-rows", ids);
    memory.put("curvature-moments", values);
    return memory;
  }

  ShadowMoments remembering(Map<String, double[]> memory) {
    double[] ids = memory.get("curvature-rows"), values = memory.get("curvature-moments");
    int width = ids.length == 0 ? 0 : values.length / ids.length;
    Map<Integer, double[]> restored = new LinkedHashMap<>();
    for (int r = 0; r < ids.length; r++) restored.put((int) ids[r], Arrays.copyOfRange(values, r * width, (r + 1) * width));
    return new ShadowMoments(b1, b2, eps, (long) memory.get("curvature-steps")[0], restored);
  }
}
