package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.AloneAsGiven;
import io.ballast.advantage.RawReward;
import io.ballast.objective.Column;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioAgainst;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.WeightClip;
import io.ballast.objective.soft.BoundedTarget;
import io.ballast.objective.soft.CriticLoss;
import io.ballast.objective.soft.CurvatureMask;
import io.ballast.objective.soft.DivergenceMask;
import io.ballast.objective.soft.DivergenceMask.Anchor;
import io.ballast.objective.soft.DivergenceMask.Divergence;
import io.ballast.objective.soft.DivergenceMask.Support;
import io.ballast.objective.soft.ShadowMoments;
import io.ballast.objective.soft.SurrogateDropout;
import java.util.List;

/** Methods that bound the ratio by a target, or drop tokens by a divergence, a score or a predicted shift. */
final class BoundedMethods {
  private BoundedMethods() {}

  private static final String BRRL = "Bounded Ratio Reinforcement Learning, arXiv 2604.18578";
  private static final String BRRL_SCRIPTS = "scripts of the official code";

  static final Method GBPO = Method.named("gbpo", "GBPO: the ratio regressed onto a bounded target, from the group's median")
      .paper(BRRL)
      .parts("token ratio", "absolute distance to a bounded target", "group median", "group z-score", "mean over tokens")
      .settings(
          Setting.number("eps-low", 0.3, "the target is at least 1 − eps-low", BRRL_SCRIPTS + " (bare yaml: 0.2)"),
          Setting.number("eps-high", 0.3, "the target is at most 1 + eps-high", BRRL_SCRIPTS + " (bare yaml: 0.2)"),
          Setting.number("temperature", 1e-4, "of the sigmoid that the centred reward goes through", BRRL_SCRIPTS + " (bare yaml: 1.0)"))
      .settings(Shared.policy("token-mean", "verl's default"))
      .settings(Shared.advantage("group-z-score", "official code; group-mean drops the division from target and weight alike"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(),
              new BoundedTarget(settings.number("eps-low"), settings.number("eps-high"), 0,
                  new BoundedTarget.GroupMedian(settings.number("temperature")))),
          bounded(settings), true));

  static final Method BPO = Method.named("bpo", "BPO: the ratio regressed onto a bounded target, from a critic's median")
      .paper(BRRL)
      .parts("token ratio", "absolute distance to a bounded target", "value head", "median head", "mean over tokens")
      .needs(Column.VALUE, Column.MEDIAN, Column.RETURNS)
      .settings(
          Setting.number("eps", 0.3, "the target lies in [1 − eps, 1 + eps]", "official code, sb3 (rsl_rl: 0.2)"),
          Setting.number("lambda", 0.001, "temperature of the target, in units of return", "official code"),
          Setting.optionalNumber("adv-clamp", null, "bound on |returns − median|/lambda", "official code, rsl_rl: 10; sb3: none"),
          Setting.number("vf-coef", 0.5, "weight of the value loss", "official code"),
          Setting.number("u-coef", 0.5, "weight of the median's loss", "official code"),
          Setting.number("tv-loss-coef", 0, "weight of an unweighted distance beside the weighted one", "official code, rsl_rl"))
      .settings(Shared.policy("token-mean", "official code, the mean over the mini-batch").stream()
          .map(setting -> setting.name().equals("entropy-coefficient") ? setting.also("ent-coef") : setting).toList())
      .assembledBy(settings -> {
        double eps = settings.number("eps");
        var critics = new BoundedTarget.Critics(settings.number("lambda"), settings.optional("adv-clamp").orElse(Double.POSITIVE_INFINITY));
        PolicyObjective policy = Shared.policy(settings, new TokenRatio(), new BoundedTarget(eps, eps, settings.number("tv-loss-coef"), critics));
        return SoftMethods.beside(settings, policy,
            policy.plus(new CriticLoss(CriticLoss.Head.SQUARE, settings.number("vf-coef")))
                .plus(new CriticLoss(CriticLoss.Head.MEDIAN, settings.number("u-coef"))),
            new RawReward(), Column.VALUE, Column.MEDIAN, Column.RETURNS);
      });

  static final Method DPPO = Method.named("dppo", "DPPO: tokens masked by the divergence of their distribution")
      .paper("Rethinking the Trust Region in LLM Reinforcement Learning, arXiv 2602.04879")
      .parts("token ratio against the sampler", "detached weight, capped", "divergence mask", "reward minus group mean", "sum over a constant length")
      .settings(
          Setting.choice("divergence", "tv", List.of("tv", "kl"), "total variation or KL", "arXiv 2602.04879"),
          Setting.choice("support", "binary", List.of("binary", "top-k"),
              "the sampled token against the rest, or the sampler's k likeliest tokens (columns behaviourTopLogp, logpAtBehaviourTop)", "arXiv 2602.04879"),
          Setting.optionalNumber("delta", null, "largest divergence; none: 0.15 for tv, 0.05 for kl", "official code Stable-RL"),
          Setting.optionalNumber("delta-low", null, "largest divergence where A ≤ 0; none: delta", "official code Stable-RL"),
          Setting.optionalNumber("delta-high", null, "largest divergence where A > 0; none: delta", "official code Stable-RL"),
          Setting.number("c", 20, "C: the ratio as a weight is at most this", "verl (Stable-RL: 10, its script: 10000)"),
          Setting.choice("behaviour", "sampler", List.of("sampler", "recompute", "proximal"),
              "ratio and divergence against the sampler; ratio against the sampler and divergence against oldLogp; both against oldLogp",
              "Stable-RL: sampler; verl's port: proximal"))
      .settings(Shared.policy("constant", "script of the official code"))
      .settings(Shared.advantage("group-mean", "script of the official code"))
      .assembledBy(BoundedMethods::dppo);

  static final Method CAPO_CURVATURE = Method.named("capo-curvature", "CAPO: tokens masked by the shift their update would cause")
      .paper("Stabilizing Policy Gradients for Sample-Efficient Reinforcement Learning in LLM Reasoning, arXiv 2510.00819")
      .parts("token ratio", "clip around 1", "mask by predicted shifts of objective and policy", "shadow moments as memory", "group z-score",
          "mean over each answer's kept tokens, then over answers")
      .needs(Column.TOP_LOGP, Column.TOP_TOKEN, Column.TOKEN, Column.HIDDEN)
      .settings(Shared.clip(0.2, 0.2, "arXiv 2402.03300"))
      .settings(
          Setting.number("tau-f", 1e-4, "bound on the predicted policy shift, nats; 0: none", "recipes, CAPO (Dr. CAPO 1e-3, ReinCAPO 1e-5)"),
          Setting.number("tau-h", 0.01, "bound on the predicted objective shift; 0: none", "recipes, CAPO (Dr. CAPO 5e-4, ReinCAPO 0.1)"),
          Setting.flag("symmetric", true, "whether the objective may not fall either by more than its bound", "recipes of the official code"),
          Setting.choice("model", "adam", List.of("adam", "sgd"), "which optimizer's next step is predicted", "recipes of the official code"),
          Setting.number("lr", 1.5e-5, "learning rate of the update that is predicted; set it to the optimizer's", "arXiv 2510.00819, aggressive regime"),
          Setting.number("b1", 0.9, "decay of the first shadow moment", "official code"),
          Setting.number("b2", 0.999, "decay of the second shadow moment", "official code"),
          Setting.number("eps", 1e-8, "added to the root of the second shadow moment", "official code"))
      .settings(Shared.policy("seq-mean-token-mean", "official code"))
      .settings(Shared.advantage("group-z-score", "official code"), Shared.advantageEpsilon(1e-4, "official code"))
      .assembledBy(settings -> {
        var mask = new CurvatureMask(settings.choice("model").equals("adam"), settings.number("lr"), settings.number("tau-f"),
            settings.number("tau-h"), settings.flag("symmetric"),
            new ShadowMoments(settings.number("b1"), settings.number("b2"), settings.number("eps")));
        return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), Shared.clip(settings)).with(mask),
            Advantages.of(settings), true, Column.TOP_LOGP, Column.TOP_TOKEN, Column.TOKEN, Column.HIDDEN);
      });

  static final Method D_PPO = Method.named("d-ppo", "D-PPO: tokens that raise the surrogate's variance are dropped (experimental)")
      .paper("Dropout Strategy in Reinforcement Learning: Limiting the Surrogate Objective Variance, arXiv 2310.20380")
      .confidence(Confidence.LOW)
      .guesswork("score, split and rate are guesswork; only the idea of dropping samples to bound the surrogate's variance is the paper's")
      .parts("token ratio", "clip around 1", "dropout of the smallest scores", "group z-score", "mean over surviving tokens")
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(
          Setting.number("rho", 0.1, "share of tokens dropped", SoftMethods.OURS),
          Setting.flag("per-sign", false, "whether each sign of the advantage is thinned separately", SoftMethods.OURS))
      .settings(Shared.policy("token-mean", "arXiv 1707.06347"))
      .settings(Shared.advantage("group-z-score", "no critic here; arXiv 2402.03300"))
      .assembledBy(settings -> Shared.assembly(settings,
          Shared.policy(settings, new TokenRatio(), Shared.clip(settings))
              .with(new SurrogateDropout(settings.number("rho"), settings.flag("per-sign"))),
          Advantages.of(settings), true));

  static final List<Method> ALL = List.of(BPO, GBPO, DPPO, CAPO_CURVATURE, D_PPO);

  /** GBPO's: mean 0, deviation 1 and median 0 in a group of one. */
  private static AdvantageEstimator bounded(Settings settings) {
    AdvantageEstimator named = Advantages.of(settings);
    return switch (settings.choice("advantage")) {
      case "group-z-score" -> new AloneAsGiven(named, 1 + Advantages.EPSILON);
      case "group-mean" -> new AloneAsGiven(named, 1);
      default -> named;
    };
  }

  private static Assembly dppo(Settings settings) {
    Divergence divergence = settings.choice("divergence").equals("tv") ? Divergence.TV : Divergence.KL;
    Support support = settings.choice("support").equals("binary") ? Support.BINARY : Support.TOP_K;
    double delta = settings.optional("delta").orElse(divergence == Divergence.TV ? 0.15 : 0.05);
    String behaviour = settings.choice("behaviour");
    RatioLevel level = behaviour.equals("proximal") ? new TokenRatio() : RatioAgainst.behaviour(new TokenRatio());
    var mask = new DivergenceMask(divergence, support, behaviour.equals("sampler") ? Anchor.SAMPLER : Anchor.PROXIMAL,
        settings.optional("delta-low").orElse(delta), settings.optional("delta-high").orElse(delta));
    String[] columns = support == Support.BINARY ? new String[0] : new String[] {Column.BEHAVIOUR_TOP_LOGP, Column.LOGP_AT_BEHAVIOUR_TOP};
    PolicyObjective policy = Shared.policy(settings, level, new WeightClip(0, settings.number("c"))).with(mask);
    return Shared.assembly(settings, policy, Advantages.of(settings), true, columns);
  }
}
