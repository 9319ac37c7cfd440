package io.ballast.checkers.math;

import io.ballast.checkers.math.Token.Kind;
import io.ballast.verify.Rational;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads LaTeX or plain mathematics, the way people write answers rather than the way a compiler would have it:
 * {@code \frac12}, {@code 3\frac12} (a mixed number), {@code 2x/3}, {@code 1,000}, {@code x = 1 \text{ or } x = 2}.
 *
 * <pre>
 *   listing  = relation { (, | ; | and | or) relation }
 *   relation = sets { (= | < | ≤ | ∈ | …) sets }
 *   sets     = side { (∪ | ∩ | \) side }
 *   side     = [currency] sum { : sum } [unit]
 *   sum      = [±] term { (+ | - | ±) term }
 *   term     = signed { [· | /] signed }            a missing sign is a product
 *   signed   = { + | - } power
 *   power    = postfix [ ^ script ]
 * </pre>
 */
final class MathReader {
  private static final int DEEPEST = 60;
  private static final int MOST_TOKENS = 1_000;

  private static final Set<String> FUNCTIONS = Set.of("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "arccot",
      "sinh", "cosh", "tanh", "ln", "log", "lg", "exp", "abs", "sqrt", "cbrt", "max", "min", "gcd", "lcm", "floor", "ceil", "det", "arg", "Re", "Im",
      "deg", "dim", "ker", "sgn");
  /** Functions as programs and other countries name them. */
  private static final Map<String, String> OTHER_NAMES = Map.ofEntries(Map.entry("asin", "arcsin"), Map.entry("acos", "arccos"), Map.entry("atan", "arctan"), Map.entry("Abs", "abs"),
      Map.entry("Sqrt", "sqrt"), Map.entry("Log", "log"), Map.entry("sign", "sgn"), Map.entry("tg", "tan"), Map.entry("ctg", "cot"), Map.entry("cosec", "csc"),
      Map.entry("arctg", "arctan"), Map.entry("arcctg", "arccot"));
  /** Greek letters that plain writing spells out. */
  private static final Set<String> SPELLED = Set.of("alpha", "beta", "gamma", "delta", "epsilon", "theta", "kappa", "lambda", "rho", "sigma", "tau", "phi", "chi", "psi", "omega");
  private static final Map<String, String> RELATIONS = Map.ofEntries(Map.entry("le", "<="), Map.entry("ge", ">="), Map.entry("ne", "!="), Map.entry("in", "in"),
      Map.entry("approx", "~"), Map.entry("approxeq", "~"), Map.entry("simeq", "~"), Map.entry("sim", "~"), Map.entry("equiv", "=="),
      Map.entry("notin", "notin"), Map.entry("to", "->"), Map.entry("rightarrow", "->"));
  private static final Set<String> GREEK = Set.of("alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota",
      "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
      "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega", "ell", "hbar", "nabla", "partial");
  private static final Set<String> ACCENTS = Set.of("overline", "bar", "vec", "hat", "tilde", "overrightarrow", "overleftarrow", "widehat", "overarc", "dot", "angle",
      "triangle", "measuredangle");

  private static final Map<String, Long> SCALES = Map.of("hundred", 100L, "thousand", 1_000L, "million", 1_000_000L, "billion", 1_000_000_000L,
      "trillion", 1_000_000_000_000L);

  private static final Pattern ALL_REALS = Pattern.compile("(?:the )?(?:set of )?(?:all|any) real(?:s| numbers?)");
  private static final Expr REALS = new Expr.Tuple('(', List.of(Expr.negated(new Expr.Infinity()), new Expr.Infinity()), ')');
  private static final Map<String, Integer> BASES = Map.of("two", 2, "three", 3, "four", 4, "five", 5, "six", 6, "seven", 7, "eight", 8, "nine", 9, "ten", 10, "twelve", 12);
  private static final Set<String> SHORT_WORDS = Set.of("odd", "yes", "no", "all", "any", "red", "dne");

  private final List<Token> tokens;
  private final boolean commonLog;
  private int at, depth, bars;

  private MathReader(List<Token> tokens, boolean commonLog) {
    this.tokens = tokens;
    this.commonLog = commonLog;
  }

  static boolean isFunction(String name) {
    return FUNCTIONS.contains(name);
  }

  /** Reads the whole text. Texts that are words and no mathematics become {@link Expr.Words}. */
  static Expr read(String text) throws Unreadable {
    return read(text, false);
  }

