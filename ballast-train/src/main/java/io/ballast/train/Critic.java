package io.ballast.train;

import io.ballast.objective.Column;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Value heads on the policy's hidden states: v_t = w·h_t + b, one (w, b) per head. The hidden states are constants to it, so that critics
 * never pull on the policy. Trained by Adam from dL/dv_t, which the objective gives.
 *
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba 2014</a>, algorithm 1
 */
final class Critic {
  /** The columns that are heads of a critic. */
  static final List<String> HEADS = List.of(Column.VALUE, Column.SECOND_VALUE, Column.MEDIAN);
  private static final double BETA1 = 0.9, BETA2 = 0.999, EPS = 1e-8;

  private final double learningRate;
  private final Map<String, Head> heads = new LinkedHashMap<>();

  /** Weights with the bias last, and Adam's moments. Zeros to begin with: the first values are 0, which no reward scale contradicts. */
  private static final class Head {
    final double[] weights, first, second;
    double steps;

    Head(int size) {
      weights = new double[size];
      first = new double[size];
      second = new double[size];
    }
  }

  Critic(double learningRate) {
    this.learningRate = learningRate;
  }

  /** Values of one head, [T]. */
  double[] values(String name, double[] hidden, int size) {
    double[] weights = head(name, size).weights;
    double[] values = new double[hidden.length / size];
    for (int t = 0; t < values.length; t++) {
      double value = weights[size];
      for (int i = 0; i < size; i++) value += weights[i] * hidden[t * size + i];
      values[t] = value;
    }
    return values;
  }

  /** One step of Adam on a head, given dL/dv [T]. */
  void learn(String name, double[] hidden, int size, double[] gradient) {
    Head head = head(name, size);
    double[] sum = new double[size + 1];
    for (int t = 0; t < gradient.length; t++) {
      for (int i = 0; i < size; i++) sum[i] += gradient[t] * hidden[t * size + i];
      sum[size] += gradient[t];
    }
    head.steps++;
    double firstLeft = 1 - Math.pow(BETA1, head.steps), secondLeft = 1 - Math.pow(BETA2, head.steps);
    for (int i = 0; i <= size; i++) {
      head.first[i] += (1 - BETA1) * (sum[i] - head.first[i]);
      head.second[i] += (1 - BETA2) * (sum[i] * sum[i] - head.second[i]);
      head.weights[i] -= learningRate * head.first[i] / firstLeft / (Math.sqrt(head.second[i] / secondLeft) + EPS);
    }
  }

  private Head head(String name, int size) {
    return heads.computeIfAbsent(name, _ -> new Head(size + 1));
  }

  Map<String, double[]> memory() {
    Map<String, double[]> memory = new LinkedHashMap<>();
    heads.forEach((name, head) -> {
      memory.put(name + ".weights", head.weights.clone());
      memory.put(name + ".first", head.first.clone());
      memory.put(name + ".second", head.second.clone());
      memory.put(name + ".steps", new double[] {head.steps});
    });
    return memory;
  }

  void remember(Map<String, double[]> memory) {
    heads.clear();
    for (String name : HEADS) {
      double[] weights = memory.get(name + ".weights");
      if (weights == null) continue;
      var head = new Head(weights.length);
      System.arraycopy(weights, 0, head.weights, 0, weights.length);
      System.arraycopy(memory.get(name + ".first"), 0, head.first, 0, weights.length);
      System.arraycopy(memory.get(name + ".second"), 0, head.second, 0, weights.length);
      head.steps = memory.get(name + ".steps")[0];
      heads.put(name, head);
    }
  }
}
