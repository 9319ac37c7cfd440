package io.ballast.verify;


/**
 * Compares what stands after the last marker with the expected number, as numbers. The whole rest of the answer must be
 * the number: {@code :12} is right where {@code :12,} is unanswered. ASCII digits only.
 *
 * @param marker text before the answer; empty: the whole answer is the number
 */
public record MarkedNumber(String marker) implements Verifier {

  @Override public Verdict verify(String gold, String answer) {
    var expected = Numerals.plain(gold);
    if (expected.isEmpty()) return new Verdict.UnreadableGold("the expected answer %s is no number".formatted(Excerpt.of(gold)));
    int at = marker.isEmpty() ? 0 : answer.lastIndexOf(marker);
    if (at < 0) return new Verdict.Unanswered("no '%s' in the answer".formatted(marker));
    var text = answer.substring(at + marker.length());
    var given = Numerals.plain(text);
    if (given.isEmpty()) return new Verdict.Unanswered("%s is no number".formatted(Excerpt.of(text)));
    return Numerals.compare(given.get(), expected.get());
  }

  @Override public Verdict lint(String gold) {
    return verify(gold, marker + gold);
  }
}
