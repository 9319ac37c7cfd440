package io.ballast.checkers.math;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/**
 * A set of real numbers with constant ends in one normal form, disjoint pieces in rising order, so that
 * {@code x < 1 or x > 3}, {@code (-∞, 1) ∪ (3, ∞)} and {@code ℝ \ [1, 3]} are the same.
 *
 * <p>Conditions side by side without a word between them hold together or one by one: together where one by one they would say
 * nothing ({@code x > 1, x < 5}), one by one where together nothing is left ({@code x < 1, x > 5}).
 *
 * @param pieces intervals that neither touch nor overlap; a number is an interval from itself to itself
 * @param names what the conditions are about; empty where it is written as a set
 */
record RealSet(List<Piece> pieces, Set<String> names) {
  private static final int MOST_PIECES = 100;
  private static final double CLOSE = 1e-9;
  private static final Set<String> ORDER = Set.of("<", "<=", ">", ">=");
  private static final Expr INFINITY = new Expr.Infinity();
  private static final End BELOW = new End(Expr.negated(INFINITY), Double.NEGATIVE_INFINITY), ABOVE = new End(INFINITY, Double.POSITIVE_INFINITY);
  private static final RealSet ALL = new RealSet(List.of(new Piece(BELOW, false, ABOVE, false)), Set.of());

  record End(Expr expr, double value) {
    /** By value; ends too close for doubles to tell apart are the same only if they are exactly. */
    int order(End other) {
      if (value == other.value) return 0;
      boolean close = Math.abs(value - other.value) <= CLOSE * Math.max(1, Math.min(Math.abs(value), Math.abs(other.value)));
      return close && Zero.same(expr, other.expr) ? 0 : Double.compare(value, other.value);
    }

    End negated() {
      return new End(Expr.negated(expr), -value);
    }
  }

  record Piece(End low, boolean withLow, End high, boolean withHigh) {
    boolean empty() {
      int order = low.order(high);
      return order > 0 || (order == 0 && !(withLow && withHigh));
    }
  }

  /** The set an answer describes; empty where it describes none or one that is not written with constants. */
  static Optional<RealSet> of(Expr expr) {
    return switch (expr) {
      case Expr.Tuple t -> interval(t);
      case Expr.SetOf(var items) -> all(items).map(RealSet::union);
      case Expr.Listing(var items) -> all(items).flatMap(RealSet::together);
      case Expr.SetOperation(var operation, var sets) -> all(sets).map(parts -> switch (operation) {
        case "union" -> union(parts);
        case "intersection" -> intersection(parts);
        default -> intersection(List.of(parts.getFirst(), union(parts.subList(1, parts.size())).complement()));
      });
      case Expr.Relation(var sides, var operators) -> condition(sides, operators);
      default -> end(expr).filter(end -> Double.isFinite(end.value)).map(end -> new RealSet(List.of(new Piece(end, true, end, true)), Set.of()));
    };
  }

  /** Whether it is written as sets are, so that it is not a point or a number. */
  static boolean describes(Expr expr) {
    return switch (expr) {
      case Expr.SetOperation _ -> true;
      case Expr.Relation(var sides, var operators) -> operators.stream().allMatch(operator -> ORDER.contains(operator) || operator.equals("!=") || operator.equals("notin"))
          || ((operators.equals(List.of("in")) || operators.equals(List.of("="))) && describes(sides.getLast()));
      case Expr.Listing(var items) -> items.stream().anyMatch(item -> item instanceof Expr.Relation && describes(item));
      default -> false;
    };
  }

  boolean same(RealSet other, BiPredicate<Expr, Expr> sameNumber) {
    if (pieces.size() != other.pieces.size() || (!names.isEmpty() && !other.names.isEmpty() && !names.equals(other.names))) return false;
    for (int i = 0; i < pieces.size(); i++) {
      var a = pieces.get(i);
      var b = other.pieces.get(i);
      if (a.withLow != b.withLow || a.withHigh != b.withHigh || !same(a.low, b.low, sameNumber) || !same(a.high, b.high, sameNumber)) return false;
    }
    return true;
  }

  private static boolean same(End a, End b, BiPredicate<Expr, Expr> sameNumber) {
    return Double.isInfinite(a.value) || Double.isInfinite(b.value) ? a.value == b.value : sameNumber.test(a.expr, b.expr);
  }

  // ---- reading

  private static Optional<List<RealSet>> all(List<Expr> items) {
    if (items.size() > MOST_PIECES) return Optional.empty();
    var sets = new ArrayList<RealSet>();
    for (var item : items) {
      var set = of(item);
      if (set.isEmpty()) return Optional.empty();
      sets.add(set.get());
    }
    return Optional.of(sets);
  }

  private static Optional<End> end(Expr expr) {
    if (expr instanceof Expr.Infinity) return Optional.of(ABOVE);
    if (expr.equals(BELOW.expr)) return Optional.of(BELOW);
    double value = expr.scalar() ? Zero.constant(expr) : Double.NaN;
    return Double.isFinite(value) ? Optional.of(new End(expr, value)) : Optional.empty();
  }

