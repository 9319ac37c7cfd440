package io.ballast.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tokens into statements, by Jinja's own grammar and precedence. */
final class Parser {
  private static final int DEEPEST = 200;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> NO_TEST_ARGUMENT = Set.of("else", "or", "and", "if", "is", "in", "not");

  private final List<Token> tokens;
  private int at;
  private int depth;
  private int loops;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  static List<Stmt> parse(String template) {
    return new Parser(Lexer.tokens(template)).body("the template");
  }

  // ------------------------------------------------------------------ statements

  /** Statements up to one of the tags named, whose name stays the current token, or to the end of the template. */
  private List<Stmt> body(String owner, String... ends) {
    int opened = token().line();
    enter();
    var out = new ArrayList<Stmt>();
    while (true) {
      Token token = next();
      switch (token.kind()) {
        case DATA -> out.add(new Stmt.Text(token.text()));
        case OUTPUT_BEGIN -> {
          out.add(new Stmt.Output(tuple(true)));
          expect(Token.Kind.OUTPUT_END, "'}}'");
        }
        case BLOCK_BEGIN -> {
          Token name = token();
          if (name.kind() != Token.Kind.NAME) throw new JinjaException(name.line(), "a tag's name is missing before %s".formatted(name.shown()));
          if (List.of(ends).contains(name.text())) {
            depth--;
            return out;
          }
          next();
          out.add(statement(name));
        }
        case END -> {
          if (ends.length > 0) throw new JinjaException(opened, "%s has no '%s'".formatted(owner, ends[ends.length - 1]));
          depth--;
          return out;
        }
        default -> throw new JinjaException(token.line(), "unexpected " + token.shown());
      }
    }
  }

  private Stmt statement(Token name) {
    return switch (name.text()) {
      case "if" -> conditional();
      case "for" -> loop(name.line());
      case "set" -> assignment(name.line());
      case "macro" -> macro(name.line());
      case "filter" -> {
        Expr filter = filters(null);
        endTag();
        List<Stmt> body = body("the block 'filter'", "endfilter");
        close();
        yield new Stmt.FilterBlock(name.line(), body, filter);
      }
      case "generation" -> {
        endTag();
        List<Stmt> body = body("the block 'generation'", "endgeneration");
        close();
        yield new Stmt.Generation(body);
      }
      case "break", "continue" -> {
        if (loops == 0) throw new JinjaException(name.line(), "'%s' stands outside a loop".formatted(name.text()));
        endTag();
        yield name.text().equals("break") ? new Stmt.Break() : new Stmt.Continue();
      }
      default -> throw new JinjaException(name.line(), "the tag '%s' is not supported; chat templates may use if, for, set, macro, filter, raw, generation, break, continue"
          .formatted(name.text()));
    };
  }

  private Stmt conditional() {
    var tests = new ArrayList<Expr>();
    var bodies = new ArrayList<List<Stmt>>();
    List<Stmt> otherwise = List.of();
    while (true) {
      tests.add(tuple(false));
      endTag();
      bodies.add(body("'if'", "elif", "else", "endif"));
      Token end = next();
      if (end.name("elif")) continue;
      if (end.name("else")) {
        endTag();
        otherwise = body("'else'", "endif");
        next();
      }
      endTag();
      return new Stmt.If(tests, bodies, otherwise);
    }
  }

  private Stmt loop(int line) {
    var targets = new ArrayList<String>();
    boolean parenthesis = skip("(");
    boolean unpack = parenthesis;
    do {
      targets.add(expect(Token.Kind.NAME, "the name of a loop variable").text());
      unpack |= token().sign(",");
    } while (skip(",") && token().kind() == Token.Kind.NAME && !token().name("in"));
    if (parenthesis) expectSign(")");
    expectName("in");
    Expr items = tuple(false);
    Expr filter = skipName("if") ? expression() : null;
    if (token().name("recursive")) throw new JinjaException(token().line(), "'recursive' loops are not supported");
    endTag();
    loops++;
    List<Stmt> body = body("'for'", "else", "endfor");
    loops--;
    List<Stmt> otherwise = List.of();
    if (next().name("else")) {
      endTag();
      otherwise = body("'else'", "endfor");
      next();
    }
    endTag();
    return new Stmt.For(line, targets, unpack, items, filter, body, otherwise);
  }

