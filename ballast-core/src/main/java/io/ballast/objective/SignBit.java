package io.ballast.objective;

/** Choices by sign without a branch, for kernels: which way the numbers of random tokens fall cannot be predicted, and a mispredicted branch costs as much as an exponential. */
public final class SignBit {
  private SignBit() {}

  /** 1 for a negative number (and for −0), else 0; of a − b with finite a and b: 1 where a &lt; b. */
  public static int of(double x) {
    return (int) (Double.doubleToRawLongBits(x) >>> Long.SIZE - 1);
  }
}
