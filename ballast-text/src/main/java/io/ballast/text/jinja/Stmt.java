package io.ballast.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements: what stands between tags, outputs and blocks. */
sealed interface Stmt {
  record Text(String text) implements Stmt {}

  record Output(Expr value) implements Stmt {}

  record If(List<Expr> tests, List<List<Stmt>> bodies, List<Stmt> otherwise) implements Stmt {}

  record For(int line, List<String> targets, boolean unpack, Expr items, @Nullable Expr filter, List<Stmt> body, List<Stmt> otherwise) implements Stmt {}

  record Set(int line, List<Target> targets, boolean unpack, Expr value) implements Stmt {}

  record SetBlock(int line, Target target, List<Stmt> body, @Nullable Expr filter) implements Stmt {}

  record FilterBlock(int line, List<Stmt> body, Expr filter) implements Stmt {}

  record MacroDefinition(int line, String name, List<String> parameters, List<@Nullable Expr> defaults, List<Stmt> body) implements Stmt {}

  record Generation(List<Stmt> body) implements Stmt {}

  record Break() implements Stmt {}

  record Continue() implements Stmt {}

  /** @param attribute the attribute of a namespace, null for a variable */
  record Target(int line, String name, @Nullable String attribute) {}
}