  private Stmt assignment(int line) {
    var targets = new ArrayList<Stmt.Target>();
    boolean unpack = false;
    do {
      Token name = expect(Token.Kind.NAME, "the name of a variable");
      String attribute = skip(".") ? expect(Token.Kind.NAME, "the name of an attribute").text() : null;
      targets.add(new Stmt.Target(name.line(), name.text(), attribute));
      unpack |= token().sign(",");
    } while (skip(",") && token().kind() == Token.Kind.NAME);
    if (skip("=")) {
      Expr value = tuple(true);
      endTag();
      return new Stmt.Set(line, targets, unpack, value);
    }
    if (unpack) throw new JinjaException(line, "'set' with several names needs '='");
    Expr filter = token().sign("|") ? filterChain(null) : null;
    endTag();
    List<Stmt> body = body("the block 'set'", "endset");
    close();
    return new Stmt.SetBlock(line, targets.getFirst(), body, filter);
  }

  private Stmt macro(int line) {
    String name = expect(Token.Kind.NAME, "the name of the macro").text();
    expectSign("(");
    var parameters = new ArrayList<String>();
    var defaults = new ArrayList<@Nullable Expr>();
    while (!token().sign(")")) {
      if (!parameters.isEmpty()) expectSign(",");
      if (token().sign(")")) break;
      parameters.add(expect(Token.Kind.NAME, "the name of a parameter").text());
      defaults.add(skip("=") ? expression() : null);
    }
    next();
    endTag();
    int outer = loops;
    loops = 0;
    List<Stmt> body = body("the macro '%s'".formatted(name), "endmacro");
    loops = outer;
    next();
    if (token().kind() == Token.Kind.NAME) next();
    endTag();
    return new Stmt.MacroDefinition(line, name, parameters, defaults, body);
  }

  // ------------------------------------------------------------------ expressions

  private Expr expression() {
    enter();
    int line = token().line();
    Expr value = either();
    while (skipName("if")) {
      Expr test = either();
      Expr otherwise = skipName("else") ? expression() : null;
      value = new Expr.Choice(line, test, value, otherwise);
    }
    depth--;
    return value;
  }

  /** An expression, or several with commas between them. */
  private Expr tuple(boolean choices) {
    int line = token().line();
    Expr first = choices ? expression() : either();
    if (!token().sign(",")) return first;
    var items = new ArrayList<Expr>(List.of(first));
    while (skip(",")) {
      if (endsTuple()) break;
      items.add(choices ? expression() : either());
    }
    return new Expr.ListOf(line, items, true);
  }

  private boolean endsTuple() {
    return token().kind() == Token.Kind.BLOCK_END || token().kind() == Token.Kind.OUTPUT_END || token().sign(")");
  }

  private Expr either() {
    Expr left = both();
    while (token().name("or")) left = new Expr.Either(next().line(), left, both());
    return left;
  }

  private Expr both() {
    Expr left = negation();
    while (token().name("and")) left = new Expr.Both(next().line(), left, negation());
    return left;
  }

  private Expr negation() {
    if (!token().name("not")) return comparison();
    enter();
    var not = new Expr.Not(next().line(), negation());
    depth--;
    return not;
  }

  private Expr comparison() {
    Expr first = sum();
    var operators = new ArrayList<String>();
    var others = new ArrayList<Expr>();
    while (true) {
      if (token().kind() == Token.Kind.SIGN && COMPARISONS.contains(token().text())) operators.add(next().text());
      else if (skipName("in")) operators.add("in");
      else if (token().name("not") && tokens.get(at + 1).name("in")) {
        at += 2;
        operators.add("not in");
      } else return operators.isEmpty() ? first : new Expr.Compare(first.line(), first, operators, others);
      others.add(sum());
    }
  }

  private Expr sum() {
    Expr left = concatenation();
    while (token().sign("+") || token().sign("-")) {
      Token operator = next();
      left = new Expr.Binary(operator.line(), operator.text(), left, concatenation());
    }
    return left;
  }

  private Expr concatenation() {
    Expr first = product();
    if (!token().sign("~")) return first;
    var parts = new ArrayList<Expr>(List.of(first));
    while (skip("~")) parts.add(product());
    return new Expr.Concat(first.line(), parts);
  }

