package io.ballast.method;

import io.ballast.objective.BatchNormalised;
import io.ballast.objective.DivergenceFilter;
import io.ballast.objective.MaskedImportance;
import io.ballast.objective.OffPolicyMask;
import io.ballast.objective.OffPolicyRatio;
import io.ballast.objective.OffPolicyRatio.Level;
import io.ballast.objective.TruncatedImportance;
import io.ballast.objective.TruncatedImportance.Against;
import io.ballast.objective.Veto;
import io.ballast.objective.Weighting;
import io.ballast.objective.WeightingChain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The corrections of stale data that go with any method: what a recipe's {@code off-policy.correction} names. Each is a detached weight on
 * the policy term; denominators and penalties stay as they are.
 *
 * <p>Setting {@code against} says which policy stands above the sampler's. With {@code auto} it is the proximal one for a method with a
 * ratio of its own, whose clip starts there (the trainer recomputes it before the batch's first update; where it is the sampler, every
 * weight is 1), and the current one for a method without.
 */
public final class Corrections {
  private Corrections() {}

  /**
   * One correction.
   *
   * @param id what {@code off-policy.correction} names
   * @param title one phrase
   * @param source where it comes from
   * @param settings in the order they are shown
   */
  public record Correction(String id, String title, String source, List<Setting> settings, Builder builder) {
    public Correction {
      settings = List.copyOf(settings);
    }

    /**
     * The weight on each token's policy term; empty where this correction adds none.
     *
     * @param overrides by setting name
     * @param usesRatio whether the method has a ratio of its own: {@link Assembly#usesRatio}
     * @throws UnknownSettingException if there is no setting of that name
     * @throws IllegalArgumentException if a value is not allowed, naming the setting
     */
    public Optional<Weighting> weighting(Map<String, ? extends @Nullable Object> overrides, boolean usesRatio) {
      return Optional.ofNullable(builder.build(Settings.resolve("correction", id, settings, overrides), usesRatio));
    }
  }

  /** Makes a weighting from settings. */
  @FunctionalInterface
  public interface Builder {
    @Nullable Weighting build(Settings settings, boolean usesRatio);
  }

  private static final Map<String, Correction> BY_ID = new LinkedHashMap<>();

  static {
    add("auto", "the method's own ratio or, where it has none, truncated importance sampling", "design: a stale recipe runs with every method",
        List.of(), (s, usesRatio) -> usesRatio ? null : new TruncatedImportance(Against.CURRENT, 2));
    add("none", "no weight: for fresh data, or a method whose own ratio is taken against the sampler", "", List.of(), (s, usesRatio) -> null);
    add("tis", "truncated importance sampling", "fengyao.notion.site/off-policy-rl; threshold of verl", List.of(
            level("whose ratio is the weight", "token", "ours: a sequence's weight explodes with its length; verl's class default is sequence"),
            Setting.number("c", 2, "largest weight", "verl"),
            normalise(),
            Setting.optionalNumber("reject-lower", null, "tokens whose ratio is below it are dropped", "slime's mis.yaml has 0.5"),
            Setting.optionalNumber("reject-upper", null, "tokens whose ratio is above it are dropped", "slime's mis.yaml has 2"),
            veto(), against()),
        Corrections::truncated);
    add("mis", "masked importance sampling: raw ratio inside the band, nothing outside", "richardli.xyz/rl-collapse; band of verl's Seq-MIS", List.of(
            level("whose ratio is weight and criterion", "token", "ours: sequence bands select for short answers; verl's preset is sequence"),
            Setting.number("lower", 0.5, "smallest ratio kept", "verl, Seq-MIS").also("c-min"), Setting.number("upper", 2, "largest ratio kept", "verl, Seq-MIS").also("c-max"),
            normalise(), veto(), against()),
        (s, usesRatio) -> finished(s, usesRatio, masked(s, level(s), usesRatio, false)));
    add("icepop", "IcePop: masked importance sampling of tokens in a wide band", "IcePop, arXiv 2510.18855", List.of(
            Setting.number("lower", 0.5, "smallest ratio kept", "arXiv 2510.18855").also("c-min"), Setting.number("upper", 5, "largest ratio kept", "arXiv 2510.18855").also("c-max"),
            against()),
        (s, usesRatio) -> masked(s, Level.TOKEN, usesRatio, false));
    add("geometric", "drops answers whose geometric mean ratio leaves a narrow band", "richardli.xyz/rl-collapse; band of SkyRL", List.of(
            Setting.number("lower", 0.99, "smallest geometric mean kept", "SkyRL; verl's preset is 0.999; wider for staler data").also("c-min"),
            Setting.number("upper", 1.01, "largest geometric mean kept", "SkyRL; verl's preset is 1.001; wider for staler data").also("c-max"),
            weight(), largest(), veto(), against()),
        (s, usesRatio) -> finished(s, usesRatio, weighted(s, usesRatio, masked(s, Level.GEOMETRIC, usesRatio, true))));
    add("k-divergence", "drops tokens or answers by an estimate of the divergence from the sampler", "verl, rollout correction; K3-RS preset", List.of(
            Setting.choice("estimator", "k3", List.of("k1", "k2", "k3"), "which estimate of the divergence", "verl, K3-RS"),
            Setting.choice("fold", "seq-mean", List.of("token", "seq-sum", "seq-mean", "seq-max"),
                "by which number a token is judged: its own, or its answer's sum, mean or maximum", "verl, K3-RS"),
            Setting.number("lower", 0.5, "smallest ratio kept, k1 only", "verl, Seq-MIS"),
            Setting.number("upper", 0.01, "largest divergence kept; for k1 the largest ratio", "verl, K3-RS"),
            weight(), largest(), veto(), against()),
        (s, usesRatio) -> finished(s, usesRatio, weighted(s, usesRatio, new DivergenceFilter(against(s, usesRatio),
            DivergenceFilter.Estimator.valueOf(upper(s.choice("estimator"))), DivergenceFilter.Fold.valueOf(upper(s.choice("fold"))),
            s.number("lower"), s.number("upper")))));
    add("veto", "drops an answer with one token that is nearly impossible", "slime, mis.yaml", List.of(
            Setting.number("veto", 1e-4, "smallest ratio let through", "slime, mis.yaml"), against()),
        (s, usesRatio) -> new Veto(against(s, usesRatio), s.number("veto")));
    add("off-policy-mask", "drops answers with negative advantage that have drifted from the sampler", "DeepSeek-V3.2, arXiv 2512.02556", List.of(
            Setting.number("threshold", 0.5, "nats a token of mean(behaviourLogp − logp)", "TRL's suggestion; the paper's is not published")),
        (s, usesRatio) -> new OffPolicyMask(s.number("threshold")));
  }

