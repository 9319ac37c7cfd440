package io.ballast.checkers.math;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifier;
import io.ballast.verify.VerifierKind;
import java.util.List;

/** The verifier {@code math}. Public because {@link java.util.ServiceLoader} makes it. */
public final class MathKind implements VerifierKind {
  @Override public String name() {
    return "math";
  }

  @Override public String meaning() {
    return "the answer (last \\boxed{} first) is mathematically the expected one, in LaTeX or plain writing";
  }

  @Override public List<Setting> settings() {
    return List.of(Setting.whole("digits", 6, "significant digits a decimal needs to stand for an exact number, 2 to 15"));
  }

  @Override public Verifier make(Settings settings) {
    int digits = settings.count("digits", 2);
    if (digits > 15) throw settings.refused("digits", "must be in [2, 15], got %d".formatted(digits));
    Symbolic.warmUp(); // here rather than with the first answer that needs it, whose time limit is running
    return new MathVerifier(digits);
  }

  @Override public double timeLimit() {
    return 10;
  }
}
