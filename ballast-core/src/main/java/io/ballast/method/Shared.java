package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.objective.Aggregation;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.EntropyBonus;
import io.ballast.objective.KlPenalty;
import io.ballast.objective.Objective;
import io.ballast.objective.OffPolicyMask;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.Term;
import io.ballast.objective.TopEntropy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The settings that many methods share, and how they become parts of an objective. Meanings are written here once. */
final class Shared {
  private Shared() {}

  /** Where a default comes from if nobody else is quoted. */
  static final String OFF = "off unless set";

  static Setting clipLow(double value, String source) {
    return Setting.number("clip-low", value, "the ratio is kept at or above 1 − clip-low", source);
  }

  static Setting clipHigh(double value, String source) {
    return Setting.number("clip-high", value, "the ratio is kept at or below 1 + clip-high", source);
  }

  static Setting dualClip(@Nullable Double value, String source) {
    return Setting.optionalNumber("dual-clip", value, "c: for A < 0 the loss of a token is capped at c·|A|", source);
  }

  static Setting delta() {
    return Setting.optionalNumber("delta", null, "two-sided clipping: the unclipped ratio is capped at delta, above 1 + clip-high", OFF);
  }

  /** {@code clip-low}, {@code clip-high}, {@code dual-clip} (off) and {@code delta} (off). */
  static List<Setting> clip(double low, double high, String source) {
    return List.of(clipLow(low, source), clipHigh(high, source), dualClip(null, OFF), delta());
  }

  static Setting aggregation(String value, String source) {
    return Setting.choice("aggregation", value, Aggregation.NAMES, "how token losses become one number", source);
  }

  /** What every policy objective has: aggregation, KL, entropy and the two masks. */
  static List<Setting> policy(String aggregation, String source) {
    List<Setting> settings = new ArrayList<>();
    settings.add(aggregation(aggregation, source));
    settings.addAll(withoutAggregation());
    return settings;
  }

  /** {@link #policy} for a method whose aggregation is part of its definition. */
  static List<Setting> withoutAggregation() {
    return List.of(
        Setting.optionalInteger("max-length", null, "length L, in tokens, of the aggregation constant; none: the longest answer allowed",
            "rollout.max-new in training, the longest sequence given in probe"),
        Setting.number("kl-coefficient", 0, "weight of the KL penalty to the reference policy", OFF),
        Setting.choice("kl-estimator", "k3", List.of("k1", "k2", "k3", "abs", "unbiased-k3", "k1+", "k3+"),
            "how that KL is estimated from the sampled token", "DeepSeekMath, arXiv 2402.03300"),
        Setting.number("entropy-coefficient", 0, "weight of the entropy bonus", OFF),
        Setting.optionalNumber("off-policy-mask", null,
            "nats a token: the policy term of sequences with A < 0 and mean(behaviourLogp − logp) above it becomes 0", OFF),
        Setting.optionalNumber("top-entropy", null,
            "fraction: the policy term of tokens below the (1 − fraction) quantile of entropy becomes 0", OFF));
  }

  /** How rewards become advantages; {@link Advantages} reads it. */
  static Setting advantage(String value, String source) {
    return Setting.choice("advantage", value, Advantages.NAMES, "how rewards become advantages", source);
  }

  /** {@link #advantage} with one choice more, {@code gae}, for a method whose source has a critic; the method builds that estimator. */
  static Setting advantageOrGae(String value, String source) {
    List<String> choices = new ArrayList<>(Advantages.NAMES);
    choices.add("gae");
    return Setting.choice("advantage", value, choices, "how rewards become advantages; gae reads the column value", source);
  }

  /** For a method whose source has a number of its own beside the deviation, or whose sources differ. */
  static Setting advantageEpsilon(double value, String source) {
    return Setting.number("advantage-epsilon", value, "added to the deviation, advantages group-z-score and batch-z-score", source);
  }

  /** The estimator that setting {@code advantage} names. */
  static AdvantageEstimator advantages(Settings settings) {
    return Advantages.of(settings);
  }

  /** PPO's clip from {@code clip-low}, {@code clip-high}, {@code dual-clip} and {@code delta}. */
  static Clip clip(Settings settings) {
    double low = 1 - notNegative(settings, "clip-low"), high = 1 + notNegative(settings, "clip-high");
    return new Clip(low, high, cap(settings, high));
  }

