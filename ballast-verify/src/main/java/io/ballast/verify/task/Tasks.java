package io.ballast.verify.task;

import io.ballast.verify.Names;
import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The task families known by name. */
public final class Tasks {
  private record Kind(List<Setting> settings, Function<Settings, TaskFamily> make) {}

  private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put(Arithmetic.NAME, new Kind(Arithmetic.SETTINGS, Arithmetic::of));
    KINDS.put(Countdown.NAME, new Kind(Countdown.SETTINGS, Countdown::of));
    KINDS.put(Calculator.NAME, new Kind(Calculator.SETTINGS, Calculator::of));
  }

  private Tasks() {}

  public static Set<String> names() {
    return KINDS.keySet();
  }

  /** The settings of a family, with defaults and meanings. */
  public static List<Setting> settings(String name) {
    return kind(name).settings();
  }

  /**
   * @param settings setting name to value, numbers and flags also as text
   * @throws IllegalArgumentException if the name or a setting is unknown or a value is out of range
   */
  public static TaskFamily named(String name, Map<String, ?> settings) {
    var kind = kind(name);
    return kind.make().apply(new Settings("task " + name, kind.settings(), settings));
  }

  private static Kind kind(String name) {
    var kind = KINDS.get(name);
    if (kind == null) throw new IllegalArgumentException(Names.unknown("task", name, KINDS.keySet()));
    return kind;
  }
}
