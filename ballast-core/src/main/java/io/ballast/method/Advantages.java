package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.BetaNormalised;
import io.ballast.advantage.GreedyBaseline;
import io.ballast.advantage.GroupNormalised;
import io.ballast.advantage.GroupNormalised.Scale;
import io.ballast.advantage.InformativeGroups;
import io.ballast.advantage.LeaveOneOut;
import io.ballast.advantage.LengthWeightedBaseline;
import io.ballast.advantage.PenalisedReward;
import io.ballast.advantage.RawReward;
import io.ballast.advantage.SmoothStandardised;
import io.ballast.advantage.WhitenedReturn;
import io.ballast.objective.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The values of the setting {@code advantage}: any of them goes with any objective. */
final class Advantages {
  private Advantages() {}

  static final List<String> NAMES = List.of("group-z-score", "group-z-score-population", "group-mean", "batch-z-score", "leave-one-out",
      "reward", "reinforce-pp", "reinforce-pp-baseline", "whitened", "greedy-baseline", "length-weighted", "informative-groups", "beta", "smooth");

  /** verl's: added to the standard deviation, outside the root. */
  static final double EPSILON = 1e-6;

  /** HALOs', added to the standard deviation that divides by n. */
  private static final double HALOS_EPSILON = 1e-2;

  /** The estimator that setting {@code advantage} names, with its own settings where the method has them. */
  static AdvantageEstimator of(Settings settings) {
    return named(settings.choice("advantage"), settings);
  }

  /** The columns that estimator reads. */
  static List<String> columns(Settings settings) {
    List<String> columns = new ArrayList<>();
    if (settings.choice("advantage").equals("greedy-baseline")) columns.add(Column.GREEDY_REWARD);
    if (settings.has("reward-kl-coefficient") && settings.number("reward-kl-coefficient") != 0) columns.add(Column.REF_LOGP);
    return columns;
  }

  private static AdvantageEstimator named(String name, Settings settings) {
    double kl = settings.has("reward-kl-coefficient") ? settings.number("reward-kl-coefficient") : 0;
    double epsilon = settings.has("advantage-epsilon") ? settings.number("advantage-epsilon") : EPSILON;
    double gamma = settings.has("gamma") ? settings.number("gamma") : 1;
    return switch (name) {
      case "group-z-score" -> penalised(kl, new GroupNormalised(Scale.GROUP, epsilon));
      case "group-z-score-population" -> penalised(kl, new GroupNormalised(Scale.GROUP, HALOS_EPSILON, 0));
      case "group-mean" -> penalised(kl, new GroupNormalised(Scale.NONE, 0));
      case "batch-z-score" -> penalised(kl, new GroupNormalised(Scale.BATCH, epsilon));
      case "leave-one-out" -> penalised(kl, new LeaveOneOut());
      case "reinforce-pp" -> new WhitenedReturn(gamma, kl, false);
      case "reinforce-pp-baseline" -> new WhitenedReturn(gamma, kl, true);
      case "whitened" -> new WhitenedReturn(gamma, kl, false, true);
      case "greedy-baseline" -> new GreedyBaseline(settings.has("reward-clip") ? settings.optional("reward-clip") : OptionalDouble.empty(), kl);
      case "length-weighted" -> penalised(kl, new LengthWeightedBaseline());
      case "informative-groups" -> penalised(kl, new InformativeGroups());
      case "beta" -> penalised(kl, settings.has("rmax")
          ? new BetaNormalised(settings.number("rmin"), settings.number("rmax")) : new BetaNormalised(0, 1));
      case "smooth" -> penalised(kl, new SmoothStandardised());
      default -> penalised(kl, new RawReward());
    };
  }

  private static AdvantageEstimator penalised(double kl, AdvantageEstimator estimator) {
    return kl == 0 ? estimator : new PenalisedReward(kl, estimator);
  }
}
