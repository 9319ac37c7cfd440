package io.ballast.verify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/** An exact fraction in lowest terms, denominator above 0. */
public record Rational(BigInteger numerator, BigInteger denominator) {

  public Rational {
    if (denominator.signum() == 0) throw new ArithmeticException("division by zero");
    var common = numerator.gcd(denominator);
    if (denominator.signum() < 0) common = common.negate();
    if (!common.equals(BigInteger.ONE)) {
      numerator = numerator.divide(common);
      denominator = denominator.divide(common);
    }
  }

  public static Rational of(long value) {
    return new Rational(BigInteger.valueOf(value), BigInteger.ONE);
  }

  public static Rational of(BigDecimal value) {
    return value.scale() <= 0
        ? new Rational(value.toBigIntegerExact(), BigInteger.ONE)
        : new Rational(value.unscaledValue(), BigInteger.TEN.pow(value.scale()));
  }

  /** @throws ArithmeticException if {@code operator} is / and {@code other} is 0 */
  public Rational apply(char operator, Rational other) {
    return switch (operator) {
      case '+' -> new Rational(cross(other).add(other.cross(this)), denominator.multiply(other.denominator));
      case '-' -> new Rational(cross(other).subtract(other.cross(this)), denominator.multiply(other.denominator));
      case '*' -> new Rational(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
      case '/' -> new Rational(cross(other), denominator.multiply(other.numerator));
      default -> throw new IllegalArgumentException("no operator " + operator);
    };
  }

  private BigInteger cross(Rational other) {
    return numerator.multiply(other.denominator);
  }

  /** The value where it is a whole number that fits a long. */
  public Optional<Long> whole() {
    return denominator.equals(BigInteger.ONE) && numerator.bitLength() < 64 ? Optional.of(numerator.longValue()) : Optional.empty();
  }

  @Override public String toString() {
    return denominator.equals(BigInteger.ONE) ? numerator.toString() : numerator + "/" + denominator;
  }
}
