package io.ballast.checkers.math;

import io.ballast.checkers.math.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Cuts LaTeX or plain mathematics into tokens: layout goes, thousands separators are joined, styles are unwrapped. */
final class Lexer {
  static final int LONGEST = 2_000;

  private static final Pattern GROUPED = Pattern.compile("[1-9][0-9]{0,2}(?:,[0-9]{3})+(?!,?[0-9])");
  private static final Pattern JOINED = Pattern.compile("[0-9]{1,3}(?:\u0001[0-9]{3})+(?![0-9])");
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");
  private static final Pattern FRACTION = Pattern.compile("\\.[0-9]+|\\.(?=\\\\(?:overline|bar)\\b)");
  private static final Pattern EXPONENT = Pattern.compile("[eE][+-]?[0-9]{1,6}(?![A-Za-z0-9])");
  private static final Pattern SPACED_GROUPS = Pattern.compile("[-+]?[1-9][0-9]{0,2}(?: [0-9]{3})+(?:\\.[0-9]+)?");
  private static final Pattern THIN_COMMA = Pattern.compile("(?<=[0-9])(?:\\{,\\}|,\\\\!|\\\\!,|\\\\,)(?:\\\\!|\\s)*(?=[0-9]{3}(?![0-9]))");
  private static final Pattern PLAIN_NUMBER = Pattern.compile("[-+]?[0-9][0-9,]*(?:\\.[0-9]+)?");
  private static final Pattern CHOICE = Pattern.compile("\\(?[A-Za-z]\\)?");
  private static final Pattern COUNTED = Pattern.compile("([-+]?[0-9][0-9,]*(?:\\.[0-9]+)?)\\s+([A-Za-z][A-Za-z ]*)");

  private static final Pattern RADICAND = Pattern.compile("([√∛∜])\\s?([0-9]+(?:\\.[0-9]+)?)");
  private static final Pattern BARE_FRACTION = Pattern.compile("(?<![\\\\A-Za-z])[dt]?frac\\{");
  private static final Pattern RAISED = Pattern.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+"), LOWERED = Pattern.compile("[₀₁₂₃₄₅₆₇₈₉]+");
  private static final String RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private static final Map<Character, String> UNICODE = Map.ofEntries(
      Map.entry('−', "-"), Map.entry('–', "-"), Map.entry('×', "\\times "), Map.entry('·', "\\cdot "), Map.entry('⋅', "\\cdot "), Map.entry('•', "\\cdot "), Map.entry('∙', "\\cdot "),
      Map.entry('÷', "/"), Map.entry('⁄', "/"), Map.entry('∛', "\\sqrt[3]"), Map.entry('∜', "\\sqrt[4]"), Map.entry('⅓', "\\frac{1}{3}"), Map.entry('⅔', "\\frac{2}{3}"),
      Map.entry('√', "\\sqrt "), Map.entry('∞', "\\infty "), Map.entry('≤', "\\le "),
      Map.entry('≥', "\\ge "), Map.entry('≠', "\\ne "), Map.entry('±', "\\pm "), Map.entry('∓', "\\mp "), Map.entry('∪', "\\cup "),
      Map.entry('∩', "\\cap "), Map.entry('∈', "\\in "), Map.entry('°', "^\\circ "), 
      Map.entry('≈', "\\approx "), Map.entry('½', "\\frac{1}{2}"), Map.entry('¼', "\\frac{1}{4}"), Map.entry('¾', "\\frac{3}{4}"),
      Map.entry('∅', "\\emptyset "), Map.entry('ℝ', "\\mathbb{R}"), Map.entry('∖', "\\setminus "), Map.entry('\u00a0', " "), Map.entry('\u2009', " "),
      Map.entry('\u202f', " "), Map.entry('，', ","), Map.entry('、', ","), Map.entry('；', ";"), Map.entry('：', ":"), Map.entry('（', "("), Map.entry('）', ")"),
      Map.entry('＝', "="), Map.entry('或', " or "), Map.entry('和', " and "));

