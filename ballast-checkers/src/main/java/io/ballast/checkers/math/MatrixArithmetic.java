package io.ballast.checkers.math;

import java.util.ArrayList;
import java.util.List;

/** Sums and products that may hold matrices: those are carried out entry by entry, scalars are left as they are. */
final class MatrixArithmetic {
  private MatrixArithmetic() {}

  static Expr add(List<Expr> terms) throws Unreadable {
    if (terms.stream().noneMatch(Expr.Matrix.class::isInstance)) return new Expr.Add(terms);
    Expr.Matrix sum = null;
    for (var term : terms) {
      if (!(term instanceof Expr.Matrix matrix)) throw new Unreadable("a matrix plus a scalar");
      sum = sum == null ? matrix : added(sum, matrix);
    }
    return sum;
  }

  private static Expr.Matrix added(Expr.Matrix a, Expr.Matrix b) throws Unreadable {
    if (a.rows().size() != b.rows().size() || a.rows().getFirst().size() != b.rows().getFirst().size()) {
      throw new Unreadable("a sum of matrices of different shape");
    }
    var rows = new ArrayList<List<Expr>>();
    for (int i = 0; i < a.rows().size(); i++) {
      var row = new ArrayList<Expr>();
      for (int j = 0; j < a.rows().getFirst().size(); j++) row.add(new Expr.Add(List.of(a.rows().get(i).get(j), b.rows().get(i).get(j))));
      rows.add(row);
    }
    return new Expr.Matrix(rows);
  }

  static Expr multiply(List<Expr> factors) throws Unreadable {
    if (factors.stream().noneMatch(Expr.Matrix.class::isInstance)) return new Expr.Mul(factors);
    var scalars = new ArrayList<Expr>();
    Expr.Matrix product = null;
    for (var factor : factors) {
      if (factor instanceof Expr.Matrix matrix) product = product == null ? matrix : multiplied(product, matrix);
      else scalars.add(factor);
    }
    return scalars.isEmpty() ? product : scaled(scalars, product);
  }

  static Expr negate(Expr value) {
    return value instanceof Expr.Matrix matrix ? scaled(List.of(Expr.whole(-1)), matrix) : Expr.negated(value);
  }

  private static Expr.Matrix scaled(List<Expr> scalars, Expr.Matrix matrix) {
    return new Expr.Matrix(matrix.rows().stream().map(row -> row.stream().map(entry -> {
      var factors = new ArrayList<>(scalars);
      factors.add(entry);
      return (Expr) new Expr.Mul(factors);
    }).toList()).toList());
  }

  private static Expr.Matrix multiplied(Expr.Matrix a, Expr.Matrix b) throws Unreadable {
    int inner = b.rows().size();
    if (a.rows().getFirst().size() != inner) throw new Unreadable("a product of matrices that do not fit");
    if (inner > 10 || a.rows().size() > 10) throw new Unreadable("a product of large matrices");
    var rows = new ArrayList<List<Expr>>();
    for (var left : a.rows()) {
      var row = new ArrayList<Expr>();
      for (int j = 0; j < b.rows().getFirst().size(); j++) {
        var terms = new ArrayList<Expr>();
        for (int k = 0; k < inner; k++) terms.add(new Expr.Mul(List.of(left.get(k), b.rows().get(k).get(j))));
        row.add(new Expr.Add(terms));
      }
      rows.add(row);
    }
    return new Expr.Matrix(rows);
  }
}