  /** As {@link #read(String)}; {@code commonLog} says whether a logarithm without a base is that of base 10 rather than e. */
  static Expr read(String text, boolean commonLog) throws Unreadable {
    var tokens = Lexer.tokens(text);
    if (tokens.size() > MOST_TOKENS) throw new Unreadable("more than %d signs".formatted(MOST_TOKENS));
    if (tokens.size() == 1) throw new Unreadable("nothing written");
    if (onlyWords(tokens)) {
      var words = words(tokens);
      return ALL_REALS.matcher(words).matches() ? REALS : new Expr.Words(words);
    }
    var reader = new MathReader(new ArrayList<>(tokens), commonLog);
    var expr = reader.listing(token -> token.kind() == Kind.END);
    if (reader.peek().kind() != Kind.END) throw reader.unexpected();
    return expr;
  }

  // ---- words

  private static boolean onlyWords(List<Token> tokens) {
    boolean wordy = false;
    for (var token : tokens.subList(0, tokens.size() - 1)) {
      switch (token.kind()) {
        case TEXT -> wordy |= !separates(token);
        case LETTERS -> wordy |= looksLikeWord(token.text()) || SHORT_WORDS.contains(token.text().toLowerCase(Locale.ROOT));
        case CHAR -> {
          boolean letter = Character.isLetter(token.text().charAt(0)); // of another script
          if (!letter && ".,'-!?".indexOf(token.text()) < 0) return false;
          wordy |= letter;
        }
        default -> {
          return false;
        }
      }
    }
    return wordy;
  }

  /** Whether a run of letters is a word rather than a product: {@code ABCD} is one of points, {@code abc} one of variables. */
  private static boolean looksLikeWord(String run) {
    if (FUNCTIONS.contains(run) || SPELLED.contains(run)) return false;
    boolean lowerAfterFirst = run.substring(1).equals(run.substring(1).toLowerCase(Locale.ROOT));
    return lowerAfterFirst && (run.length() >= 4 || (run.length() >= 3 && Character.isUpperCase(run.charAt(0))));
  }

  private static String words(List<Token> tokens) {
    var text = new StringBuilder();
    for (var token : tokens.subList(0, tokens.size() - 1)) {
      if (token.kind() == Kind.CHAR) text.append(token.text().equals("-") ? " " : Character.isLetter(token.text().charAt(0)) ? token.text() : "");
      else text.append(' ').append(token.text());
    }
    return text.toString().toLowerCase(Locale.ROOT).replaceAll("[.,!?'\"]", "").replaceAll("\\s+", " ").strip();
  }

  // ---- lists, relations, sets