  private static final Map<Character, String> GREEK = Map.ofEntries(Map.entry('α', "alpha"), Map.entry('β', "beta"), Map.entry('γ', "gamma"),
      Map.entry('δ', "delta"), Map.entry('ε', "varepsilon"), Map.entry('ϵ', "epsilon"), Map.entry('ζ', "zeta"), Map.entry('η', "eta"), Map.entry('θ', "theta"),
      Map.entry('κ', "kappa"), Map.entry('λ', "lambda"), Map.entry('μ', "mu"), Map.entry('ξ', "xi"), Map.entry('π', "pi"), Map.entry('ρ', "rho"),
      Map.entry('σ', "sigma"), Map.entry('τ', "tau"), Map.entry('φ', "varphi"), Map.entry('ϕ', "phi"), Map.entry('χ', "chi"), Map.entry('ψ', "psi"), Map.entry('ω', "omega"),
      Map.entry('Γ', "Gamma"), Map.entry('Δ', "Delta"), Map.entry('Θ', "Theta"), Map.entry('Λ', "Lambda"), Map.entry('Σ', "Sigma"), Map.entry('Φ', "Phi"), Map.entry('Ω', "Omega"));

  private static final Set<String> LAYOUT = Set.of("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr",
      "biggl", "biggr", "middle", "displaystyle", "textstyle", "limits", "nolimits", "quad", "qquad", "rm", "bf", "it", "mathstrut",
      "allowbreak", "hfill", "nonumber", "enspace", "thinspace", "!", ",", ";", ":", " ", ">");
  private static final Set<String> TEXT_STYLES = Set.of("text", "textbf", "textit", "textrm", "textnormal", "textsf", "texttt",
      "mbox", "hbox", "emph", "textup", "textsc");
  private static final Set<String> MATH_STYLES = Set.of("mathrm", "mathbf", "mathit", "mathsf", "mathcal", "mathfrak", "operatorname",
      "boldsymbol", "bm", "rm", "boxed", "fbox", "underline", "ensuremath", "mathbb");

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at, depth;
  private boolean spaced;

  private Lexer(String text) {
    this.text = text;
  }

  static List<Token> tokens(String raw) throws Unreadable {
    if (raw.length() > LONGEST) throw new Unreadable("longer than %d characters".formatted(LONGEST));
    var lexer = new Lexer(prepared(raw));
    lexer.run();
    lexer.tokens.add(new Token(Kind.END, "", lexer.spaced));
    return lexer.tokens;
  }

