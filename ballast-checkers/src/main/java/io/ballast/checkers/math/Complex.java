package io.ballast.checkers.math;

/** A complex number in double precision. */
record Complex(double re, double im) {
  static final Complex NAN = new Complex(Double.NaN, 0);

  static Complex real(double value) {
    return new Complex(value, 0);
  }

  Complex plus(Complex other) {
    return new Complex(re + other.re, im + other.im);
  }

  Complex times(Complex other) {
    return new Complex(re * other.re - im * other.im, re * other.im + im * other.re);
  }

  double size() {
    return Math.hypot(re, im);
  }

  boolean finite() {
    return Double.isFinite(re) && Double.isFinite(im);
  }

  Complex ln() {
    return new Complex(Math.log(size()), Math.atan2(im, re));
  }

  Complex exp() {
    double scale = Math.exp(re);
    return im == 0 ? real(scale) : new Complex(scale * Math.cos(im), scale * Math.sin(im));
  }

  Complex reciprocal() {
    double square = re * re + im * im;
    return new Complex(re / square, -im / square);
  }

  /** Principal value; whole exponents by multiplication. */
  Complex pow(Complex exponent) {
    if (exponent.im == 0 && exponent.re == Math.rint(exponent.re) && Math.abs(exponent.re) <= 64) return whole((int) exponent.re);
    if (im == 0 && re >= 0 && exponent.im == 0) return real(Math.pow(re, exponent.re));
    if (size() == 0) return exponent.re > 0 ? real(0) : NAN;
    return ln().times(exponent).exp();
  }

  private Complex whole(int exponent) {
    var result = real(1);
    for (int i = 0; i < Math.abs(exponent); i++) result = result.times(this);
    return exponent >= 0 ? result : size() == 0 ? NAN : result.reciprocal();
  }
}