  private static Optional<RealSet> interval(Expr.Tuple tuple) {
    if (tuple.items().size() != 2) return Optional.empty();
    var low = end(tuple.items().getFirst());
    var high = end(tuple.items().getLast());
    if (low.isEmpty() || high.isEmpty()) return Optional.empty();
    var piece = new Piece(low.get(), tuple.open() == '[' && Double.isFinite(low.get().value), high.get(), tuple.close() == ']' && Double.isFinite(high.get().value));
    return piece.empty() ? Optional.empty() : Optional.of(new RealSet(List.of(piece), Set.of()));
  }

  private static Optional<RealSet> condition(List<Expr> sides, List<String> operators) {
    if (sides.size() == 2) {
      var set = switch (operators.getFirst()) {
        case "in", "=" -> of(sides.getLast());
        case "notin" -> of(sides.getLast()).map(RealSet::complement);
        default -> Optional.<RealSet>empty();
      };
      if (set.isPresent()) return Sameness.isName(sides.getFirst()) ? Optional.of(set.get().about(sides.getFirst())) : Optional.empty();
    }
    int subject = sides.size() == 3 || Sameness.isName(sides.getLast()) ? 1 : 0;
    if (sides.size() > 3 || !Sameness.isName(sides.get(subject))) return Optional.empty();
    var set = ALL;
    for (int i = 0; i < operators.size(); i++) {
      boolean before = i < subject;
      var bound = end(sides.get(before ? i : i + 1));
      var operator = operators.get(i);
      if (bound.isEmpty() || !(ORDER.contains(operator) || operator.equals("!="))) return Optional.empty();
      set = intersection(List.of(set, side(before ? Sameness.mirrored(operator) : operator, bound.get())));
    }
    return Optional.of(set.about(sides.get(subject)));
  }

  private static RealSet side(String operator, End bound) {
    var piece = switch (operator) {
      case "<", "<=" -> new Piece(BELOW, false, bound, operator.length() == 2);
      case ">", ">=" -> new Piece(bound, operator.length() == 2, ABOVE, false);
      default -> new Piece(bound, true, bound, true);
    };
    var set = new RealSet(piece.empty() ? List.of() : List.of(piece), Set.of());
    return operator.equals("!=") ? set.complement() : set;
  }

  /** With the name of what it is about; {@code |x|} in a set is x in it or −x in it. */
  private RealSet about(Expr subject) {
    if (!(subject instanceof Expr.Call(var function, var args)) || !function.equals("abs")) return new RealSet(pieces, Set.of(subject.canonical()));
    var sizes = intersection(List.of(this, side(">=", new End(Expr.whole(0), 0))));
    var turned = sizes.each(piece -> new Piece(piece.high.negated(), piece.withHigh, piece.low.negated(), piece.withLow));
    return new RealSet(union(List.of(sizes, turned)).pieces, Set.of(args.getFirst().canonical()));
  }

  private RealSet each(UnaryOperator<Piece> change) {
    return new RealSet(pieces.stream().map(change).toList(), names);
  }

  private static Optional<RealSet> together(List<RealSet> conditions) {
    var either = union(conditions);
    var both = intersection(conditions);
    if (either.pieces.equals(ALL.pieces)) return Optional.of(both);
    return both.pieces.isEmpty() || either.pieces.equals(both.pieces) ? Optional.of(either) : Optional.empty();
  }

  // ---- the algebra of sets

  private static RealSet union(List<RealSet> sets) {
    var sorted = sets.stream().flatMap(set -> set.pieces.stream()).sorted(Comparator.comparing(Piece::low, End::order)
        .thenComparing(piece -> piece.withLow ? 0 : 1)).toList();
    var merged = new ArrayList<Piece>();
    for (var piece : sorted) {
      var last = merged.isEmpty() ? null : merged.getLast();
      int gap = last == null ? 1 : piece.low.order(last.high);
      if (last == null || gap > 0 || (gap == 0 && !piece.withLow && !last.withHigh)) {
        merged.add(piece);
        continue;
      }
      int reach = piece.high.order(last.high);
      merged.set(merged.size() - 1, new Piece(last.low, last.withLow, reach > 0 ? piece.high : last.high,
          reach > 0 ? piece.withHigh : reach < 0 ? last.withHigh : piece.withHigh || last.withHigh));
    }
    return new RealSet(List.copyOf(merged), names(sets));
  }

  private RealSet complement() {
    var gaps = new ArrayList<Piece>();
    var from = BELOW;
    boolean withFrom = false;
    for (var piece : pieces) {
      var gap = new Piece(from, withFrom, piece.low, !piece.withLow && Double.isFinite(piece.low.value));
      if (!gap.empty()) gaps.add(gap);
      from = piece.high;
      withFrom = !piece.withHigh && Double.isFinite(piece.high.value);
    }
    var rest = new Piece(from, withFrom, ABOVE, false);
    if (!rest.empty()) gaps.add(rest);
    return new RealSet(List.copyOf(gaps), names);
  }

  /** De Morgan: what is in the complement of no set. */
  private static RealSet intersection(List<RealSet> sets) {
    var outside = union(sets.stream().map(RealSet::complement).toList());
    return new RealSet(outside.complement().pieces, names(sets));
  }

  private static Set<String> names(List<RealSet> sets) {
    var names = new TreeSet<String>();
    for (var set : sets) names.addAll(set.names);
    return Set.copyOf(names);
  }
}
