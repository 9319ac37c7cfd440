package io.ballast.verify.task;

import java.util.ArrayList;
import java.util.List;

/**
 * The four operations as school writes them, digit by digit, by a pupil who now and then drops what passes to the next
 * column: the carry, the borrow, the remainder.
 *
 * <pre>
 *   347+285    7+5=12,4+8+1=13,3+2+1=6      columns from the units, the carry as one more term
 *   251-197    11-7=4,15-9-1=5,2-1-1=0      ten borrowed where needed, the 1 taken off the next column
 *   15*8       5*8=40,1*8+4=12              by one digit; zeros at its end are added afterwards
 *   100/4      10/4=2r2,20/4=5r0            long division from the front
 * </pre>
 *
 * @param draw decides what is dropped
 * @param forget probability that a carry, borrow or remainder is dropped
 */
record PaperSums(Draw draw, double forget) {

  /** What was written, and the result it leads to. */
  record Written(List<String> steps, long value) {
    @Override public String toString() {
      return String.join(",", steps) + ":" + value;
    }
  }

  Written add(long... terms) {
    var steps = new ArrayList<String>();
    var digits = new StringBuilder();
    int columns = 0;
    for (long term : terms) columns = Math.max(columns, length(term));
    long carry = 0;
    for (int column = 0; column < columns; column++) {
      var parts = new ArrayList<String>();
      long total = 0;
      for (long term : terms) {
        if (column >= length(term)) continue;
        parts.add(Long.toString(digit(term, column)));
        total += digit(term, column);
      }
      if (carry > 0 && kept()) {
        parts.add(Long.toString(carry));
        total += carry;
      }
      steps.add(String.join("+", parts) + "=" + total);
      digits.append(total % 10);
      carry = total / 10;
    }
    return new Written(steps, Long.parseLong((carry > 0 ? Long.toString(carry) : "") + digits.reverse()));
  }

  /** {@code a - b}; a larger b, which only an earlier slip brings about, is written off as 0. */
  Written subtract(long a, long b) {
    if (b > a) return new Written(List.of("%d-%d=0".formatted(a, b)), 0);
    var steps = new ArrayList<String>();
    var digits = new StringBuilder();
    boolean borrowed = false;
    for (int column = 0; column < length(a); column++) {
      long top = digit(a, column), taken = 0;
      var parts = new ArrayList<String>();
      if (column < length(b)) {
        taken = digit(b, column);
        parts.add(Long.toString(taken));
      }
      if (borrowed && kept()) {
        taken++;
        parts.add("1");
      }
      borrowed = top < taken && column + 1 < length(a);
      if (borrowed) top += 10;
      parts.addFirst(Long.toString(top));
      steps.add(String.join("-", parts) + "=" + (top - taken));
      digits.append(Math.abs(top - taken));
    }
    return new Written(steps, Long.parseLong(digits.reverse().toString()));
  }

  /** A product one side of which has a single digit before its zeros; any other is written down whole. */
  Written multiply(long a, long b) {
    if (significant(a) > 1 && significant(b) > 1) return new Written(List.of(a + "*" + b), a * b);
    if (significant(b) > 1) return multiply(b, a);
    int zeros = length(b) - 1;
    long factor = digit(b, zeros), carry = 0;
    var steps = new ArrayList<String>();
    var digits = new StringBuilder();
    for (int column = 0; column < length(a); column++) {
      long product = digit(a, column) * factor;
      var text = digit(a, column) + "*" + factor;
      if (carry > 0 && kept()) {
        text += "+" + carry;
        product += carry;
      }
      steps.add(text + "=" + product);
      digits.append(product % 10);
      carry = product / 10;
    }
    return new Written(steps, Long.parseLong((carry > 0 ? Long.toString(carry) : "") + digits.reverse() + "0".repeat(zeros)));
  }

  /** Long division; what remains at the end is left off. */
  Written divide(long a, long b) {
    var dividend = Long.toString(a);
    int taken = 1;
    while (taken < dividend.length() && Long.parseLong(dividend.substring(0, taken)) < b) taken++;
    long current = Long.parseLong(dividend.substring(0, taken));
    var steps = new ArrayList<String>();
    var digits = new StringBuilder();
    while (true) {
      long remainder = current % b;
      steps.add("%d/%d=%dr%d".formatted(current, b, current / b, remainder));
      digits.append(current / b);
      if (taken == dividend.length()) break;
      long passed = remainder > 0 && kept() ? remainder * 10 : 0;
      current = passed + (dividend.charAt(taken++) - '0');
    }
    return new Written(steps, Long.parseLong(digits.substring(Math.max(0, digits.length() - 8))));
  }

  /** Digits before the zeros at the end; 1 for 0. */
  static int significant(long value) {
    while (value != 0 && value % 10 == 0) value /= 10;
    return length(value);
  }

  static int length(long value) {
    return Long.toString(value).length();
  }

  private boolean kept() {
    return !draw.chance(forget);
  }

  private static long digit(long value, int column) {
    for (int i = 0; i < column; i++) value /= 10;
    return value % 10;
  }
}
