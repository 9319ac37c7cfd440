package io.ballast.verify;

/** Turns whatever a verifier throws into a verdict: nesting too deep to read and failures of the checker are no answers. */
record Total(Verifier checked) implements Verifier {

  @Override public Verdict verify(String gold, String answer) {
    try {
      return checked.verify(gold, answer);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return failed(e);
    }
  }

  @Override public Verdict lint(String gold) {
    try {
      return checked.lint(gold);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return failed(e);
    }
  }

  private static Verdict failed(Throwable e) {
    return new Verdict.Unanswered(switch (e) {
      case StackOverflowError _ -> "nested too deeply to be read";
      case OutOfMemoryError _ -> "too large to be read in the memory there is";
      default -> "the checker failed: " + Excerpt.cut(String.valueOf(e), 200);
    });
  }
}