  private Expr product() {
    Expr left = power();
    while (token().sign("*") || token().sign("/") || token().sign("//") || token().sign("%")) {
      Token operator = next();
      left = new Expr.Binary(operator.line(), operator.text(), left, power());
    }
    return left;
  }

  private Expr power() {
    Expr left = unary(true);
    while (token().sign("**")) left = new Expr.Binary(next().line(), "**", left, unary(true));
    return left;
  }

  private Expr unary(boolean filtered) {
    Token token = token();
    Expr value;
    if (token.sign("-") || token.sign("+")) {
      next();
      enter();
      value = new Expr.Sign(token.line(), unary(false), token.sign("-"));
      depth--;
    } else {
      value = primary();
    }
    value = postfix(value);
    return filtered ? filters(value) : value;
  }

  private Expr primary() {
    Token token = next();
    return switch (token.kind()) {
      case NAME -> switch (token.text()) {
        case "true", "True" -> new Expr.Constant(token.line(), true);
        case "false", "False" -> new Expr.Constant(token.line(), false);
        case "none", "None" -> new Expr.Constant(token.line(), null);
        default -> new Expr.Name(token.line(), token.text());
      };
      case STRING -> {
        var text = new StringBuilder(token.text());
        while (token().kind() == Token.Kind.STRING) text.append(next().text());
        yield new Expr.Constant(token.line(), text.toString());
      }
      case INTEGER -> new Expr.Constant(token.line(), Values.of(new BigInteger(token.text())));
      case FLOAT -> new Expr.Constant(token.line(), Double.valueOf(token.text()));
      case SIGN -> switch (token.text()) {
        case "(" -> parenthesis(token.line());
        case "[" -> {
          var items = new ArrayList<Expr>();
          while (!token().sign("]")) {
            if (!items.isEmpty()) expectSign(",");
            if (token().sign("]")) break;
            items.add(expression());
          }
          next();
          yield new Expr.ListOf(token.line(), items, false);
        }
        case "{" -> dictionary(token.line());
        default -> throw new JinjaException(token.line(), "unexpected '%s'".formatted(token.text()));
      };
      default -> throw new JinjaException(token.line(), "unexpected %s where a value was expected".formatted(token.shown()));
    };
  }

  private Expr parenthesis(int line) {
    if (skip(")")) return new Expr.ListOf(line, List.of(), true);
    Expr inner = tuple(true);
    expectSign(")");
    return inner;
  }

  private Expr dictionary(int line) {
    var keys = new ArrayList<Expr>();
    var values = new ArrayList<Expr>();
    while (!token().sign("}")) {
      if (!keys.isEmpty()) expectSign(",");
      if (token().sign("}")) break;
      keys.add(expression());
      expectSign(":");
      values.add(expression());
    }
    next();
    return new Expr.DictOf(line, keys, values);
  }

