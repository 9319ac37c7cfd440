package io.ballast.verify;

/** Checks an answer against the expected one. Total: any two strings get a verdict, none throws. */
public interface Verifier {
  Verdict verify(String gold, String answer);
}