  private static void add(String id, String title, String source, List<Setting> settings, Builder builder) {
    BY_ID.put(id, new Correction(id, title, source, settings, builder));
  }

  /** Every correction, {@code auto} and {@code none} first. */
  public static List<Correction> all() {
    return List.copyOf(BY_ID.values());
  }

  /**
   * The correction of that id.
   *
   * @throws IllegalArgumentException with the nearest id and all known ones
   */
  public static Correction named(String id) {
    Correction correction = BY_ID.get(id);
    if (correction == null) throw new IllegalArgumentException(Nearest.message("correction", id, BY_ID.keySet()));
    return correction;
  }

  private static Setting level(String meaning, String value, String source) {
    return Setting.choice("level", value, List.of("token", "turn", "sequence"), meaning, source);
  }

  private static Setting normalise() {
    return Setting.flag("normalise", false, "divide by the mean weight of the step: over tokens or, at level sequence, over sequences", "verl, off");
  }

  private static Setting weight() {
    return Setting.choice("weight", "none", List.of("none", "token"), "weight of what is kept: 1, or each token's truncated ratio",
        "NeMo-RL's seq-mask-tis has token");
  }

  private static Setting largest() {
    return Setting.optionalNumber("c", 2.0, "largest weight, weight token only", "verl");
  }

  private static Setting veto() {
    return Setting.optionalNumber("veto", null, "drops an answer with one token whose ratio is below it", "slime's mis.yaml has 1e-4");
  }

  private static Setting against() {
    return Setting.choice("against", "auto", List.of("auto", "proximal", "current"), "the policy above the sampler's in the ratio",
        "auto: proximal for a method with a ratio of its own, current for one without");
  }

  private static Against against(Settings s, boolean usesRatio) {
    return switch (s.choice("against")) {
      case "proximal" -> Against.PROXIMAL;
      case "current" -> Against.CURRENT;
      default -> usesRatio ? Against.PROXIMAL : Against.CURRENT;
    };
  }

  private static Level level(Settings s) {
    return Level.valueOf(upper(s.choice("level")));
  }

  private static String upper(String choice) {
    return choice.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static Weighting truncated(Settings s, boolean usesRatio) {
    Against against = against(s, usesRatio);
    Weighting weights = finished(s, usesRatio, new TruncatedImportance(new OffPolicyRatio(against, level(s)), s.number("c")));
    if (!s.isSet("reject-lower") && !s.isSet("reject-upper")) return weights;
    return new WeightingChain(List.of(weights, new MaskedImportance(OffPolicyRatio.token(against),
        s.optional("reject-lower").orElse(0), s.optional("reject-upper").orElse(Double.POSITIVE_INFINITY), true)));
  }

  private static Weighting masked(Settings s, Level level, boolean usesRatio, boolean filter) {
    return new MaskedImportance(new OffPolicyRatio(against(s, usesRatio), level), s.number("lower"), s.number("upper"), filter);
  }

  /** A filter, with each token's truncated ratio on what it keeps where {@code weight} is token. */
  private static Weighting weighted(Settings s, boolean usesRatio, Weighting filter) {
    if (s.choice("weight").equals("none")) return filter;
    double cap = s.optional("c").orElse(Double.POSITIVE_INFINITY);
    return new WeightingChain(List.of(filter, new TruncatedImportance(against(s, usesRatio), cap)));
  }

  /** Normalised and vetoed as the settings say. */
  private static Weighting finished(Settings s, boolean usesRatio, Weighting weights) {
    List<Weighting> links = new ArrayList<>();
    boolean normalised = s.has("normalise") && s.flag("normalise");
    links.add(normalised ? new BatchNormalised(weights, level(s) == Level.SEQUENCE) : weights);
    if (s.isSet("veto")) links.add(new Veto(against(s, usesRatio), s.number("veto")));
    return links.size() == 1 ? links.getFirst() : new WeightingChain(links);
  }
}
