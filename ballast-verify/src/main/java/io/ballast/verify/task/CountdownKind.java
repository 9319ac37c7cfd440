package io.ballast.verify.task;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifier;
import io.ballast.verify.VerifierKind;
import java.util.List;

/** The verifier {@code countdown}. Public because {@link java.util.ServiceLoader} makes it. */
public final class CountdownKind implements VerifierKind {
  @Override public String name() {
    return "countdown";
  }

  @Override public String meaning() {
    return "an expression over the given numbers makes the target; gold: 24 from 4,6,8";
  }

  @Override public List<Setting> settings() {
    return List.of(Setting.choice("use", "all", List.of("all", "some"), "each number exactly once, or at most once"));
  }

  @Override public Verifier make(Settings settings) {
    return new CountdownVerifier(settings.text("use").equals("all"));
  }

  @Override public boolean linear() {
    return true;
  }
}