  private Expr listing(Predicate<Token> ends) throws Unreadable {
    enter();
    var items = new ArrayList<Expr>();
    var groups = new ArrayList<Integer>(); // where a semicolon starts another group
    var words = new TreeSet<String>();
    items.add(relation());
    while (!ends.test(peek())) {
      int mark = at;
      if (!separator()) break;
      if (ends.test(peek())) break;
      boolean semicolon = false;
      for (var token : tokens.subList(mark, at)) {
        semicolon |= token.is(';');
        words.add(separates(token) ? token.text().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "") : token.isCommand("lor") || token.isCommand("vee") ? "or" : token.text());
      }
      if (semicolon) groups.add(items.size());
      items.add(relation());
    }
    depth--;
    if (items.size() == 1) return items.getFirst();
    boolean conditions = words.size() == 1 && items.stream().allMatch(item -> item instanceof Expr.Relation && RealSet.describes(item));
    if (conditions && words.contains("or")) return new Expr.SetOperation("union", items);
    if (conditions && words.contains("and")) return new Expr.SetOperation("intersection", items);
    return new Expr.Listing(groups.isEmpty() || !words.contains(",") ? items : grouped(items, groups));
  }

  /** {@code 1, 2; 3, 4}: points side by side whose brackets are left off. */
  private static List<Expr> grouped(List<Expr> items, List<Integer> starts) {
    var points = new ArrayList<Expr>();
    for (int i = 0, from = 0; i <= starts.size(); i++) {
      int to = i < starts.size() ? starts.get(i) : items.size();
      points.add(to - from == 1 ? items.get(from) : new Expr.Tuple('(', List.copyOf(items.subList(from, to)), ')'));
      from = to;
    }
    return points;
  }

  private boolean separator() {
    boolean any = false;
    while (peek().is(',') || peek().is(';') || separates(peek()) || peek().isCommand("\\") || (any && peek().is('.'))
        || peek().isCommand("lor") || peek().isCommand("vee")) {
      at++;
      any = true;
    }
    return any;
  }

  private static boolean separates(Token token) {
    if (token.kind() != Kind.TEXT && token.kind() != Kind.LETTERS) return false;
    var word = token.text().toLowerCase(Locale.ROOT);
    return word.equals("and") || word.equals("or") || word.equals(", and") || word.equals(", or");
  }

  private Expr relation() throws Unreadable {
    var sides = new ArrayList<Expr>();
    var operators = new ArrayList<String>();
    if (peek().is('=') || "~".equals(RELATIONS.get(peek().text()))) at++; // the name in front is left off: \approx 6.9
    sides.add(sets());
    while (true) {
      var operator = relationOperator();
      if (operator == null) break;
      operators.add(operator);
      sides.add(sets());
    }
    return operators.isEmpty() ? sides.getFirst() : new Expr.Relation(sides, operators);
  }

  private @Nullable String relationOperator() {
    var token = peek();
    if (token.is('=') || token.is('<') || token.is('>')) {
      at++;
      return token.text();
    }
    if (token.kind() == Kind.COMMAND && RELATIONS.containsKey(token.text())) {
      at++;
      return RELATIONS.get(token.text());
    }
    return null;
  }

  private Expr sets() throws Unreadable {
    var expr = side();
    while (true) {
      var operation = peek().isCommand("cup") ? "union" : peek().isCommand("cap") ? "intersection"
          : peek().isCommand("setminus") || peek().isCommand("backslash") ? "minus" : null;
      if (operation == null) return expr;
      at++;
      var next = side();
      if (expr instanceof Expr.SetOperation(var same, var sets) && same.equals(operation) && !operation.equals("minus")) {
        var all = new ArrayList<>(sets);
        all.add(next);
        expr = new Expr.SetOperation(operation, all);
      } else {
        expr = new Expr.SetOperation(operation, List.of(expr, next));
      }
    }
  }

  private Expr side() throws Unreadable {
    var currency = currency();
    if (currency == null && peek().kind() == Kind.TEXT) return new Expr.Words(words(List.of(next(), peek())));
    int named = wordsBeforeEquals();
    if (named > 0) {
      at += named;
      return new Expr.Words(words(tokens.subList(at - named, at + 1)));
    }
    var value = sum();
    if (peek().is(':') && !separates(peek(1))) {
      var parts = new ArrayList<Expr>(List.of(value));
      while (peek().is(':')) {
        at++;
        parts.add(sum());
      }
      value = new Expr.Ratio(parts);
    }
    var scale = peek().kind() == Kind.TEXT || peek().kind() == Kind.LETTERS ? SCALES.get(peek().text().toLowerCase(Locale.ROOT)) : null;
    if (scale != null) {
      at++;
      value = new Expr.Mul(List.of(value, Expr.whole(scale)));
    }
    if (value instanceof Expr.Call(var name, var args) && name.equals("degree")) return new Expr.Measured(args.getFirst(), "deg");
    if (currency != null) {
      unit();
      return new Expr.Measured(value, currency);
    }
    var unit = unit();
    return unit == null ? value : new Expr.Measured(value, unit);
  }

  /** How many words name a value, as in {@code Total cost = 5}; 0 where there are none. */
  private int wordsBeforeEquals() {
    int end = 0;
    while (end < 5 && peek(end).kind() == Kind.LETTERS && looksLikeWord(peek(end).text())) end++;
    return peek(end).is('=') ? end : 0;
  }

  private @Nullable String currency() {
    for (var sign : List.of("¤", "€", "£")) {
      if (peek().is(sign.charAt(0))) {
        at++;
        return sign.equals("¤") ? "$" : sign;
      }
    }
    return null;
  }

  /** How many tokens the words in brackets are that say what was counted, {@code (apples)}; 0 where there are none. */
  private int aside() {
    if (!peek().is('(')) return 0;
    int end = 1;
    boolean word = false;
    for (; peek(end).kind() == Kind.LETTERS || peek(end).kind() == Kind.TEXT; end++) {
      word |= looksLikeWord(peek(end).text()) || Units.known(peek(end).text());
      if (separates(peek(end)) || FUNCTIONS.contains(peek(end).text())) return 0;
    }
    return word && peek(end).is(')') ? end + 1 : 0;
  }

  /** The unit after a value, in canonical writing; null where there is none. */
  private @Nullable String unit() {
    var sign = currency();
    if (sign != null) return sign;
    if (peek().is('%')) {
      at++;
      while (peek().kind() == Kind.TEXT && !separates(peek())) at++;
      return "%";
    }
    var written = new StringBuilder();
    for (int left = aside(); left > 0; left--) {
      var token = next();
      if (token.kind() != Kind.CHAR) written.append(' ').append(token.text());
    }
    while (true) {
      var token = peek();
      boolean word = (token.kind() == Kind.CHAR && Character.isIdeographic(token.text().charAt(0))) || (token.kind() == Kind.TEXT || (token.kind() == Kind.LETTERS && token.text().length() > 1)) && !separates(token);
      boolean power = !written.isEmpty() && token.is('^') && peek(1).kind() == Kind.NUMBER;
      boolean bracedPower = !written.isEmpty() && token.is('^') && peek(1).is('{') && peek(2).kind() == Kind.NUMBER && peek(3).is('}');
      boolean per = !written.isEmpty() && token.is('/') && (peek(1).kind() == Kind.TEXT || peek(1).kind() == Kind.LETTERS);
      boolean dot = !written.isEmpty() && token.is('.');
      if (word) written.append(' ').append(next().text());
      else if (power) written.append(' ').append(next().text()).append(next().text());
      else if (bracedPower) {
        written.append(" ^").append(peek(2).text());
        at += 4;
      } else if (per) {
        at++;
        written.append(" per ").append(next().text());
      } else if (dot) at++;
      else break;
    }
    return written.isEmpty() ? null : Units.canonical(written.toString());
  }

  // ---- arithmetic

  private Expr sum() throws Unreadable {
    enter();
    var terms = new ArrayList<Expr>();
    terms.add(sign(true));
    while (peek().is('+') || peek().is('-') || peek().isCommand("pm") || peek().isCommand("mp")) terms.add(sign(false));
    depth--;
    return terms.size() == 1 ? terms.getFirst() : MatrixArithmetic.add(terms);
  }

  private Expr sign(boolean first) throws Unreadable {
    var token = peek();
    if (token.isCommand("pm") || token.isCommand("mp")) {
      at++;
      return new Expr.PlusMinus(term(), token.isCommand("mp"));
    }
    if (!first && (token.is('+') || token.is('-'))) at++;
    var term = term();
    return !first && token.is('-') ? MatrixArithmetic.negate(term) : term;
  }

  private Expr term() throws Unreadable {
    var factors = new ArrayList<Expr>();
    factors.add(signed());
    while (true) {
      var token = peek();
      if (token.is('*') || token.isCommand("cdot") || token.isCommand("times")) {
        at++;
        factors.add(signed());
      } else if (token.is('/')) {
        at++;
        factors.add(new Expr.Pow(signed(), Expr.whole(-1)));
      } else if (token.isCommand("bmod") || token.isCommand("mod") || token.isCommand("pmod")) {
        at++;
        var modulus = token.isCommand("pmod") ? script(false) : power();
        var dividend = factors.size() == 1 ? factors.getFirst() : MatrixArithmetic.multiply(factors);
        factors = new ArrayList<>(List.of(new Expr.Call("mod", List.of(dividend, modulus))));
      } else if (startsFactor(token) || (token.kind() == Kind.NUMBER && token.spaced() && at > 1 && tokens.get(at - 2).is('^'))) {
        factors.add(power()); // 2^6 3^5
      } else {
        return factors.size() == 1 ? factors.getFirst() : MatrixArithmetic.multiply(factors);
      }
    }
  }

  private boolean startsFactor(Token token) {
    return switch (token.kind()) {
      case NUMBER -> at > 0 && tokens.get(at - 1).kind() != Kind.NUMBER;
      case LETTERS -> !separates(token) && !Units.known(token.text()) && !looksLikeWord(token.text());
      case COMMAND -> startsPrimary(token.text());
      case CHAR -> (token.is('(') && aside() == 0) || token.is('[') || token.is('{') || (token.is('|') && bars == 0);
      default -> false;
    };
  }

  private static boolean startsPrimary(String command) {
    return GREEK.contains(command) || FUNCTIONS.contains(command) || OTHER_NAMES.containsKey(command) || ACCENTS.contains(command) || command.startsWith("begin ")
        || Set.of("frac", "sqrt", "infty", "binom", "dbinom", "tbinom", "lfloor", "lceil", "langle", "sum", "prod", "int", "lim", "mathbbR", "{").contains(command);
  }

  private Expr signed() throws Unreadable {
    boolean negative = false;
    while (peek().is('-') || peek().is('+')) negative ^= next().is('-');
    if (peek().isCommand("pm") || peek().isCommand("mp")) {
      boolean flipped = next().isCommand("mp");
      return new Expr.PlusMinus(power(), flipped ^ negative);
    }
    var value = power();
    return negative ? MatrixArithmetic.negate(value) : value;
  }

  private Expr power() throws Unreadable {
    enter();
    var base = postfix(primary());
    if (peek().is('^')) {
      at++;
      if (peek().isCommand("circ") || (peek().is('{') && peek(1).isCommand("circ") && peek(2).is('}'))) {
        at += peek().is('{') ? 3 : 1;
        base = new Expr.Call("degree", List.of(base));
      } else if (peek().isCommand("prime") || (peek().is('{') && peek(1).isCommand("prime") && peek(2).is('}'))) {
        at += peek().is('{') ? 3 : 1;
        base = new Expr.Call("prime", List.of(base));
      } else {
        base = new Expr.Pow(base, script(true));
        base = postfix(base);
        if (peek().is('^')) throw unexpected();
      }
    }
    depth--;
    return base;
  }

  private Expr postfix(Expr value) {
    while (true) {
      if (peek().is('!')) {
        at++;
        value = new Expr.Call("factorial", List.of(value));
      } else if (peek().is('\'')) {
        at++;
        value = new Expr.Call("prime", List.of(value));
      } else {
        return value;
      }
    }
  }

  /** What stands after _: letters and digits stay together as a label. */
  private String subscript() throws Unreadable {
    if (peek().is('{')) {
      int end = at + 1;
      var label = new StringBuilder();
      while (labels(tokens.get(end))) label.append(tokens.get(end++).text());
      if (tokens.get(end).is('}') && !label.isEmpty()) {
        at = end + 1;
        return label.toString();
      }
    }
    return peek().kind() == Kind.COMMAND && labels(peek()) ? next().text() : script(true).canonical();
  }

  private static boolean labels(Token token) {
    return switch (token.kind()) {
      case LETTERS, NUMBER, TEXT -> true;
      case COMMAND -> !token.text().startsWith("end ") && !token.text().startsWith("begin ") && Character.isLetter(token.text().charAt(0));
      default -> false;
    };
  }

  /** What stands after ^, _, \frac or \sqrt: a braced expression or a single sign. */
  private Expr script(boolean wholeNumber) throws Unreadable {
    if (peek().is('{')) return braced();
    if (peek().is('(') && wholeNumber) return primary();
    if (wholeNumber && (peek().is('-') || peek().is('+'))) {
      boolean negative = next().is('-');
      var value = script(true);
      return negative ? Expr.negated(value) : value;
    }
    var token = peek();
    if ((token.kind() == Kind.NUMBER && !wholeNumber) || token.kind() == Kind.LETTERS) {
      if (token.text().length() > 1 && !FUNCTIONS.contains(token.text())) {
        tokens.set(at, new Token(token.kind(), token.text().substring(1), false));
        tokens.add(at, new Token(token.kind(), token.text().substring(0, 1), token.spaced()));
      }
    }
    return primary();
  }

  private Expr braced() throws Unreadable {
    expect('{');
    enter();
    var inner = listing(token -> token.is('}') || token.isCommand("choose"));
    if (peek().isCommand("choose")) {
      at++;
      inner = new Expr.Call("binomial", List.of(inner, sum()));
    }
    expect('}');
    depth--;
    return inner;
  }

  // ---- primaries

  private Expr primary() throws Unreadable {
    var token = next();
    return switch (token.kind()) {
      case NUMBER -> numberFrom(token);
      case LETTERS -> letters(token);
      case COMMAND -> command(token);
      case CHAR -> bracketed(token);
      case TEXT, END -> {
        at--;
        throw unexpected();
      }
    };
  }

  private Expr numberFrom(Token token) throws Unreadable {
    var value = number(token.text());
    if (peek().is('_')) {
      at++;
      var named = baseInWords();
      var base = named == null ? script(true) : Expr.whole(named);
      if (!(base instanceof Expr.Num n) || n.value().whole().isEmpty()) throw unexpected();
      return new Expr.Based(token.text(), (int) Math.clamp(n.value().whole().get(), 0, 1_000));
    }
    if ((peek().isCommand("overline") || peek().isCommand("bar")) && token.text().contains(".")) {
      at++;
      return repeating(token.text());
    }
    if (value.decimals() > 0) return value;
    if (peek().isCommand("frac")) {
      int mark = at++;
      if (fraction() instanceof Expr.Mul(var factors) && properFraction(factors)) return mixed(value, new Expr.Mul(factors));
      at = mark;
    } else if (peek().kind() == Kind.NUMBER && peek(1).is('/') && peek(2).kind() == Kind.NUMBER && peek().spaced()) {
      var factors = List.<Expr>of(number(peek().text()), new Expr.Pow(number(peek(2).text()), Expr.whole(-1)));
      if (properFraction(factors)) {
        at += 3;
        return mixed(value, new Expr.Mul(factors));
      }
    }
    return value;
  }

  /** The base in {@code 1101_{\text{two}}}; null where it is not a word. */
  private @Nullable Integer baseInWords() {
    var base = peek().is('{') && peek(2).is('}') ? BASES.get(peek(1).text().toLowerCase(Locale.ROOT)) : null;
    if (base != null) at += 3;
    return base;
  }

  private static boolean properFraction(List<Expr> factors) {
    return factors.size() == 2 && factors.getFirst() instanceof Expr.Num top && factors.getLast() instanceof Expr.Pow(var base, var minusOne)
        && base instanceof Expr.Num bottom && top.decimals() == 0 && bottom.decimals() == 0 && minusOne.equals(Expr.whole(-1))
        && top.value().numerator().signum() > 0 && top.value().numerator().compareTo(bottom.value().numerator()) < 0;
  }

  private static Expr mixed(Expr whole, Expr fraction) {
    return new Expr.Add(List.of(whole, fraction));
  }

  private Expr repeating(String start) throws Unreadable {
    expect('{');
    var period = next();
    expect('}');
    if (period.kind() != Kind.NUMBER || !period.text().matches("[0-9]{1,50}")) throw unexpected();
    int places = start.length() - start.indexOf('.') - 1;
    var tail = new Rational(new java.math.BigInteger(period.text()),
        java.math.BigInteger.TEN.pow(period.text().length()).subtract(java.math.BigInteger.ONE).multiply(java.math.BigInteger.TEN.pow(places)));
    var value = number(start).value().apply('+', tail);
    return new Expr.Num(value, 0, 1);
  }

  private static Expr.Num number(String text) throws Unreadable {
    if (text.length() > 400) throw new Unreadable("a number of %d signs".formatted(text.length()));
    int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
    if (exponent >= 0 && Math.abs(Integer.parseInt(text.substring(exponent + 1))) > 400) {
      throw new Unreadable("an exponent beyond 400");
    }
    var decimal = new BigDecimal(text);
    int significant = decimal.unscaledValue().abs().toString().length();
    return new Expr.Num(Rational.of(decimal), exponent >= 0 ? Math.max(decimal.scale(), 0) : Math.max(0, decimal.scale()), significant);
  }

  private Expr letters(Token token) throws Unreadable {
    var run = token.text();
    if (run.equals("pi")) return new Expr.Sym("pi");
    if (run.equalsIgnoreCase("infinity") || run.equals("inf") || run.equals("oo")) return new Expr.Infinity();
    if (FUNCTIONS.contains(run)) return function(run);
    boolean applied = peek().is('(') || (peek().kind() == Kind.COMMAND && GREEK.contains(peek().text())) || SPELLED.contains(peek().text());
    if (applied && OTHER_NAMES.containsKey(run)) return function(OTHER_NAMES.get(run));
    if (SPELLED.contains(run)) return named(run);
    if (looksLikeWord(run)) {
      at--;
      throw unexpected();
    }
    if (run.length() > 1) tokens.add(at, new Token(Kind.LETTERS, run.substring(1), false));
    return named(run.substring(0, 1));
  }

  /** A variable with its subscript, or {@code f(x)} where the name is one that functions have. */
  private Expr named(String name) throws Unreadable {
    if (peek().is('_')) {
      at++;
      name += "_" + subscript();
    }
    boolean function = "fghFGH".indexOf(name.charAt(0)) >= 0;
    if (function && peek().is('\'') && peek(1).is('(')) {
      at++;
      name += "'";
    }
    if (function && peek().is('(')) {
      var argument = primary();
      return new Expr.Call(name, argument instanceof Expr.Tuple t ? t.items() : List.of(argument));
    }
    return new Expr.Sym(name);
  }

  private Expr command(Token token) throws Unreadable {
    var name = token.text();
    if (GREEK.contains(name)) return name.equals("pi") ? new Expr.Sym("pi") : named(name);
    if (FUNCTIONS.contains(name) && !name.equals("sqrt")) return function(name);
    if (OTHER_NAMES.containsKey(name)) return function(OTHER_NAMES.get(name));
    if (ACCENTS.contains(name)) return new Expr.Call(name, List.of(script(false)));
    if (name.startsWith("begin ")) return environment(name.substring(6));
    return switch (name) {
      case "frac" -> fraction();
      case "sqrt" -> root();
      case "infty" -> new Expr.Infinity();
      case "binom", "dbinom", "tbinom" -> new Expr.Call("binomial", List.of(script(false), script(false)));
      case "lfloor" -> enclosed("floor", "rfloor");
      case "lceil" -> enclosed("ceil", "rceil");
      case "langle" -> {
        var inner = listing(t -> t.isCommand("rangle"));
        if (!next().isCommand("rangle")) throw unexpected();
        yield inner instanceof Expr.Listing(var items) ? new Expr.Tuple('(', items, ')') : inner;
      }
      case "{" -> set();
      case "sum", "prod", "int", "lim" -> bigOperator(name);
      case "mathbbR" -> REALS;
      case "mathbbN", "mathbbZ", "mathbbQ", "mathbbC" -> new Expr.Sym(name);
      case "emptyset", "varnothing" -> new Expr.SetOf(List.of());
      default -> {
        if (standsAlone() && Character.isLetter(name.charAt(0)) && !Lexer.isStyle(name)) yield named(name); // somebody's own name for a value
        at--;
        throw unexpected();
      }
    };
  }

  /** Whether the token just read is a whole side of a relation or item of a list. */
  private boolean standsAlone() {
    boolean starts = at < 2 || ends(tokens.get(at - 2));
    return starts && (peek().kind() == Kind.END || ends(peek()));
  }

  private static boolean ends(Token token) {
    return token.is('=') || token.is(',') || token.is(';');
  }

  private Expr fraction() throws Unreadable {
    enter();
    var top = script(false);
    var bottom = script(false);
    depth--;
    return Expr.quotient(top, bottom);
  }

  private Expr root() throws Unreadable {
    enter();
    Expr degree = Expr.whole(2);
    if (peek().is('[')) {
      at++;
      degree = sum();
      expect(']');
    }
    var value = script(false);
    depth--;
    return new Expr.Pow(value, Expr.quotient(Expr.whole(1), degree));
  }

  private Expr enclosed(String function, String close) throws Unreadable {
    enter();
    var inner = sum();
    if (!next().isCommand(close)) {
      at--;
      throw unexpected();
    }
    depth--;
    return new Expr.Call(function, List.of(inner));
  }

  private Expr set() throws Unreadable {
    enter();
    depth--;
    if (peek().isCommand("}")) {
      at++;
      return new Expr.SetOf(List.of());
    }
    bars++; // a bar inside separates, it does not open an absolute value
    var inner = listing(token -> token.isCommand("}"));
    bars--;
    if (peek().isCommand("mid") || peek().is('|') || peek().is(':')) {
      at++;
      inner = listing(token -> token.isCommand("}")); // {x | condition}: the condition says it all
      if (!next().isCommand("}")) throw unexpected();
      return inner;
    }
    if (!next().isCommand("}")) {
      at--;
      throw unexpected();
    }
    return new Expr.SetOf(inner instanceof Expr.Listing(var items) ? items : List.of(inner));
  }

  private Expr bigOperator(String name) throws Unreadable {
    var args = new ArrayList<Expr>();
    for (char mark : new char[] {'_', '^'}) {
      if (peek().is(mark)) {
        at++;
        args.add(script(true));
      }
    }
    args.add(term());
    return new Expr.Call(name, args);
  }

  private Expr bracketed(Token token) throws Unreadable {
    enter();
    depth--;
    switch (token.text().charAt(0)) {
      case '{' -> {
        at--;
        return braced();
      }
      case '|' -> {
        bars++;
        var inner = sum();
        bars--;
        expect('|');
        return new Expr.Call("abs", List.of(inner));
      }
      case '(', '[', ']' -> {
        return group(token.text().charAt(0));
      }
      default -> {
        at--;
        throw unexpected();
      }
    }
  }

  private Expr group(char open) throws Unreadable {
    int outer = bars;
    bars = 0;
    Predicate<Token> ends = token -> token.is(')') || token.is(']') || (open == ']' && token.is('['));
    var inner = listing(ends);
    if (!ends.test(peek())) throw unexpected();
    char close = next().text().charAt(0);
    bars = outer;
    if (inner instanceof Expr.Listing(var items)) {
      boolean french = open == ']' || close == '[';
      return french
          ? new Expr.Tuple(open == ']' ? '(' : '[', items, close == '[' ? ')' : ']')
          : new Expr.Tuple(open, items, close);
    }
    if (open == ']' || (open == '(') != (close == ')')) throw new Unreadable("brackets that do not match");
    return inner;
  }

  private Expr function(String name) throws Unreadable {
    enter();
    Expr base = null, exponent = null;
    for (int i = 0; i < 2; i++) {
      if (peek().is('_')) {
        at++;
        base = script(true);
      } else if (peek().is('^')) {
        at++;
        exponent = script(true);
      }
    }
    var argument = argument();
    depth--;
    boolean inverse = exponent != null && exponent.equals(Expr.whole(-1)) && Set.of("sin", "cos", "tan").contains(name);
    if (inverse) return new Expr.Call("arc" + name, List.of(argument));
    var value = switch (name) {
      case "sqrt" -> new Expr.Pow(argument, Expr.quotient(Expr.whole(1), Expr.whole(2)));
      case "cbrt" -> new Expr.Pow(argument, Expr.quotient(Expr.whole(1), Expr.whole(3)));
      case "exp" -> new Expr.Pow(new Expr.Sym("e"), argument);
      case "log", "ln" -> {
        var log = new Expr.Call("ln", List.of(argument));
        if (base == null && commonLog && name.equals("log")) base = Expr.whole(10);
        yield base == null ? log : Expr.quotient(log, new Expr.Call("ln", List.of(base)));
      }
      case "lg" -> Expr.quotient(new Expr.Call("ln", List.of(argument)), new Expr.Call("ln", List.of(Expr.whole(10))));
      default -> new Expr.Call(name, argument instanceof Expr.Tuple t ? t.items() : List.of(argument));
    };
    return exponent == null ? value : new Expr.Pow(value, exponent);
  }

  /** What a function is applied to: a bracket, or the factors up to the next sign or function. */
  private Expr argument() throws Unreadable {
    if (peek().is('(') || peek().is('{') || peek().is('[') || peek().is('|')) return primary();
    var factors = new ArrayList<Expr>();
    factors.add(signed());
    while (startsFactor(peek()) && !startsFunction(peek()) && !peek().is('(') && !peek().is('[')) factors.add(power());
    return factors.size() == 1 ? factors.getFirst() : new Expr.Mul(factors);
  }

  private static boolean startsFunction(Token token) {
    return (token.kind() == Kind.COMMAND || token.kind() == Kind.LETTERS) && FUNCTIONS.contains(token.text()) && !token.text().equals("sqrt");
  }

  private Expr environment(String name) throws Unreadable {
    if (name.equals("array") && peek().is('{')) {
      while (!peek().is('}') && peek().kind() != Kind.END) at++;
      expect('}');
    } else if (!name.matches("[pbBvV]?matrix|smallmatrix|array|cases")) {
      at--;
      throw unexpected();
    }
    var rows = new ArrayList<List<Expr>>();
    var row = new ArrayList<Expr>();
    enter();
    while (true) {
      if (peek().isCommand("end " + name)) break;
      row.add(relation());
      if (name.equals("cases") && (peek().is(',') || peek().is(';')) && !peek(1).is('&')) at++;
      if (peek().is('&')) {
        at++;
      } else if (peek().isCommand("\\")) {
        at++;
        rows.add(List.copyOf(row));
        row.clear();
      } else if (!peek().isCommand("end " + name)) {
        throw unexpected();
      }
    }
    at++;
    depth--;
    if (!row.isEmpty()) rows.add(List.copyOf(row));
    if (rows.isEmpty() || rows.stream().anyMatch(r -> r.size() != rows.getFirst().size())) throw new Unreadable("rows of a matrix differ in length");
    if (name.equals("cases") && rows.getFirst().size() == 1) return new Expr.Listing(rows.stream().map(List::getFirst).toList()); // all of them hold
    var matrix = new Expr.Matrix(rows);
    return name.equals("vmatrix") ? new Expr.Call("det", List.of(matrix)) : matrix;
  }

  // ---- reading

  private Token peek() {
    return tokens.get(at);
  }

  private Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  private Token next() {
    var token = tokens.get(at);
    if (token.kind() != Kind.END) at++;
    return token;
  }

  private void expect(char c) throws Unreadable {
    if (!peek().is(c)) throw unexpected();
    at++;
  }

  private void enter() throws Unreadable {
    if (++depth > DEEPEST) throw new Unreadable("nested more than %d deep".formatted(DEEPEST));
  }

  private Unreadable unexpected() {
    return new Unreadable("%s is not expected here".formatted(peek()));
  }
}
