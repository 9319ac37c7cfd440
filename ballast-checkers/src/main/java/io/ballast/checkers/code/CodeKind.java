package io.ballast.checkers.code;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifier;
import io.ballast.verify.VerifierKind;
import java.util.List;
import java.util.Locale;

/** The verifier {@code code}. Public because {@link java.util.ServiceLoader} makes it. */
public final class CodeKind implements VerifierKind {
  @Override public String name() {
    return "code";
  }

  @Override public String meaning() {
    return "the answer's program passes the gold's tests, run in a confined process";
  }

  @Override public List<Setting> settings() {
    return List.of(
        Setting.choice("language", "python", List.of("python", "java"), "language of answers and tests"),
        Setting.choice("confinement", "namespaces", List.of("namespaces", "none"), "none: run programs unconfined, with the rights of this user"),
        Setting.whole("cpu", 5, "seconds of processor time a program may use"),
        Setting.number("wall", 10, "seconds a program may take on the clock"),
        Setting.whole("memory", 512, "MiB a program may use"),
        Setting.whole("output", 1_024, "KiB a program may write"));
  }

  @Override public Verifier make(Settings s) {
    var limits = new Limits(s.count("cpu", 1), s.within("wall", 0.1, 3_600), s.count("memory", 32), s.count("output", 1));
    var confinement = Confinement.valueOf(s.text("confinement").toUpperCase(Locale.ROOT));
    if (confinement == Confinement.NAMESPACES && !Confinement.Machine.CAN_CONFINE) {
      throw s.refused("confinement", "'namespaces' needs unshare (user, network, mount and process namespaces) and prlimit, which this machine does not allow; "
          + "'none' runs the programs of answers with all your rights");
    }
    return new CodeVerifier(Language.valueOf(s.text("language").toUpperCase(Locale.ROOT)), limits, confinement);
  }

  @Override public double timeLimit() {
    return 30;
  }
}
