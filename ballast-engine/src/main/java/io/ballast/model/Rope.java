package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Rotary positions: the two halves (a, b) of a head at position p turn by angle p·f_i,
 *
 * <pre>   a' = a cos − b sin,   b' = b cos + a sin,   f_i = θ^(−2i/D)</pre>
 *
 * <p>Angles are rounded to float as every other implementation rounds them, so that long positions agree.
 *
 * @see <a href="https://arxiv.org/abs/2104.09864">Su et al. 2021</a>
 */
public final class Rope implements AutoCloseable {
  private final ModelConfig config;
  private final ScalarType type;
  private final Device device;
  private int length;
  private @Nullable Tensor cos;
  private @Nullable Tensor sin;

  /** Tables in the given element type, grown on demand. */
  public Rope(ModelConfig config, ScalarType type, Device device) {
    this.config = config;
    this.type = type;
    this.device = device;
  }

  /** Cosines of positions 0 … at least {@code positions} − 1, [≥ positions, D / 2]; valid until a longer table is asked for. */
  public Tensor cos(int positions) {
    grow(positions);
    return cos;
  }

  /** Sines, same shape. */
  public Tensor sin(int positions) {
    grow(positions);
    return sin;
  }

  ScalarType type() {
    return type;
  }

  /** Inverse frequencies f_i in radians per position, [D / 2], stretched as {@code rope_scaling} says. */
  static double[] frequencies(ModelConfig config) {
    int half = config.headDim() / 2;
    double[] f = new double[half];
    for (int i = 0; i < half; i++) {
      double exponent = (float) (2 * i) / (float) config.headDim();
      f[i] = (float) (1.0f / (float) Math.pow(config.ropeTheta(), exponent));
    }
    ModelConfig.RopeScaling scaling = config.ropeScaling();
    if (scaling == null) return f;
    for (int i = 0; i < half; i++) f[i] = stretched(f[i], scaling);
    return f;
  }

  private static double stretched(double f, ModelConfig.RopeScaling s) {
    if (s.linear()) return (float) (f / s.factor());
    double wavelength = 2 * Math.PI / f;
    if (wavelength < s.originalPositions() / s.highFrequencyFactor()) return f;
    if (wavelength > s.originalPositions() / s.lowFrequencyFactor()) return (float) (f / s.factor());
    double smooth = (s.originalPositions() / wavelength - s.lowFrequencyFactor())
        / (s.highFrequencyFactor() - s.lowFrequencyFactor());
    return (float) ((1 - smooth) * f / s.factor() + smooth * f);
  }

  private void grow(int positions) {
    if (positions <= length) return;
    int grown = Math.max(positions, Math.min(config.maxPositions(), Math.max(256, 2 * length)));
    double[] f = frequencies(config);
    double[] cosines = new double[grown * f.length];
    double[] sines = new double[grown * f.length];
    for (int p = 0; p < grown; p++) {
      for (int i = 0; i < f.length; i++) {
        double angle = (float) p * (float) f[i];
        cosines[p * f.length + i] = Math.cos(angle);
        sines[p * f.length + i] = Math.sin(angle);
      }
    }
    close();
    try (var scope = Scope.open("rope")) {
      cos = Scope.own(Native.reals(type, device, cosines).view(grown, f.length));
      sin = Scope.own(Native.reals(type, device, sines).view(grown, f.length));
    }
    length = grown;
  }

  /**
   * Writes the rotation of {@code from} into {@code to}; the same shape [… D], {@code cos} and {@code sin} broadcast to [… D / 2].
   *
   * @param forward false turns the other way, which is also the gradient of the forward turn
   */
  public static void rotate(Tensor from, Tensor to, Tensor cos, Tensor sin, boolean forward) {
    long half = from.size(-1) / 2;
    Tensor a = from.narrow(-1, 0, half);
    Tensor b = from.narrow(-1, half, half);
    Tensor toA = to.narrow(-1, 0, half);
    Tensor toB = to.narrow(-1, half, half);
    torch.mul_out(toA, a, cos);
    toA.addcmul_(b, sin, new Scalar(forward ? -1.0 : 1.0));
    torch.mul_out(toB, b, cos);
    toB.addcmul_(a, sin, new Scalar(forward ? 1.0 : -1.0));
  }

  @Override public void close() {
    if (cos != null) Scope.release(cos);
    if (sin != null) Scope.release(sin);
    cos = null;
    sin = null;
    length = 0;
  }
}
