package io.ballast.checkers.math;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the letter of a multiple-choice answer in prose: after words that announce one ("the answer is for sure D", "I would go
 * with (B)", "答案: C"), before words that confirm one ("B is correct"), at the very start ("B. flammable") or alone on the last line, in quotes or after a dash where there is no other.
 *
 * <p>The last announcement counts. One that goes on with another letter ("A or B"), asks ("A?") or denies ("not A") announces
 * nothing, and letters are capital, so that the article "a" is none.
 */
final class Choices {
  private static final int LONGEST = 4_000;

  private static final String LETTER = "[(\\[\"'*$ ]{0,4}([A-J])(?![A-Za-z0-9_'’=+^])(?![)\\]\"'*$ ]{0,4}(?:\\?|\\s?[=≠<>+]|[,/] ?\\(?[A-J]\\b|\\s(?:or|and|nor|ou|et)\\b))";
  private static final String SURE = "(?:(?:definitely|clearly|certainly|probably|surely|for sure|option|choice|letter|therefore|thus|then)\\s{1,3}){0,2}";
  private static final Pattern ANNOUNCED = Pattern.compile(
      "(?:(?i:\\b(?:answer|option|choice|one)\\*{0,2}(?:\\s{0,3}(?:is|would be|must be|should be|has to be)\\b|\\s{0,3}[:：=])\\*{0,2}\\s{0,3}:?\\s{0,3}"
      + "|\\b(?:go with|going with|pick|choose|chose|select|finalize|settle on|rather)\\s{1,3}|réponse\\s{0,2}(?:est\\s|:)\\s{0,3}|答案(?:是|为|選|选)?\\s{0,2}[:：]?\\s{0,3})"
      + "(?i:" + SURE + ")" + LETTER
      + "|(?i:\\b(?:it's|it’s|it is|it must be|therefore|thus|hence|so),?\\s{1,3}" + SURE + ")" + LETTER + "(?![)\\]\"'*$ ]{0,4}\\s?(?:is|are|was|cannot|can't|isn't|has|seems|looks|fails|that|who|which|being)\\b)"
      + "|(?<![A-Za-z])(?<!\\b(?i:not|neither|nor|or|and|if|whether)\\s\\(?)([A-J])\\)?\\s(?i:is|must be)\\s(?i:correct|right|the (?:(?:correct|right|best) )?(?:answer|option|choice|one))\\b)");
  private static final Pattern ALONE = Pattern.compile("\\s{0,5}(?:[-•] )?[\"'“‘*$(]{0,3}([A-J])[.)*$\"'”’]{0,4}\\s{0,5}");
  private static final Pattern FIRST = Pattern.compile("\\s{0,5}\\(?([A-J])(?:[).:,。](?=\\s)|。|\\)?(?=\\p{IsHan}))");
  private static final Pattern OPTION = Pattern.compile("(?m)^\\s{0,5}\\(?[A-J][).:]\\s");
  private static final Pattern LAST_LINE = Pattern.compile("\\n\\s*[*$(]{0,3}([A-J])[.)*$]{0,4}\\s*$");

  private Choices() {}

  /** The letter that a completion settles on; empty where it names none or leaves several open. */
  static Optional<String> in(String completion) {
    int thought = completion.lastIndexOf("</think>");
    var whole = thought < 0 ? completion : completion.substring(thought + "</think>".length());
    if (whole.contains("\\boxed") || whole.contains("<answer>")) return Optional.empty(); // the answer is in there, letter or not
    var text = whole.substring(Math.max(0, whole.length() - LONGEST));
    var alone = ALONE.matcher(whole);
    if (alone.matches()) return Optional.of(alone.group(1));
    var lastLine = LAST_LINE.matcher(text.stripTrailing());
    if (lastLine.find()) return Optional.of(lastLine.group(1));
    String found = null;
    for (var matcher = ANNOUNCED.matcher(text); matcher.find(); ) {
      for (int group = 1; group <= matcher.groupCount(); group++) if (matcher.group(group) != null) found = matcher.group(group);
    }
    if (found != null) return Optional.of(found);
    var first = FIRST.matcher(whole);
    boolean lists = OPTION.matcher(text).results().limit(2).count() > 1;
    return !lists && first.lookingAt() ? Optional.of(first.group(1)) : Optional.empty();
  }
}
