package io.ballast.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Expressions. Every one knows its line. */
sealed interface Expr {
  int line();

  record Constant(int line, @Nullable Object value) implements Expr {}

  record Name(int line, String name) implements Expr {}

  record ListOf(int line, List<Expr> items, boolean tuple) implements Expr {}

  record DictOf(int line, List<Expr> keys, List<Expr> values) implements Expr {}

  record Attribute(int line, Expr target, String name) implements Expr {}

  record Item(int line, Expr target, Expr key) implements Expr {}

  record Slice(int line, Expr target, @Nullable Expr from, @Nullable Expr to, @Nullable Expr step) implements Expr {}

  record Call(int line, Expr target, Args args) implements Expr {}

  /** @param target null for the text of the block that is being filtered */
  record Filter(int line, @Nullable Expr target, String name, Args args) implements Expr {}

  record Test(int line, Expr target, String name, Args args, boolean negated) implements Expr {}

  record Not(int line, Expr operand) implements Expr {}

  record Sign(int line, Expr operand, boolean negative) implements Expr {}

  record Binary(int line, String operator, Expr left, Expr right) implements Expr {}

  record Concat(int line, List<Expr> parts) implements Expr {}

  /** {@code a < b <= c}: each operand is evaluated once, up to the first comparison that fails. */
  record Compare(int line, Expr first, List<String> operators, List<Expr> others) implements Expr {}

  record Both(int line, Expr left, Expr right) implements Expr {}

  record Either(int line, Expr left, Expr right) implements Expr {}

  record Choice(int line, Expr test, Expr then, @Nullable Expr otherwise) implements Expr {}

  /** Arguments of a call, in order, then by name. */
  record Args(List<Expr> positional, List<String> names, List<Expr> named) {
    static final Args NONE = new Args(List.of(), List.of(), List.of());
  }
}