  private Expr postfix(Expr start) {
    Expr value = start;
    while (true) {
      Token token = token();
      if (token.sign(".")) {
        next();
        Token name = next();
        value = switch (name.kind()) {
          case NAME -> new Expr.Attribute(token.line(), value, name.text());
          case INTEGER -> new Expr.Item(token.line(), value, new Expr.Constant(name.line(), Values.of(new BigInteger(name.text()))));
          default -> throw new JinjaException(name.line(), "'.' is followed by %s; a name was expected".formatted(name.shown()));
        };
      } else if (token.sign("[")) {
        next();
        value = subscript(token.line(), value);
      } else if (token.sign("(")) {
        value = new Expr.Call(token.line(), value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expr subscript(int line, Expr target) {
    Expr from = token().sign(":") ? null : expression();
    if (skip("]")) return new Expr.Item(line, target, java.util.Objects.requireNonNull(from));
    if (!token().sign(":")) throw new JinjaException(token().line(), "unexpected %s in [ ]".formatted(token().shown()));
    next();
    Expr to = token().sign(":") || token().sign("]") ? null : expression();
    Expr step = skip(":") && !token().sign("]") ? expression() : null;
    expectSign("]");
    return new Expr.Slice(line, target, from, to, step);
  }

  private Expr.Args arguments() {
    expectSign("(");
    var positional = new ArrayList<Expr>();
    var names = new ArrayList<String>();
    var named = new ArrayList<Expr>();
    while (!token().sign(")")) {
      if (!positional.isEmpty() || !named.isEmpty()) expectSign(",");
      if (token().sign(")")) break;
      if (token().sign("*") || token().sign("**")) throw new JinjaException(token().line(), "'%s' arguments are not supported".formatted(token().text()));
      if (token().kind() == Token.Kind.NAME && tokens.get(at + 1).sign("=")) {
        names.add(next().text());
        next();
        named.add(expression());
      } else {
        if (!named.isEmpty()) throw new JinjaException(token().line(), "an argument without a name follows one with a name");
        positional.add(expression());
      }
    }
    next();
    return new Expr.Args(positional, names, named);
  }

  private Expr filters(@Nullable Expr start) {
    if (start == null) return filterChain(oneFilter(null));
    return filterChain(start);
  }

  private Expr filterChain(@Nullable Expr start) {
    Expr value = start;
    while (true) {
      if (token().sign("|")) {
        next();
        value = oneFilter(value);
      } else if (value != null && token().name("is")) {
        value = test(value);
      } else if (value != null && token().sign("(")) {
        value = new Expr.Call(token().line(), value, arguments());
      } else {
        return java.util.Objects.requireNonNull(value);
      }
    }
  }

  private Expr oneFilter(@Nullable Expr target) {
    Token name = expect(Token.Kind.NAME, "the name of a filter");
    if (!Filters.known(name.text())) {
      throw new JinjaException(name.line(), "the filter '%s' is not supported; known: %s".formatted(name.text(), Filters.names()));
    }
    return new Expr.Filter(name.line(), target, name.text(), token().sign("(") ? arguments() : Expr.Args.NONE);
  }

  private Expr test(Expr target) {
    int line = next().line();
    boolean negated = skipName("not");
    Token name = next();
    if (name.kind() != Token.Kind.NAME && !COMPARISONS.contains(name.text())) {
      throw new JinjaException(name.line(), "'is' is followed by %s; the name of a test was expected".formatted(name.shown()));
    }
    if (!Tests.known(name.text())) {
      throw new JinjaException(name.line(), "the test '%s' is not supported; known: %s".formatted(name.text(), Tests.names()));
    }
    Expr.Args args = Expr.Args.NONE;
    if (token().sign("(")) args = arguments();
    else if (startsTestArgument()) args = new Expr.Args(List.of(postfix(primary())), List.of(), List.of());
    return new Expr.Test(line, target, name.text(), args, negated);
  }

  private boolean startsTestArgument() {
    return switch (token().kind()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !NO_TEST_ARGUMENT.contains(token().text());
      case SIGN -> token().sign("[") || token().sign("{");
      default -> false;
    };
  }

  // ------------------------------------------------------------------ tokens

  private Token token() {
    return tokens.get(at);
  }

  private Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Token.Kind.END) at++;
    return token;
  }

  private void enter() {
    if (++depth > DEEPEST) throw new JinjaException(token().line(), "more than %d constructs inside each other".formatted(DEEPEST));
  }

  private boolean skip(String sign) {
    if (!token().sign(sign)) return false;
    next();
    return true;
  }

  private boolean skipName(String name) {
    if (!token().name(name)) return false;
    next();
    return true;
  }

  private Token expect(Token.Kind kind, String what) {
    Token token = next();
    if (token.kind() != kind) throw new JinjaException(token.line(), "%s was expected, not %s".formatted(what, token.shown()));
    return token;
  }

  private void expectSign(String sign) {
    Token token = next();
    if (!token.sign(sign)) throw new JinjaException(token.line(), "'%s' was expected, not %s".formatted(sign, token.shown()));
  }

  private void expectName(String name) {
    Token token = next();
    if (!token.name(name)) throw new JinjaException(token.line(), "'%s' was expected, not %s".formatted(name, token.shown()));
  }

  private void endTag() {
    expect(Token.Kind.BLOCK_END, "'%}'");
  }

  /** Behind {@code {% endx %}}, whose name is the current token. */
  private void close() {
    next();
    endTag();
  }
}
