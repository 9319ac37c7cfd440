package io.ballast.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Template text into tokens. White space as transformers sets it: {@code trim_blocks} (the newline after a block or comment goes),
 * {@code lstrip_blocks} (blanks before a block or comment that starts its line go), a {@code -} or {@code +} in the tag overrides both, and
 * one newline at the end of the template goes.
 */
final class Lexer {
  private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}");
  private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{Nl}_][\\p{L}\\p{Nl}\\p{N}\\p{M}_]*");
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:_\\d+)*(\\.\\d+(?:_\\d+)*)?([eE][+-]?\\d+)?");
  private static final List<String> SIGNS = List.of("//", "**", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
      "<", ">", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) source = source.substring(0, source.length() - 1);
    var lexer = new Lexer(source);
    lexer.read();
    return lexer.tokens;
  }

  private void read() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        data(source.substring(at));
        at = source.length();
        break;
      }
      char kind = source.charAt(tag + 1);
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : 0;
      String text = source.substring(at, tag);
      data(before(text, kind, sign));
      countLines(text);
      at = tag;
      Matcher raw = RAW.matcher(source).region(at, source.length());
      if (kind == '#') comment();
      else if (kind == '%' && raw.lookingAt()) raw(raw);
      else tag(kind, sign);
    }
    tokens.add(new Token(Token.Kind.END, "", line));
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
      if ("%{#".indexOf(source.charAt(i + 1)) >= 0) return i;
    }
    return -1;
  }

  private String before(String text, char kind, char sign) {
    if (sign == '-') return PythonText.stripRight(text, null);
    if (sign == '+' || kind == '{') return text;
    int start = text.lastIndexOf('\n') + 1;
    if (start == 0 && !lineStarts) return text;
    return PythonText.stripRight(text.substring(start), null).isEmpty() ? text.substring(0, start) : text;
  }

  private void data(String text) {
    if (!text.isEmpty()) tokens.add(new Token(Token.Kind.DATA, text, line));
  }

  private void comment() {
    int end = source.indexOf("#}", at + 2);
    if (end < 0) throw new JinjaException(line, "the comment '{#' has no '#}'");
    char sign = end > at + 2 ? source.charAt(end - 1) : 0;
    closeBlock(end + 2, sign);
  }

  private void raw(Matcher begin) {
    boolean trim = begin.group(2).equals("-");
    advance(begin.end());
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) throw new JinjaException(line, "the block 'raw' has no 'endraw'");
    String text = source.substring(at, end.start());
    if (trim) text = PythonText.strip(text, null, true, false);
    lineStarts = false;
    data(before(text, '%', end.group(1).isEmpty() ? 0 : end.group(1).charAt(0)));
    advance(end.start());
    closeBlock(end.end(), end.group(2).isEmpty() ? 0 : end.group(2).charAt(0));
  }

  /** Goes behind a tag that ends at {@code end} and behind the white space that goes with it. */
  private void closeBlock(int end, char sign) {
    int next = end;
    if (sign == '-') {
      while (next < source.length() && PythonText.isSpace(source.charAt(next))) next++;
    } else if (sign != '+' && next < source.length() && source.charAt(next) == '\n') {
      next++;
    }
    advance(next);
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void advance(int to) {
    countLines(source.substring(at, to));
    at = to;
  }

  private void countLines(String text) {
    for (int i = 0; i < text.length(); i++) if (text.charAt(i) == '\n') line++;
  }

  private void tag(char kind, char sign) {
    boolean block = kind == '%';
    String close = block ? "%}" : "}}";
    int opened = line;
    tokens.add(new Token(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.OUTPUT_BEGIN, "", line));
    at += sign == '-' || (sign == '+' && block) ? 3 : 2;
    var brackets = new StringBuilder();
    while (true) {
      while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
        if (source.charAt(at) == '\n') line++;
        at++;
      }
      if (at >= source.length()) throw new JinjaException(opened, "the tag '{%c' has no '%s'".formatted(kind, close));
      char c = source.charAt(at);
      boolean signed = (c == '-' || (c == '+' && block)) && source.startsWith(close, at + 1);
      if (brackets.isEmpty() && (signed || source.startsWith(close, at))) {
        tokens.add(new Token(block ? Token.Kind.BLOCK_END : Token.Kind.OUTPUT_END, "", line));
        if (block || c == '-') closeBlock(at + (signed ? 3 : 2), signed ? c : 0);
        else {
          at += 2;
          lineStarts = false;
        }
        return;
      }
      token(c, brackets);
    }
  }

  private void token(char c, StringBuilder brackets) {
    if (c == '\'' || c == '"') {
      string(c);
      return;
    }
    Matcher name = NAME.matcher(source).region(at, source.length());
    if (name.lookingAt()) {
      add(Token.Kind.NAME, name.group());
      return;
    }
    Matcher number = NUMBER.matcher(source).region(at, source.length());
    if (number.lookingAt()) {
      boolean afterDot = !tokens.isEmpty() && tokens.getLast().sign(".");
      String digits = number.group();
      boolean whole = number.group(1) == null && number.group(2) == null;
      if (afterDot && !whole) {
        digits = digits.substring(0, digits.indexOf('.') < 0 ? digits.length() : digits.indexOf('.'));
        whole = true;
      }
      at += digits.length();
      tokens.add(new Token(whole ? Token.Kind.INTEGER : Token.Kind.FLOAT, digits.replace("_", ""), line));
      return;
    }
    String sign = SIGNS.stream().filter(s -> source.startsWith(s, at)).findFirst()
        .orElseThrow(() -> new JinjaException(line, "unexpected character '%s'".formatted(Character.toString(source.codePointAt(at)))));
    if ("([{".contains(sign)) brackets.append(sign);
    if (")]}".contains(sign)) {
      if (brackets.isEmpty()) throw new JinjaException(line, "unexpected '%s'".formatted(sign));
      char open = brackets.charAt(brackets.length() - 1);
      if ("([{".indexOf(open) != ")]}".indexOf(sign)) throw new JinjaException(line, "'%c' is closed by '%s'".formatted(open, sign));
      brackets.setLength(brackets.length() - 1);
    }
    add(Token.Kind.SIGN, sign);
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
    at += text.length();
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) end += source.charAt(end) == '\\' ? 2 : 1;
    if (end >= source.length()) throw new JinjaException(line, "a text opened with %c is not closed".formatted(quote));
    String body = source.substring(at + 1, end);
    tokens.add(new Token(Token.Kind.STRING, unescaped(body), line));
    countLines(body);
    at = end + 1;
  }

  /** Python's escapes; an unknown one stays as it is written. */
  private String unescaped(String body) {
    if (body.indexOf('\\') < 0) return body;
    var out = new StringBuilder(body.length());
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c != '\\' || i + 1 == body.length()) {
        out.append(c);
        continue;
      }
      char e = body.charAt(++i);
      int known = "ntrbfav0\\'\"".indexOf(e);
      if (e == '\n') continue;
      if (e >= '0' && e <= '7') {
        int value = 0, last = Math.min(body.length(), i + 3);
        while (i < last && body.charAt(i) >= '0' && body.charAt(i) <= '7') value = value * 8 + body.charAt(i++) - '0';
        i--;
        out.append((char) value);
      } else if (known >= 0) {
        out.append("\n\t\r\b\f\u0007\u000b\0\\'\"".charAt(known));
      } else if (e == 'x' || e == 'u' || e == 'U') {
        int digits = e == 'x' ? 2 : e == 'u' ? 4 : 8;
        try {
          out.appendCodePoint(Integer.parseInt(body.substring(i + 1, i + 1 + digits), 16));
        } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
          throw new JinjaException(line, "'\\%c' needs %d hexadecimal digits of a character".formatted(e, digits));
        }
        i += digits;
      } else {
        out.append('\\').append(e);
      }
    }
    return out.toString();
  }
}
