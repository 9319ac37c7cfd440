package io.ballast.checkers.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the final answer in a text: the last {@code \boxed{…}}; else the line after the last {@code ####}, where it is mathematics
 * and no heading; else what follows the last "answer is" or "answer:"; else a text that is mathematics as a whole; else the last
 * formula or number in it, unless an "or" before it makes it one of several candidates.
 *
 * <p>Boxes joined by no more than signs, "and" or "or" are one answer of several parts, so that boxing every candidate is
 * not boxing the right one.
 */
final class AnswerFinder {
  /** Texts up to here may be an answer as a whole. */
  private static final int SHORT = 400;
  private static final int LONGEST_JOINT = 40;
  private static final int MOST_BOXES = 500;

  private static final Pattern ANSWER_IS = Pattern.compile("(?iu)(?:(?<!\\p{L})(?:answer(?:\\*\\*)?\\s{0,3}(?:is|:|=)|(?:réponse|respuesta|resposta|risposta|antwort)(?:\\s{1,3}(?:final|finale|correcta|correcte|corretta|correta))?(?:\\*\\*)?"
      + "\\s{0,3}(?:est|es|é|è|ist|lautet|:|=)(?!\\p{L})|ответ(?:\\*\\*)?\\s{0,3}[:—-])|答案(?:\\*\\*)?\\s{0,3}(?:是|为|為|:|：)|答えは|(?:정답|답)(?:은|:))(?:\\*\\*)?\\s{0,3}:?\\s{0,3}");
  /** What a reason starts with: the answer stands before it. */
  private static final Pattern REASON = Pattern.compile("(?iu)\\s(?:because|since|parce que|porque|perché|weil|denn|так как|потому что)\\s|因为|因為");
  private static final Pattern HEADING = Pattern.compile("(?i)(?:(?:the |final |worked |full |short )*(?:answer|solution|result|conclusion|explanation|reasoning|verification|summary)|step [0-9]+)\\b[: .]*");
  private static final Pattern JOINT = Pattern.compile("(?i)[\\s$+,;.:\\\\()\\[\\]{}]*(?:(?:\\\\quad|\\\\qquad|\\\\text(?:bf)?\\s*\\{[^{}]*\\}|(?:[a-z]{1,12}\\s+)?(?:and|or)|y_?[0-9]?\\s*=|[a-z](?:_\\{?[0-9]\\}?)?\\s*=)[\\s$,;.:\\\\()\\[\\]{}]*)*");
  private static final Pattern FORMULA = Pattern.compile("\\$\\$((?:[^$\\\\]|\\\\.){1,400}+)\\$\\$|\\$((?:[^$\\\\\\n]|\\\\[^\\n]){1,400}+)\\$|\\\\\\(([^\\n]{1,400}?)\\\\\\)|\\\\\\[(.{1,400}?)\\\\\\]", Pattern.DOTALL);
  private static final Pattern NUMBER = Pattern.compile("(?<![A-Za-z0-9_.,])-?(?:\\\\?[$€£] ?)?"
      + "(?>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+(?:,[0-9]{1,2}(?![0-9,]))?|(?=\\.[0-9]))(?>\\.[0-9]+)?+(?>[eE][+-]?[0-9]{1,3})?+(?>/[0-9]+)?+(?> ?(?:\\\\?%|percent|pct|hundred|thousand|million|billion|trillion))?+(?![\\p{Nd}_])");
  private static final String MARK = "####";
  private static final Pattern DENIED_AFTER = Pattern.compile("(?i)\\s{0,3}(?:(?:is|was)\\s{1,3}(?:wrong|incorrect|false|not)|isn't|wasn't|cannot be|can't be)\\b");
  private static final Pattern OR_BEFORE = Pattern.compile("(?i)\\b(?:or|than|not|isn't|never)\\s{1,3}\\$?$");
  /** What goes on after a number that is the whole answer: a unit or an aside, no arithmetic and no other candidate. */
  private static final Pattern ASIDE = Pattern.compile("(?i)(?:[,;]\\s|\\s)(?!\\s{0,3}(?:and|or|to|times|plus|minus|divided|over|by|more|less|hundred|thousand|million|billion|trillion)\\b)\\s{0,3}[a-z]{2,}[^=]*");
  private static final Pattern WHOLE_FORMULA = Pattern.compile("\\$(?:[^$\\\\]|\\\\.)*+\\$", Pattern.DOTALL);
  private static final Pattern LABEL = Pattern.compile("[A-Za-z]{4,20}(?: [A-Za-z]{1,20}){0,3} ?[:：]\\s+(?=\\S)");
  private static final Pattern PROSE = Pattern.compile("(?<![\\\\\\p{L}{])[\\p{L}']{2,}(?![\\p{L}}])|\\p{IsHan}");
  private static final Pattern COMMAND = Pattern.compile("\\\\[a-zA-Z]+");
  private static final Pattern WORD = Pattern.compile("(?<![\\\\A-Za-z{])[A-Za-z']{2,}(?![A-Za-z}])");
  private static final Pattern LETTERS = Pattern.compile("[\\p{IsLatin}\\p{IsGreek}\\p{IsCyrillic}]+");

  private AnswerFinder() {}

  /** The answer's text in a completion; empty where there is none. */
  static Optional<String> in(String completion) {
    int thought = completion.lastIndexOf("</think>");
    var text = (thought < 0 ? completion : completion.substring(thought + "</think>".length())).replace('−', '-');
    var boxes = boxes(text);
    if (!boxes.isEmpty()) return Optional.of(joined(text, boxes)).map(AnswerFinder::trimmed).filter(found -> !found.isEmpty());
    if (text.contains("\\boxed{")) return Optional.empty(); // cut off in the middle of the answer
    var tagged = tagged(text);
    if (tagged.isPresent()) return tagged;
    var marked = marked(text);
    if (marked.isPresent() && !restated(text)) return marked;
    var stated = stated(text);
    if (stated.isPresent()) return stated;
    var whole = text.length() <= 2 * SHORT ? trimmed(LABEL.matcher(text.strip()).replaceFirst(found -> found.start() == 0 ? "" : Matcher.quoteReplacement(found.group()))) : "";
    if (!whole.isEmpty() && whole.length() <= SHORT && !prose(whole) && readable(whole)) return Optional.of(whole);
    return last(tail(text));
  }

  /** The expected answer's text: as a completion if it is written like one, otherwise the whole of it. */
  static String gold(String gold) {
    if (!boxes(gold).isEmpty()) return in(gold).orElse("");
    var marked = marked(gold);
    if (marked.isPresent()) return marked.get();
    if (gold.contains(MARK)) return in(gold).orElse(gold.strip()); // under a heading
    var whole = trimmed(gold);
    int open = whole.lastIndexOf("\\boxed{");
    if (open >= 0) return whole.substring(open + "\\boxed{".length()); // a box that was never closed
    if (whole.length() <= SHORT && (readable(whole) || ANSWER_IS.matcher(whole).find() == false)) return whole;
    return in(gold).orElse(whole);
  }

  private static boolean readable(String text) {
    try {
      MathReader.read(text);
      return true;
    } catch (Unreadable e) {
      return false;
    }
  }

  /** Whether a text speaks about numbers rather than being one: two or more words beside digits or formulas. */
  private static boolean prose(String text) {
    if (text.chars().noneMatch(c -> Character.isDigit(c) || c == '\\' || c == '$')) return false;
    long words = WORD.matcher(text).results().map(match -> match.group().toLowerCase(Locale.ROOT))
        .filter(word -> !MathReader.isFunction(word) && Units.canonical(word).equals(Units.ANY) && !word.equals("and") && !word.equals("or")).count();
    return words > 1;
  }

  // ---- boxes

  private record Box(int start, int open, int close, int end) {}

  private static List<Box> boxes(String text) {
    var boxes = new ArrayList<Box>();
    for (int at = text.indexOf("boxed", firstOfLast(text)); at >= 0; at = text.indexOf("boxed", at + 1)) {
      int start = at > 0 && text.charAt(at - 1) == '\\' ? at - 1 : at;
      if (start == at) continue;
      int open = at + "boxed".length();
      while (open < text.length() && text.charAt(open) == ' ') open++;
      if (open >= text.length()) break;
      if (text.charAt(open) == '{') {
        int close = closing(text, open);
        if (close < 0 || text.substring(open + 1, close).isBlank()) continue;
        if (!boxes.isEmpty() && boxes.getLast().close > close) continue; // inside the one before
        boxes.add(new Box(start, open + 1, close, close + 1));
      } else if (open > at + "boxed".length() && Character.isDigit(text.charAt(open))) {
        int close = open;
        while (close < text.length() && "$ \n".indexOf(text.charAt(close)) < 0) close++;
        boxes.add(new Box(start, open, close, close)); // \boxed 5
      }
    }
    return boxes;
  }

  /** Where the last {@link #MOST_BOXES} boxes start: what comes before is never the answer. */
  private static int firstOfLast(String text) {
    int at = text.length();
    for (int i = 0, before = 0; i < MOST_BOXES && before >= 0; i++) {
      before = text.lastIndexOf("boxed", at - 1);
      if (before >= 0) at = before;
    }
    return at;
  }

  /** The brace that closes the one at {@code open}, or -1; looks no further than an answer can be long. */
  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < Math.min(text.length(), open + Lexer.LONGEST); i++) {
      char c = text.charAt(i);
      if (c == '\\') i++;
      else if (c == '{') depth++;
      else if (c == '}' && --depth == 0) return i;
    }
    return -1;
  }

  private static String joined(String text, List<Box> boxes) {
    int first = boxes.size() - 1;
    while (first > 0 && joint(text, boxes.get(first - 1).end, boxes.get(first).start)) first--;
    var parts = new ArrayList<String>();
    for (var box : boxes.subList(first, boxes.size())) parts.add(text.substring(box.open, box.close));
    return String.join(" , ", parts.stream().distinct().toList());
  }

  private static boolean joint(String text, int from, int to) {
    return to - from <= LONGEST_JOINT && !text.substring(from, to).contains("\n\n") && JOINT.matcher(text.substring(from, to)).matches();
  }

  // ---- words around an answer

  private static Optional<String> tagged(String text) {
    int close = text.lastIndexOf("</answer>"), open = close < 0 ? -1 : text.lastIndexOf("<answer>", close);
    return open < 0 ? Optional.empty() : Optional.of(trimmed(text.substring(open + "<answer>".length(), close))).filter(found -> !found.isEmpty());
  }

  /** The line after the last {@code ####}; empty where it is a heading of words. */
  private static Optional<String> marked(String text) {
    int mark = text.lastIndexOf(MARK);
    if (mark < 0) return Optional.empty();
    int from = mark + MARK.length(), end = text.indexOf('\n', from);
    if (from < text.length() && text.charAt(from) == ':') from++;
    var line = trimmed(text.substring(from, Math.min(end < 0 ? text.length() : end, from + SHORT)));
    boolean heading = HEADING.matcher(line).matches() && end >= 0 && !text.substring(end).isBlank();
    return line.isEmpty() || heading || prose(line) || !readable(line) ? Optional.empty() : Optional.of(line);
  }

  /** Whether an answer with a number in it is stated after the last {@code ####}: it takes the other's place. */
  private static boolean restated(String text) {
    var after = text.substring(text.lastIndexOf(MARK));
    int from = lastStatement(after);
    return from >= 0 && sentence(after.substring(from)).chars().anyMatch(Character::isDigit);
  }

  /** Where what follows the last "answer is" starts; -1 where there is none. */
  private static int lastStatement(String text) {
    var matcher = ANSWER_IS.matcher(text);
    int from = -1;
    while (matcher.find()) from = matcher.end();
    return from;
  }

  private static Optional<String> stated(String text) {
    var tail = tail(text);
    int from = lastStatement(tail);
    if (from < 0) return Optional.empty();
    var rest = tail.substring(from, Math.min(tail.length(), from + 2 * SHORT));
    var formula = FORMULA.matcher(rest);
    if (formula.lookingAt() && !goesOn(rest, formula.end())) return Optional.of(trimmed(formula.group()));
    var sentence = trimmed(reasonLess(sentence(rest)));
    if (sentence.isEmpty()) return Optional.empty();
    if (readable(sentence)) return Optional.of(sentence);
    var number = NUMBER.matcher(sentence);
    if (number.lookingAt() && ASIDE.matcher(sentence.substring(number.end())).matches()) return Optional.of(trimmed(number.group()));
    return last(sentence).or(() -> Optional.of(sentence));
  }

  /** Whether more of the answer follows a formula: another formula, a unit, a percent sign. */
  private static boolean goesOn(String text, int end) {
    var rest = text.substring(end).stripLeading().toLowerCase(Locale.ROOT);
    return rest.startsWith(",") || rest.startsWith("and $") || rest.startsWith("or $") || rest.startsWith("%") || rest.startsWith("percent");
  }

  private static String reasonLess(String sentence) {
    var reason = REASON.matcher(sentence);
    return reason.find() && !sentence.substring(0, reason.start()).isBlank() ? sentence.substring(0, reason.start()) : sentence;
  }

  private static String sentence(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean end = c == '\n' || c == '。' || (c == '.' && (i + 1 == text.length() || Character.isWhitespace(text.charAt(i + 1))));
      if (end && !text.substring(0, i).isBlank()) return text.substring(0, i);
    }
    return text;
  }

  private record Span(int start, int end) {}

  /** The last formula, number or piece of LaTeX. */
  private static Optional<String> last(String text) {
    var formulas = FORMULA.matcher(text);
    var found = new Span(-1, -1);
    while (formulas.find()) found = new Span(formulas.start(), formulas.end());
    int formulasEnd = found.end;
    var numbers = NUMBER.matcher(text);
    while (numbers.find()) {
      if (numbers.start() >= formulasEnd && !namesSomethingElse(text, numbers.end())) found = new Span(numbers.start(), numbers.end());
    }
    var bare = bare(text, Math.max(0, formulasEnd));
    if (bare.isPresent() && bare.get().end >= found.start && readable(trimmed(text.substring(bare.get().start, bare.get().end)))) found = bare.get();
    if (found.start > 0 && OR_BEFORE.matcher(text.substring(Math.max(0, found.start - 8), found.start)).find()) return Optional.empty(); // one of several
    if (found.start >= 0 && DENIED_AFTER.matcher(text).region(found.end, text.length()).lookingAt()) return Optional.empty();
    return found.start < 0 ? Optional.empty() : Optional.of(trimmed(text.substring(found.start, found.end))).filter(part -> !part.isEmpty());
  }

  /** LaTeX in prose without its dollars, after {@code from}: the last command with the words around it that are no prose. */
  private static Optional<Span> bare(String text, int from) {
    int command = -1;
    var commands = COMMAND.matcher(text);
    while (commands.find()) command = commands.start();
    if (command < from) return Optional.empty();
    int start = Math.max(from, text.lastIndexOf('\n', command) + 1), end = text.indexOf('\n', command);
    int first = text.lastIndexOf(' ', command) + 1;
    first = Math.max(first, start);
    for (int before = first - 1; before > start; before = first - 1) {
      int word = Math.max(start, text.lastIndexOf(' ', before - 1) + 1);
      if (".,:;!?".indexOf(text.charAt(before - 1)) >= 0 || PROSE.matcher(text.substring(word, before)).find()) break;
      first = word;
    }
    int last = command;
    for (int stop = end < 0 ? text.length() : end; last < stop; ) {
      int after = text.indexOf(' ', last + 1);
      int next = after < 0 || after > stop ? stop : after;
      if (last > command && (".,:;!?".indexOf(text.charAt(last - 1)) >= 0 || PROSE.matcher(text.substring(last, next)).find())) break;
      last = next;
    }
    return last - first > SHORT ? Optional.empty() : Optional.of(new Span(first, last));
  }

  /** Whether letters follow a number at once that are no unit: {@code 2A}, {@code 3x}. */
  private static boolean namesSomethingElse(String text, int end) {
    var letters = LETTERS.matcher(text).region(end, text.length());
    return letters.lookingAt() && Units.canonical(letters.group()).equals(Units.ANY);
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 4_000));
  }

  /** Without the marks around it: blanks, dollars, {@code \( \)}, bold, a full stop. */
  private static String trimmed(String text) {
    var result = text.strip();
    if (result.length() > 2 * Lexer.LONGEST) return result; // too long to be read anyway
    for (boolean changed = true; changed && !result.isEmpty(); ) {
      var before = result;
      if (result.startsWith("**") && result.endsWith("**") && result.length() > 4) result = result.substring(2, result.length() - 2).strip();
      if (result.startsWith("$$") && result.endsWith("$$") && result.length() > 4) result = result.substring(2, result.length() - 2).strip();
      if (result.startsWith("$") && result.endsWith("$") && result.length() > 2 && WHOLE_FORMULA.matcher(result).matches()) result = result.substring(1, result.length() - 1).strip();
      for (var pair : new String[][] {{"\\(", "\\)"}, {"\\[", "\\]"}}) {
        if (result.startsWith(pair[0]) && result.endsWith(pair[1]) && result.length() > 4) result = result.substring(2, result.length() - 2).strip();
      }
      boolean stop = result.endsWith(".") && !result.endsWith("..") && !result.endsWith("\\right.");
      if (stop || result.endsWith("。") || result.endsWith(",") || result.endsWith("，") || result.endsWith(";")) result = result.substring(0, result.length() - 1).strip();
      changed = !result.equals(before);
    }
    return result;
  }
}
