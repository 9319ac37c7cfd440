package io.ballast.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks the statements of a template once, within bounds on steps, on text and on calls inside calls. */
final class Renderer {
  /** Characters of the result, and of any one text that a template repeats into being. */
  static final int LONGEST = 64 << 20;
  private static final long MOST_STEPS = 20_000_000;
  private static final int DEEPEST_CALLS = 100;

  private enum Flow { ON, BREAK, CONTINUE }

  private final List<Template.Span> generated = new ArrayList<>();
  private StringBuilder out = new StringBuilder();
  private boolean captured;
  private long steps;
  private int calls;

  Template.Rendered render(List<Stmt> body, Scope scope) {
    run(body, scope);
    return new Template.Rendered(out.toString(), List.copyOf(generated));
  }

  // ------------------------------------------------------------------ statements

  private Flow run(List<Stmt> body, Scope scope) {
    for (Stmt statement : body) {
      Flow flow = run(statement, scope);
      if (flow != Flow.ON) return flow;
    }
    return Flow.ON;
  }

  private Flow run(Stmt statement, Scope scope) {
    step(0);
    switch (statement) {
      case Stmt.Text text -> write(0, text.text());
      case Stmt.Output output -> write(output.value().line(), located(output.value().line(), () -> PythonText.str(value(output.value(), scope))));
      case Stmt.If choice -> {
        for (int i = 0; i < choice.tests().size(); i++) {
          if (Values.truth(value(choice.tests().get(i), scope))) return run(choice.bodies().get(i), scope);
        }
        return run(choice.otherwise(), scope);
      }
      case Stmt.For loop -> {
        return loop(loop, scope);
      }
      case Stmt.Set set -> {
        Object value = value(set.value(), scope);
        if (!set.unpack()) assign(set.targets().getFirst(), value, scope);
        else {
          var parts = unpacked(set.line(), value, set.targets().size());
          for (int i = 0; i < parts.size(); i++) assign(set.targets().get(i), parts.get(i), scope);
        }
      }
      case Stmt.SetBlock set -> {
        String text = capture(set.body(), new Scope(scope));
        assign(set.target(), set.filter() == null ? text : value(set.filter(), scope, text), scope);
      }
      case Stmt.FilterBlock block -> {
        String text = capture(block.body(), new Scope(scope));
        write(block.line(), PythonText.str(value(block.filter(), scope, text)));
      }
      case Stmt.MacroDefinition macro -> scope.set(macro.name(), macro(macro, scope));
      case Stmt.Generation generation -> {
        int start = out.length();
        run(generation.body(), new Scope(scope));
        if (!captured) generated.add(new Template.Span(start, out.length()));
      }
      case Stmt.Break _ -> {
        return Flow.BREAK;
      }
      case Stmt.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.ON;
  }

  private Flow loop(Stmt.For loop, Scope scope) {
    var items = located(loop.line(), () -> Values.items(value(loop.items(), scope)));
    Expr filter = loop.filter();
    if (filter != null) {
      items.removeIf(item -> {
        var inner = new Scope(scope);
        bind(loop, item, inner);
        return !Values.truth(value(filter, inner));
      });
    }
    if (items.isEmpty()) return run(loop.otherwise(), new Scope(scope));
    var state = new Loop(items);
    for (int i = 0; i < items.size(); i++) {
      step(loop.line());
      state.index = i;
      var inner = new Scope(scope);
      inner.set("loop", state);
      bind(loop, items.get(i), inner);
      if (run(loop.body(), inner) == Flow.BREAK) break;
    }
    return Flow.ON;
  }

  private void bind(Stmt.For loop, @Nullable Object item, Scope scope) {
    if (!loop.unpack()) {
      scope.set(loop.targets().getFirst(), item);
      return;
    }
    var parts = unpacked(loop.line(), item, loop.targets().size());
    for (int i = 0; i < parts.size(); i++) scope.set(loop.targets().get(i), parts.get(i));
  }

  private List<@Nullable Object> unpacked(int line, @Nullable Object value, int names) {
    var parts = located(line, () -> Values.items(value));
    if (parts.size() != names) throw new JinjaException(line, "%d value(s) for %d name(s)".formatted(parts.size(), names));
    return parts;
  }

  private void assign(Stmt.Target target, @Nullable Object value, Scope scope) {
    if (target.attribute() == null) {
      scope.set(target.name(), value);
    } else if (scope.get(target.name()) instanceof Namespace space) {
      space.values.put(target.attribute(), value);
    } else {
      throw new JinjaException(target.line(), "'set %s.%s' needs a namespace, but %s is %s".formatted(target.name(), target.attribute(), target.name(),
          Values.kind(scope.get(target.name()))));
    }
  }

  private String capture(List<Stmt> body, Scope scope) {
    var outer = out;
    boolean before = captured;
    out = new StringBuilder();
    captured = true;
    run(body, scope);
    String text = out.toString();
    out = outer;
    captured = before;
    return text;
  }

  private Invocable macro(Stmt.MacroDefinition macro, Scope scope) {
    return given -> {
      if (++calls > DEEPEST_CALLS) throw new JinjaException(macro.line(), "macro '%s': more than %d calls inside each other".formatted(macro.name(), DEEPEST_CALLS));
      var names = macro.parameters();
      var bound = given.bind("macro '%s'".formatted(macro.name()), names.toArray(String[]::new));
      var inner = new Scope(scope);
      for (int i = 0; i < names.size(); i++) {
        Expr fallback = macro.defaults().get(i);
        inner.set(names.get(i), bound.has(i) ? bound.get(i) : fallback == null ? new Undefined(names.get(i)) : value(fallback, inner));
      }
      String text = capture(macro.body(), inner);
      calls--;
      return text;
    };
  }

  private void write(int line, String text) {
    if (out.length() + (long) text.length() > LONGEST) throw new JinjaException(line, "the result has more than %d characters".formatted(LONGEST));
    steps += text.length() >> 6;
    out.append(text);
  }

  private void step(int line) {
    if (++steps > MOST_STEPS) throw new JinjaException(line, "the template takes more than %d steps".formatted(MOST_STEPS));
  }

  // ------------------------------------------------------------------ expressions

  private static <T> T located(int line, java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (JinjaException e) {
      throw e.at(line);
    }
  }

  private @Nullable Object value(Expr expression, Scope scope) {
    return value(expression, scope, null);
  }

  /** @param block the text of the block that a filter without target works on */
  private @Nullable Object value(Expr expression, Scope scope, @Nullable String block) {
    step(expression.line());
    try {
      return compute(expression, scope, block);
    } catch (JinjaException e) {
      throw e.at(expression.line());
    }
  }

  private @Nullable Object compute(Expr expression, Scope scope, @Nullable String block) {
    return switch (expression) {
      case Expr.Constant constant -> constant.value();
      case Expr.Name name -> scope.get(name.name());
      case Expr.ListOf list -> {
        var items = values(list.items(), scope);
        yield list.tuple() ? new Tuple(items) : items;
      }
      case Expr.DictOf dict -> {
        var out = new LinkedHashMap<@Nullable Object, @Nullable Object>();
        for (int i = 0; i < dict.keys().size(); i++) out.put(value(dict.keys().get(i), scope), value(dict.values().get(i), scope));
        yield out;
      }
      case Expr.Attribute attribute -> Values.attribute(value(attribute.target(), scope), attribute.name());
      case Expr.Item item -> Values.item(value(item.target(), scope), value(item.key(), scope));
      case Expr.Slice slice -> Values.slice(value(slice.target(), scope), optional(slice.from(), scope), optional(slice.to(), scope), optional(slice.step(), scope));
      case Expr.Call call -> call(call, scope);
      case Expr.Filter filter -> Filters.apply(filter.name(), filter.target() == null ? block : value(filter.target(), scope, block), arguments(filter.args(), scope));
      case Expr.Test test -> Tests.holds(test.name(), value(test.target(), scope, block), arguments(test.args(), scope)) != test.negated();
      case Expr.Not not -> !Values.truth(value(not.operand(), scope));
      case Expr.Sign sign -> Values.negated(value(sign.operand(), scope), sign.negative());
      case Expr.Binary binary -> {
        Object result = Values.binary(binary.operator(), value(binary.left(), scope), value(binary.right(), scope));
        if (result instanceof String text) bounded(text);
        yield result;
      }
      case Expr.Concat concat -> {
        var text = new StringBuilder();
        for (Expr part : concat.parts()) text.append(PythonText.str(value(part, scope)));
        yield bounded(text.toString());
      }
      case Expr.Compare compare -> compare(compare, scope);
      case Expr.Both both -> {
        Object left = value(both.left(), scope);
        yield Values.truth(left) ? value(both.right(), scope) : left;
      }
      case Expr.Either either -> {
        Object left = value(either.left(), scope);
        yield Values.truth(left) ? left : value(either.right(), scope);
      }
      case Expr.Choice choice -> Values.truth(value(choice.test(), scope))
          ? value(choice.then(), scope)
          : choice.otherwise() == null ? new Undefined("the inline if without else") : value(choice.otherwise(), scope);
    };
  }

  /** Long texts cost steps, so that doubling one in a loop ends early. */
  private String bounded(String text) {
    if (text.length() > LONGEST) throw new JinjaException("a text has more than %d characters".formatted(LONGEST));
    steps += text.length() >> 6;
    return text;
  }

  private @Nullable Object optional(@Nullable Expr expression, Scope scope) {
    return expression == null ? null : value(expression, scope);
  }

  private List<@Nullable Object> values(List<Expr> expressions, Scope scope) {
    var out = new ArrayList<@Nullable Object>(expressions.size());
    for (Expr expression : expressions) out.add(value(expression, scope));
    return out;
  }

  private Arguments arguments(Expr.Args args, Scope scope) {
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    for (int i = 0; i < args.names().size(); i++) named.put(args.names().get(i), value(args.named().get(i), scope));
    return new Arguments(values(args.positional(), scope), named);
  }

  private @Nullable Object call(Expr.Call call, Scope scope) {
    Object target = value(call.target(), scope);
    if (target instanceof Undefined u) {
      throw new JinjaException(call.target() instanceof Expr.Attribute ? "there is no method '%s'".formatted(u.name()) : "there is no function '%s'".formatted(u.name()));
    }
    if (target instanceof Invocable function) return function.call(arguments(call.args(), scope));
    throw new JinjaException("%s cannot be called".formatted(Values.kind(target)));
  }

  private boolean compare(Expr.Compare compare, Scope scope) {
    Object left = value(compare.first(), scope);
    for (int i = 0; i < compare.operators().size(); i++) {
      Object right = value(compare.others().get(i), scope);
      boolean holds = switch (compare.operators().get(i)) {
        case "==" -> Values.equal(left, right);
        case "!=" -> !Values.equal(left, right);
        case "<" -> Values.order(left, right) < 0;
        case "<=" -> Values.order(left, right) <= 0;
        case ">" -> Values.order(left, right) > 0;
        case ">=" -> Values.order(left, right) >= 0;
        case "in" -> Values.contains(right, left);
        default -> !Values.contains(right, left);
      };
      if (!holds) return false;
      left = right;
    }
    return true;
  }
}
