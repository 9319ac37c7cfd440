package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Team;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam with decoupled weight decay, on the master weights of a {@link Policy}.
 *
 * <pre>
 *   w ← (1 − η λ) w,   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *   w ← w − η/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * </pre>
 *
 * <p>Norms and biases are not decayed. g is first scaled so that its norm over all weights is at most the given bound.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2019</a>, algorithm 2
 */
public final class AdamW implements AutoCloseable {
  /** Elements a thread updates at once: four arrays of them stay in its own cache from the first operation to the last. */
  private static final long CHUNK = 1 << 16;

  /** β₁, β₂, ε and λ. */
  public record Settings(double beta1, double beta2, double eps, double weightDecay) {
    public static final Settings DEFAULT = new Settings(0.9, 0.95, 1e-8, 0);

    public Settings {
      if (!(beta1 >= 0 && beta1 < 1)) throw new IllegalArgumentException("beta1 must be in [0, 1), got " + beta1);
      if (!(beta2 >= 0 && beta2 < 1)) throw new IllegalArgumentException("beta2 must be in [0, 1), got " + beta2);
      if (!(eps > 0)) throw new IllegalArgumentException("eps must be above 0, got " + eps);
      if (!(weightDecay >= 0)) throw new IllegalArgumentException("weight-decay must be at least 0, got " + weightDecay);
    }
  }

  private final Policy policy;
  private final Trainable trainable;
  private final Settings settings;
  private final Tensor first;
  private final Tensor second;
  private long steps;

  /** An optimizer of all weights of a policy, or of its adapter's where it has one. */
  public AdamW(Policy policy, Settings settings) {
    this.policy = policy;
    this.trainable = policy.trainable();
    this.settings = settings;
    try (var scope = Scope.open("moments")) {
      first = Scope.own(Native.zeros(policy.dtype().master(), policy.device(), trainable.weights().numel()));
      second = Scope.own(Native.zeros(policy.dtype().master(), policy.device(), trainable.weights().numel()));
    }
  }

  /** Updates so far. */
  public long steps() {
    return steps;
  }

  /**
   * One update from the accumulated gradients, which are zero afterwards.
   *
   * @param lr η
   * @param maxGradNorm bound on the norm; 0 or infinite for none
   * @return the norm before clipping
   * @throws ArithmeticException naming the weight, if a gradient is not finite; weights and moments are untouched, gradients zero
   */
  public double step(double lr, double maxGradNorm) {
    if (!(lr >= 0) || lr == Double.POSITIVE_INFINITY) throw new IllegalArgumentException("lr must be at least 0 and finite, got " + lr);
    if (!(maxGradNorm >= 0)) throw new IllegalArgumentException("maxGradNorm must be at least 0, got " + maxGradNorm);
    synchronized (policy) {
      if (policy.trainable() != trainable) {
        throw new IllegalStateException("an adapter was attached or merged after this optimizer was made; make a new one");
      }
      Tensor gradients = trainable.gradients();
      double norm = norm(gradients);
      double scale = maxGradNorm > 0 && norm > maxGradNorm ? maxGradNorm / (norm + 1e-6) : 1;
      steps++;
      update(gradients, 0, trainable.decayedSize(), lr, scale, settings.weightDecay);
      update(gradients, trainable.decayedSize(), gradients.numel(), lr, scale, 0);
      trainable.changed();
      return norm;
    }
  }

  private void update(Tensor gradients, long from, long to, double lr, double scale, double decay) {
    if (policy.device().kind() != Device.Kind.CPU) {
      elements(gradients, from, to - from, lr, scale, decay);
      return;
    }
    Team team = Team.shared();
    team.runAlone(part -> {
      for (long at = from + part * CHUNK; at < to; at += team.size() * CHUNK) elements(gradients, at, Math.min(CHUNK, to - at), lr, scale, decay);
    });
  }

  private void elements(Tensor gradients, long from, long count, double lr, double scale, double decay) {
    try (var scope = Scope.open("adamw")) {
      Tensor g = gradients.narrow(0, from, count);
      Tensor w = trainable.weights().narrow(0, from, count);
      Tensor m = first.narrow(0, from, count);
      Tensor v = second.narrow(0, from, count);
      if (scale != 1) g.mul_(new Scalar(scale));
      m.lerp_(g, new Scalar(1 - settings.beta1));
      v.mul_(new Scalar(settings.beta2)).addcmul_(g, g, new Scalar(1 - settings.beta2));
      double correction1 = 1 - Math.pow(settings.beta1, steps);
      double correction2 = 1 - Math.pow(settings.beta2, steps);
      // The gradient is used up: its memory holds the denominator, then zero.
      torch.sqrt_out(g, v).mul_(new Scalar(1 / Math.sqrt(correction2))).add_(new Scalar(settings.eps));
      if (decay != 0) w.mul_(new Scalar(1 - lr * decay));
      w.addcdiv_(m, g, new Scalar(-lr / correction1));
      g.zero_();
    }
  }

  private double norm(Tensor gradients) {
    double squares = 0;
    long size = gradients.numel();
    try (var scope = Scope.open("gradient norm")) {
      for (long from = 0; from < size; from += 1 << 20) {
        Tensor part = gradients.narrow(0, from, Math.min(1 << 20, size - from));
        double norm = torch.linalg_vector_norm(part).item_double();
        if (!Double.isFinite(norm)) {
          throw new ArithmeticException(
              "the gradient of %s is not finite; the update was skipped and the weights are as before. Lower the learning rate or clip"
                  .formatted(trainable.discardGradients()));
        }
        squares += norm * norm;
      }
    }
    return Math.sqrt(squares);
  }

  /** Writes moments and step count into one file, complete or not at all. */
  public void save(Path file) throws IOException {
    String type = SafetensorsFile.typeName(policy.dtype().master());
    long[] shape = {first.numel()};
    SafetensorsFile.write(file, List.of(
        new SafetensorsFile.Source("exp_avg", type, shape, consumer -> saved(first, consumer)),
        new SafetensorsFile.Source("exp_avg_sq", type, shape, consumer -> saved(second, consumer))),
        Map.of("steps", Long.toString(steps), "parameters", Long.toString(trainable.parameters())));
  }

  private static void saved(Tensor moments, java.util.function.Consumer<Tensor> consumer) {
    try (var scope = Scope.open("save moments")) {
      consumer.accept(Native.host(moments, Native.type(moments)));
    }
  }

  /** Takes over what {@link #save} wrote, bit for bit. */
  public void load(Path file) throws IOException {
    SafetensorsFile saved = SafetensorsFile.open(file);
    long size = first.numel();
    for (String name : List.of("exp_avg", "exp_avg_sq")) {
      SafetensorsFile.Entry entry = saved.entries().get(name);
      if (entry == null || entry.shape().length != 1 || entry.shape()[0] != size) {
        throw new IllegalArgumentException("%s: optimizer state of %s numbers named '%s' was expected; it belongs to another model"
            .formatted(file, size, name));
      }
    }
    String count = saved.metadata().getOrDefault("steps", "");
    if (!count.matches("\\d{1,18}")) throw new IllegalArgumentException(file + ": the number of steps is missing");
    saved.copy(saved.entries().get("exp_avg"), first);
    saved.copy(saved.entries().get("exp_avg_sq"), second);
    steps = Long.parseLong(count);
  }

  @Override public void close() {
    Scope.release(first);
    Scope.release(second);
  }
}