  /** The smaller of dual clip and delta, infinite where both are off. */
  static double cap(Settings settings, double high) {
    double dual = dual(settings);
    if (!settings.isSet("delta")) return dual;
    double delta = settings.number("delta");
    if (!(delta > high)) {
      throw new IllegalArgumentException(
          "delta must be above 1 + clip-high = %s, got %s; at or below it, delta would also cap the positive side".formatted(high, delta));
    }
    return Math.min(dual, delta);
  }

  /** {@code dual-clip}, infinite where it is off. */
  static double dual(Settings settings) {
    double dual = settings.optional("dual-clip").orElse(Double.POSITIVE_INFINITY);
    if (!(dual > 1)) throw new IllegalArgumentException("dual-clip must be above 1, got %s".formatted(dual));
    return dual;
  }

  static double notNegative(Settings settings, String name) {
    double value = settings.number(name);
    if (!(value >= 0)) throw new IllegalArgumentException("%s must be at least 0, got %s".formatted(name, value));
    return value;
  }

  /** {@code aggregation} with {@code max-length}. */
  static Aggregation aggregation(Settings settings) {
    return Aggregation.named(settings.choice("aggregation"), settings.optionalInteger("max-length"));
  }

  /** A surrogate with the shared penalties, masks and aggregation. */
  static PolicyObjective policy(Settings settings, RatioLevel level, Term surrogate) {
    return policy(settings, level, surrogate, aggregation(settings));
  }

  /** {@link #policy(Settings, RatioLevel, Term)} for a method whose aggregation is part of its definition. */
  static PolicyObjective policy(Settings settings, RatioLevel level, Term surrogate, Aggregation aggregation) {
    PolicyObjective objective = withoutTopEntropy(settings, level, surrogate, aggregation);
    TopEntropy top = topEntropy(settings);
    return top == null ? objective : objective.with(top);
  }

  /** {@link #policy(Settings, RatioLevel, Term, Aggregation)} for a method that applies top-entropy in its own way. */
  static PolicyObjective withoutTopEntropy(Settings settings, RatioLevel level, Term surrogate, Aggregation aggregation) {
    PolicyObjective objective = PolicyObjective.of(level, surrogate, aggregation);
    if (settings.isSet("off-policy-mask")) objective = objective.with(new OffPolicyMask(settings.number("off-policy-mask")));
    double kl = notNegative(settings, "kl-coefficient"), entropy = settings.number("entropy-coefficient");
    if (kl != 0) objective = objective.with(new KlPenalty(kl, estimator(settings.choice("kl-estimator"))));
    if (entropy != 0) objective = objective.with(new EntropyBonus(entropy, topEntropy(settings)));
    return objective;
  }

  static @Nullable TopEntropy topEntropy(Settings settings) {
    return settings.isSet("top-entropy") ? new TopEntropy(settings.number("top-entropy")) : null;
  }

  static KlPenalty.Estimator estimator(String name) {
    return KlPenalty.Estimator.valueOf(name.replace("+", "-plus").replace('-', '_').toUpperCase(Locale.ROOT));
  }

  /** An assembly with the advantages that the setting names; the columns that the shared settings read are added to the method's own. */
  static Assembly assembly(Settings settings, Objective objective, boolean usesRatio, String... columns) {
    List<String> reads = new ArrayList<>(Arrays.asList(columns));
    for (String column : Advantages.columns(settings)) add(reads, column);
    return assembly(settings, objective, Advantages.of(settings), usesRatio, reads.toArray(String[]::new));
  }

  /** {@link #assembly(Settings, Objective, boolean, String...)} with an estimator of the method's own. */
  static Assembly assembly(Settings settings, Objective objective, AdvantageEstimator advantages, boolean usesRatio, String... columns) {
    List<String> reads = new ArrayList<>(Arrays.asList(columns));
    if (settings.number("kl-coefficient") != 0) add(reads, Column.REF_LOGP);
    if (settings.number("entropy-coefficient") != 0 || settings.isSet("top-entropy")) add(reads, Column.ENTROPY);
    return new Assembly(objective, advantages, usesRatio, reads);
  }

  private static void add(List<String> columns, String column) {
    if (!columns.contains(column)) columns.add(column);
  }
}
