package io.ballast.method;

import io.ballast.control.Following;
import java.util.function.DoubleUnaryOperator;

/**
 * What a trainer has to know to supply a method's data and columns, beyond the columns' names.
 *
 * @param reference how π_ref follows the trained policy: {@code refLogp}
 * @param average how the averaged policy does: {@code ewmaLogp}
 * @param hot, cold temperatures of {@code hotOldLogp} and {@code coldOldLogp}, relative to the sampling temperature
 * @param power φ(reward), the power that π_ref is raised to: {@code tiltedRefLogp}
 * @param rollIn where answers start
 */
public record Supply(Following reference, Following average, double hot, double cold, DoubleUnaryOperator power, RollIn rollIn) {
  /** For most methods: policies stand still, answers start where prompts end. */
  public static final Supply PLAIN = new Supply(Following.FROZEN, Following.FROZEN, 1, 1, _ -> 1, RollIn.NONE);

  public Supply withReference(Following value) {
    return new Supply(value, average, hot, cold, power, rollIn);
  }

  public Supply withAverage(Following value) {
    return new Supply(reference, value, hot, cold, power, rollIn);
  }

  public Supply withTemperatures(double hotter, double colder) {
    return new Supply(reference, average, hotter, colder, power, rollIn);
  }

  public Supply withPower(DoubleUnaryOperator value) {
    return new Supply(reference, average, hot, cold, value, rollIn);
  }

  public Supply withRollIn(RollIn value) {
    return new Supply(reference, average, hot, cold, power, value);
  }
}
