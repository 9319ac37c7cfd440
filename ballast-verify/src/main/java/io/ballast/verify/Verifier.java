package io.ballast.verify;

/** Checks an answer against the expected one. Total: any two strings get a verdict, none throws. Safe for use by many threads. */
public interface Verifier {
  Verdict verify(String gold, String answer);

  /**
   * Checks the expected answer itself: right if it can be read and an answer that says just this would be right.
   * For verifiers whose gold is no answer (a pattern, a schema, tests), right if it can be used.
   */
  default Verdict lint(String gold) {
    return verify(gold, gold);
  }
}