  private static String prepared(String written) {
    var raw = RADICAND.matcher(BARE_FRACTION.matcher(written).replaceAll("\\\\frac{")).replaceAll("$1{$2}");
    raw = RAISED.matcher(raw).replaceAll(run -> "^{" + digits(run.group()) + "}");
    raw = LOWERED.matcher(raw).replaceAll(run -> "_{" + digits(run.group()) + "}");
    var mapped = new StringBuilder();
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      var replacement = UNICODE.get(c);
      var greek = GREEK.get(c);
      mapped.append(greek != null ? "\\" + greek + " " : replacement == null ? String.valueOf(c) : replacement);
    }
    if (mapped.indexOf("begin{") < 0) { // outside a matrix \\\\frac is a \\frac that was escaped twice
      for (int i = mapped.indexOf("\\\\"); i >= 0 && i + 2 < mapped.length(); i = mapped.indexOf("\\\\", i + 1)) {
        if (isLetter(mapped.charAt(i + 2)) || "{}%$!,;".indexOf(mapped.charAt(i + 2)) >= 0) mapped.deleteCharAt(i);
      }
    }
    var joined = THIN_COMMA.matcher(mapped).replaceAll("\u0001");
    var bare = joined.replace("$", "").strip();
    return SPACED_GROUPS.matcher(bare).matches() ? bare.replace(" ", "") : joined;
  }

  /** The plain digits of raised or lowered ones. */
  private static String digits(String run) {
    var plain = new StringBuilder();
    for (char c : run.toCharArray()) plain.append(RAISED_DIGITS.indexOf(c) >= 0 ? RAISED_DIGITS.indexOf(c) : c - '₀');
    return plain.toString();
  }

  private void run() throws Unreadable {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c) || c == '~') {
        at++;
        spaced = true;
      } else if (c == '$') {
        at++;
      } else if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
        number();
      } else if (isLetter(c)) {
        int start = at;
        while (at < text.length() && isLetter(text.charAt(at))) at++;
        boolean glued = start > 0 && isDigit(text.charAt(start - 1)) && text.startsWith("or", start) && at > start + 2; // x=1orx=2
        if (glued) add(Kind.LETTERS, "or");
        add(Kind.LETTERS, text.substring(glued ? start + 2 : start, at));
      } else if (c == '\\') {
        command();
      } else {
        character(c);
      }
    }
  }

  private void number() {
    var matcher = (depth == 0 ? GROUPED : JOINED).matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) matcher = JOINED.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) matcher = DIGITS.matcher(text).region(at, text.length());
    var digits = new StringBuilder();
    if (matcher.lookingAt()) {
      digits.append(matcher.group().replace(",", "").replace("\u0001", ""));
      at = matcher.end();
    }
    for (var part : List.of(FRACTION, EXPONENT)) {
      matcher = part.matcher(text).region(at, text.length()).useTransparentBounds(true);
      if (matcher.lookingAt()) {
        digits.append(matcher.group());
        at = matcher.end();
      }
    }
    boolean endsSentence = at < text.length() && text.charAt(at) == '.' && text.substring(at + 1).replace("$", "").isBlank();
    if (endsSentence) at++;
    add(Kind.NUMBER, digits.toString());
  }

  private void character(char c) {
    if (c == '(' || c == '[') depth++;
    if (c == ')' || c == ']') depth = Math.max(0, depth - 1);
    boolean twice = at + 1 < text.length();
    if (c == '*' && twice && text.charAt(at + 1) == '*') {
      at++;
      c = '^';
    } else if ((c == '<' || c == '>' || c == '!') && twice && text.charAt(at + 1) == '=') {
      at += 2;
      add(Kind.COMMAND, c == '<' ? "le" : c == '>' ? "ge" : "ne");
      return;
    }
    at++;
    add(Kind.CHAR, String.valueOf(c));
  }

  private void command() throws Unreadable {
    int start = ++at;
    if (at >= text.length()) return; // a lone backslash at the end is a slip of the pen
    while (at < text.length() && isLetter(text.charAt(at))) at++;
    if (at == start) at++;
    var name = text.substring(start, at);
    if (LAYOUT.contains(name)) {
      boolean invisible = at < text.length() && text.charAt(at) == '.' && (name.equals("left") || name.equals("right"));
      if (invisible) at++;
      spaced |= name.equals("quad") || name.equals("qquad") || name.equals(" ");
    } else if (name.startsWith("quad") || name.startsWith("qquad")) {
      at = start + name.indexOf('d') + 1; // \\quadx is \\quad x
      spaced = true;
    } else if (TEXT_STYLES.contains(name) && opensBrace()) {
      textual(braced());
    } else if (MATH_STYLES.contains(name) && opensBrace()) {
      styled(name, braced());
    } else if (name.equals("begin") || name.equals("end")) {
      add(Kind.COMMAND, name + " " + (opensBrace() ? braced() : ""));
    } else if (name.equals("hspace") || name.equals("vspace") || name.equals("label") || name.equals("tag")) {
      if (opensBrace()) braced();
    } else {
      standard(name);
    }
  }

  private void standard(String name) {
    switch (name) {
      case "%", "$", "&", "#", "_" -> add(Kind.CHAR, name.equals("$") ? "¤" : name);
      case "{", "lbrace" -> {
        depth++;
        add(Kind.COMMAND, "{");
      }
      case "}", "rbrace" -> {
        depth = Math.max(0, depth - 1);
        add(Kind.COMMAND, "}");
      }
      case "lbrack" -> character('[');
      case "rbrack" -> character(']');
      case "(", ")", "[", "]" -> { } // math delimiters
      case "dfrac", "tfrac", "cfrac" -> add(Kind.COMMAND, "frac");
      case "leq", "leqslant" -> add(Kind.COMMAND, "le");
      case "geq", "geqslant" -> add(Kind.COMMAND, "ge");
      case "neq" -> add(Kind.COMMAND, "ne");
      case "lt" -> add(Kind.CHAR, "<");
      case "gt" -> add(Kind.CHAR, ">");
      case "ast" -> add(Kind.CHAR, "*");
      case "div" -> add(Kind.CHAR, "/");
      case "colon" -> add(Kind.CHAR, ":");
      case "vert", "lvert", "rvert", "|" -> add(Kind.CHAR, "|");
      case "degree", "degrees" -> {
        add(Kind.CHAR, "^");
        add(Kind.COMMAND, "circ");
      }
      case "pounds" -> add(Kind.CHAR, "£");
      case "euro" -> add(Kind.CHAR, "€");
      default -> add(Kind.COMMAND, name);
    }
  }

  /** Contents of {@code \text{…}}: numbers and choices are mathematics, the rest stays text. */
  private void textual(String contents) throws Unreadable {
    var inner = contents.replace("$", "").replace("\\ ", " ").replace("~", " ").replace("\\%", "%").strip();
    if (inner.isEmpty()) {
      spaced = true;
    } else if (PLAIN_NUMBER.matcher(inner).matches() || CHOICE.matcher(inner).matches() || inner.indexOf('\\') >= 0) {
      nested(inner);
    } else {
      var counted = COUNTED.matcher(inner); // 5 cm
      boolean measured = counted.matches() && !Units.canonical(counted.group(2)).equals(Units.ANY);
      if (measured) nested(counted.group(1));
      add(Kind.TEXT, measured ? counted.group(2) : inner);
    }
  }

  private void styled(String style, String contents) throws Unreadable {
    var inner = contents.strip();
    if (style.equals("mathbb")) add(Kind.COMMAND, "mathbb" + inner);
    else if (inner.indexOf('/') > 0 && inner.indexOf('\\') < 0 && !Units.canonical(inner).equals(Units.ANY)) add(Kind.TEXT, inner); // m/s
    else if (style.equals("operatorname") || inner.length() == 1 || style.equals("boxed") || style.equals("fbox") || style.equals("underline")
        || style.equals("ensuremath") || inner.indexOf('\\') >= 0 || !isLetters(inner)) nested(inner);
    else if (MathReader.isFunction(inner)) add(Kind.LETTERS, inner);
    else add(Kind.TEXT, inner);
  }

  private void nested(String inner) throws Unreadable {
    var nested = tokens(inner);
    for (var token : nested.subList(0, nested.size() - 1)) {
      tokens.add(tokens.isEmpty() || !spaced ? token : new Token(token.kind(), token.text(), true));
      spaced = false;
    }
  }

  private boolean opensBrace() {
    while (at < text.length() && text.charAt(at) == ' ') at++;
    return at < text.length() && text.charAt(at) == '{';
  }

  private String braced() throws Unreadable {
    int start = ++at, open = 1;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\') at++;
      else if (c == '{') open++;
      else if (c == '}' && --open == 0) return text.substring(start, at++);
    }
    throw new Unreadable("a brace is not closed");
  }

  private void add(Kind kind, String value) {
    tokens.add(new Token(kind, value, spaced));
    spaced = false;
  }

  /** Whether a command only changes how what follows looks. */
  static boolean isStyle(String command) {
    return LAYOUT.contains(command) || TEXT_STYLES.contains(command) || MATH_STYLES.contains(command);
  }

  private static boolean isLetters(String text) {
    return text.chars().allMatch(c -> isLetter((char) c) || c == ' ');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
