package io.ballast.method;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.MissingColumnException;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a method on numbers, without a model: what {@code ballast probe} prints for one case. Plain maps and lists in and out, so
 * that reading and writing JSON is the caller's business.
 */
public final class Probe {
  /** Optional columns of the input format; a method that needs others gets them from the engine when training. */
  public static final Set<String> COLUMNS = Set.of(Column.BEHAVIOUR_LOGP, Column.REF_LOGP, Column.ENTROPY, Column.VALUE, Column.TURN, Column.SENTENCE,
      Column.REWARD);

  private static final String CORRECTION = "correction";

  private Probe() {}

  /**
   * One case.
   *
   * @param label how messages call the case if it has no {@code name}
   * @param given {@code name}, {@code method}, {@code settings} (the method's and {@code correction}, the id of one of {@link Corrections}, whose
   *     own settings are written {@code correction.NAME}), {@code sequences}; further keys are ignored
   * @return {@code name}, {@code method}, {@code loss}, {@code dlogp} and {@code advantages} for each sequence with zeros at masked tokens,
   *     {@code dentropy}, {@code dvalue} and the like where the loss depends on such a column, and {@code metrics}
   * @throws IllegalArgumentException naming case, sequence and field
   */
  public static Map<String, Object> evaluate(String label, Map<String, ? extends @Nullable Object> given) {
    String name = given.get("name") == null ? label : String.valueOf(given.get("name"));
    try {
      return evaluateNamed(name, given);
    } catch (MissingColumnException e) {
      throw new IllegalArgumentException("case \"%s\", sequence 0: %s is missing; %s needs it"
          .formatted(name, e.column(), given.get("method")), e);
    } catch (UnknownMethodException | UnknownSettingException e) {
      throw new IllegalArgumentException("case \"%s\": %s".formatted(name, e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IllegalArgumentException("case \"%s\"%s %s".formatted(name, message.startsWith("sequence ") ? "," : ":", message), e);
    }
  }

  private static Map<String, Object> evaluateNamed(String name, Map<String, ? extends @Nullable Object> given) {
    if (!(given.get("method") instanceof String id)) throw new IllegalArgumentException("method is missing; it names the method to evaluate");
    Map<String, @Nullable Object> settings = settings(given.get("settings")), correction = correction(settings);
    Assembly assembly = Methods.named(id).assemble(settings);
    Objective objective = corrected(assembly, correction);
    ProbeInput input = ProbeInput.read(given.get("sequences"), assembly.columns());
    double[] advantage = input.hasAdvantage() ? input.advantage() : assembly.advantages().estimate(input.rewards());
    TokenBatch batch = input.batch(advantage);
    Evaluation result = objective.evaluate(batch);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("name", name);
    out.put("method", id);
    out.put("loss", result.loss());
    out.put("dlogp", input.perSequence(result.dlogp()));
    result.gradients().forEach((column, gradient) -> out.put("d" + column, input.perSequence(gradient)));
    out.put("advantages", input.perSequence(advantage));
    Map<String, Double> metrics = new LinkedHashMap<>();
    new TreeMap<>(result.metrics()).forEach((metric, value) -> metrics.put(metric, value.value()));
    out.put("metrics", metrics);
    return out;
  }

  /** Takes out of the settings those of the correction that {@code correction} names: {@code id} and its own. */
  private static Map<String, @Nullable Object> correction(Map<String, @Nullable Object> settings) {
    Map<String, @Nullable Object> own = new LinkedHashMap<>();
    if (settings.remove(CORRECTION) instanceof Object named) {
      if (named instanceof Map<?, ?> map) map.forEach((key, value) -> own.put(String.valueOf(key), value));
      else own.put("id", named);
    }
    settings.keySet().removeIf(key -> {
      if (!key.startsWith(CORRECTION + ".")) return false;
      own.put(key.substring(CORRECTION.length() + 1), settings.get(key));
      return true;
    });
    return own;
  }

  private static Objective corrected(Assembly assembly, Map<String, @Nullable Object> correction) {
    if (correction.isEmpty()) return assembly.objective();
    Map<String, @Nullable Object> settings = new LinkedHashMap<>(correction);
    if (!(settings.remove("id") instanceof String id)) {
      throw new IllegalArgumentException("settings of a correction are given but none is named; set correction to one of %s"
          .formatted(Corrections.all().stream().map(Corrections.Correction::id).collect(Collectors.joining(", "))));
    }
    return Corrections.named(id).weighting(settings, assembly.usesRatio()).map(assembly.objective()::corrected).orElse(assembly.objective());
  }

  private static Map<String, @Nullable Object> settings(@Nullable Object given) {
    if (given == null) return new LinkedHashMap<>();
    if (!(given instanceof Map<?, ?> map)) throw new IllegalArgumentException("settings must be an object, got %s".formatted(given));
    Map<String, @Nullable Object> settings = new LinkedHashMap<>();
    map.forEach((key, value) -> settings.put(String.valueOf(key), value));
    return settings;
  }
}
