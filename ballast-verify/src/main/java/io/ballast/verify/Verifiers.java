package io.ballast.verify;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The verifiers known by name: those of this module and those that other modules on the class path offer. */
public final class Verifiers {
  private static final String TIME_LIMIT = "time-limit";

  private Verifiers() {}

  public static Set<String> names() {
    return Known.KINDS.keySet();
  }

  public static VerifierKind kind(String name) {
    var kind = Known.KINDS.get(name);
    if (kind == null) throw new IllegalArgumentException(Names.unknown("verifier", name, names()));
    return kind;
  }

  /** The kind's own settings and {@code time-limit}. */
  public static List<Setting> settings(String name) {
    var kind = kind(name);
    var all = new ArrayList<>(kind.settings());
    all.add(Setting.number(TIME_LIMIT, kind.timeLimit(), "seconds an answer may take to check"));
    return List.copyOf(all);
  }

  /**
   * A verifier that gives every string a verdict within its time limit, whatever is in it.
   *
   * @param settings setting name to value, numbers and flags also as text
   * @throws IllegalArgumentException if the name or a setting is unknown or a value is out of range
   */
  public static Verifier named(String name, Map<String, ?> settings) {
    var kind = kind(name);
    var values = new Settings("verifier " + name, settings(name), settings);
    double seconds = values.within(TIME_LIMIT, 0.01, 86_400);
    var made = kind.make(values);
    return kind.linear() ? new Total(made) : new TimeLimited(made, Duration.ofMillis(Math.round(seconds * 1_000)));
  }

  private static final class Known {
    static final Map<String, VerifierKind> KINDS = new TreeMap<>();

    static {
      for (var kind : ServiceLoader.load(VerifierKind.class, Verifiers.class.getClassLoader())) {
        var other = KINDS.put(kind.name(), kind);
        if (other != null) {
          throw new IllegalStateException("two verifiers are called %s: %s and %s".formatted(
              kind.name(), other.getClass().getName(), kind.getClass().getName()));
        }
      }
    }
  }
}
