package io.ballast.method;

import io.ballast.advantage.DynamicSampling;
import io.ballast.advantage.OverlongPenalty;
import io.ballast.objective.Column;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.WeightClip;
import java.util.List;

/** The baselines: REINFORCE, PPO and GRPO with their close relatives, which differ in advantages, bounds or averaging. */
final class BaselineMethods {
  private BaselineMethods() {}

  private static final String CLIP = "clip around 1", TOKEN = "token ratio";

  static final Method REINFORCE = Method.named("reinforce", "REINFORCE: the plain policy gradient")
      .paper("Simple Statistical Gradient-Following Algorithms, Williams 1992")
      .parts("no ratio", "reward minus group mean", "mean over answers of the sum over tokens")
      .settings(
          Setting.choice("importance", "none", List.of("none", "token", "sequence"),
              "detached weight against oldLogp: none, one per token, or the product over the sequence", "on policy there is none"),
          Setting.number("importance-cap", 2, "largest importance weight", "verl, rollout correction"))
      .settings(Shared.policy("seq-mean-token-sum", "verl, compute_policy_loss_reinforce"))
      .settings(Shared.advantage("group-mean", "ours: any baseline is unbiased"))
      .assembledBy(BaselineMethods::reinforce);

  static final Method PPO = Method.named("ppo", "PPO: clipped surrogate")
      .paper("Proximal Policy Optimization Algorithms, arXiv 1707.06347")
      .paper("Mastering Complex Control in MOBA Games, arXiv 1912.09729 (dual clip)")
      .paper("INTELLECT-2, arXiv 2505.07291 (two-sided delta)")
      .parts(TOKEN, CLIP, "group z-score")
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("group-z-score", "no critic here; arXiv 2402.03300"))
      .assembledBy(BaselineMethods::clipped);

  static final Method GRPO = Method.named("grpo", "GRPO: PPO-clip with advantages relative to the group")
      .paper("DeepSeekMath, arXiv 2402.03300")
      .parts(TOKEN, CLIP, "group z-score", "mean over each answer, then over answers")
      .settings(Shared.clip(0.2, 0.2, "arXiv 2402.03300"))
      .settings(Shared.policy("seq-mean-token-mean", "arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "arXiv 2402.03300"),
          Shared.advantageEpsilon(Advantages.EPSILON, "verl; TRL: 1e-4, understand-r1-zero: 1e-8"))
      .assembledBy(BaselineMethods::clipped);

  static final Method DR_GRPO = Method.named("dr-grpo", "Dr. GRPO: no division by deviation or length")
      .paper("Understanding R1-Zero-Like Training, arXiv 2503.20783")
      .parts(TOKEN, CLIP, "reward minus group mean", "sum over a constant length")
      .settings(Shared.clip(0.2, 0.2, "arXiv 2503.20783"))
      .settings(Shared.policy("constant", "arXiv 2503.20783"))
      .settings(Shared.advantage("group-mean", "arXiv 2503.20783"))
      .assembledBy(BaselineMethods::clipped);

  static final Method DAPO = Method.named("dapo", "DAPO: a higher upper bound and a token-level mean")
      .paper("DAPO, arXiv 2503.14476")
      .parts(TOKEN, "clip with a higher upper bound", "group z-score", "mean over tokens", DynamicSampling.PART, OverlongPenalty.PART)
      .settings(Shared.clip(0.2, 0.28, "arXiv 2503.14476"))
      .settings(Shared.policy("token-mean", "arXiv 2503.14476"))
      .settings(Shared.advantage("group-z-score", "arXiv 2503.14476"))
      .assembledBy(BaselineMethods::clipped);

  static final Method TOP_ENTROPY = Method.named("top-entropy", "Top-entropy tokens: DAPO on the 20 % most uncertain tokens")
      .paper("Beyond the 80/20 Rule, arXiv 2506.01939")
      .kind(Kind.SELECTION)
      .parts(TOKEN, "clip with a higher upper bound", "tokens of highest entropy", "group z-score", "mean over tokens")
      .needs(Column.ENTROPY)
      .settings(Shared.clip(0.2, 0.28, "arXiv 2503.14476"))
      .settings(Shared.policy("token-mean", "arXiv 2503.14476").stream()
          .map(setting -> setting.name().equals("top-entropy") ? setting.withDefault(0.2, "arXiv 2506.01939").also("rho") : setting).toList())
      .settings(Shared.advantage("group-z-score", "arXiv 2503.14476"))
      .assembledBy(BaselineMethods::clipped);

  static final Method BNPO = Method.named("bnpo", "BNPO: GRPO averaged over the tokens of each micro-batch")
      .paper("TRL, loss_type bnpo")
      .parts(TOKEN, CLIP, "group z-score", "mean over the tokens of each micro-batch")
      .settings(Shared.clip(0.2, 0.2, "TRL"))
      .settings(Shared.policy("token-mean-local", "TRL, loss_type bnpo"))
      .settings(Shared.advantage("group-z-score", "TRL, scale_rewards group"))
      .assembledBy(BaselineMethods::clipped);

  static final Method BNPO_BETA = Method.named("bnpo-beta", "BNPO: Beta normalisation of advantages")
      .paper("BNPO: Beta Normalization Policy Optimization, arXiv 2506.02864")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, "clip with a higher upper bound", "dual clip", "Beta-normalised advantages", "mean over answers of the sum over tokens")
      .settings(Shared.clipLow(0.2, "changyi7231/BNPO"), Shared.clipHigh(0.28, "changyi7231/BNPO"),
          Shared.dualClip(10.0, "changyi7231/BNPO"), Shared.delta())
      .settings(Shared.policy("seq-mean-token-sum", "changyi7231/BNPO"))
      .settings(Shared.advantage("beta", "arXiv 2506.02864"))
      .settings(Setting.number("rmin", 0, "smallest reward of the task: rewards are mapped to [0, 1]", "rewards of 0 and 1").also("r-min"),
          Setting.number("rmax", 1, "largest reward of the task", "rewards of 0 and 1").also("r-max"))
      .assembledBy(BaselineMethods::clipped);

  static final Method GPG = Method.named("gpg", "GPG: group policy gradient without ratio or clip")
      .paper("GPG: A Simple and Strong Reinforcement Learning Baseline, arXiv 2504.02546")
      .parts("no ratio", "centred rewards scaled by the share of informative groups", "mean over each answer, then over answers")
      .settings(Shared.policy("seq-mean-token-mean", "AMAP-ML/GPG, vision trainer"))
      .settings(Shared.advantage("informative-groups", "AMAP-ML/GPG"))
      .assembledBy(settings ->
          Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), WeightClip.NONE), false));

  static final Method RLOO = Method.named("rloo", "RLOO: the other answers are the baseline")
      .paper("Back to Basics, arXiv 2402.14740")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, CLIP, "leave-one-out")
      .settings(Shared.clip(0.2, 0.2, "verl: feeds PPO"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("leave-one-out", "arXiv 2402.14740"), rewardKl())
      .assembledBy(BaselineMethods::clipped);

  static final Method REINFORCE_PP = Method.named("reinforce-pp", "REINFORCE++: returns whitened over all tokens")
      .paper("REINFORCE++, arXiv 2501.03262")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, CLIP, "returns whitened over the step")
      .settings(Shared.clip(0.2, 0.2, "OpenRLHF"))
      .settings(Shared.policy("token-mean", "OpenRLHF"))
      .settings(Shared.advantage("reinforce-pp", "arXiv 2501.03262"), tokenKl(), gamma())
      .assembledBy(BaselineMethods::clipped);

  static final Method REINFORCE_PP_BASELINE = Method.named("reinforce-pp-baseline", "REINFORCE++ on rewards minus their group's mean")
      .paper("REINFORCE++, arXiv 2501.03262")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, CLIP, "reward minus group mean, whitened over the step")
      .settings(Shared.clip(0.2, 0.2, "OpenRLHF"))
      .settings(Shared.policy("token-mean", "OpenRLHF"))
      .settings(Shared.advantage("reinforce-pp-baseline", "arXiv 2501.03262"), tokenKl(), gamma())
      .assembledBy(BaselineMethods::clipped);

  static final Method REMAX = Method.named("remax", "ReMax: the greedy answer is the baseline")
      .paper("ReMax, arXiv 2310.10505")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, CLIP, "reward minus that of the greedy answer")
      .needs(Column.GREEDY_REWARD)
      .settings(Shared.clip(0.2, 0.2, "verl: feeds PPO"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("greedy-baseline", "arXiv 2310.10505"), tokenKl(),
          Setting.optionalNumber("reward-clip", null, "largest size of reward − greedyReward; the official code clamps at 5", "verl: no clamp"))
      .assembledBy(BaselineMethods::clipped);

  static final Method OPO = Method.named("opo", "OPO: the length-weighted, variance-optimal baseline")
      .paper("On-Policy RL with Optimal Reward Baseline, arXiv 2505.23585")
      .kind(Kind.ADVANTAGE)
      .parts(TOKEN, CLIP, "length-weighted group mean")
      .settings(Shared.clip(0.2, 0.2, "verl: feeds PPO"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("length-weighted", "arXiv 2505.23585"), rewardKl())
      .assembledBy(BaselineMethods::clipped);

  static final List<Method> ALL = List.of(REINFORCE, PPO, GRPO, DR_GRPO, DAPO, TOP_ENTROPY, BNPO, BNPO_BETA, GPG,
      RLOO, REINFORCE_PP, REINFORCE_PP_BASELINE, REMAX, OPO);

  private static Setting rewardKl() {
    return Setting.number("reward-kl-coefficient", 0, "β: the reward is reduced by β Σ_t (oldLogp − refLogp)", Shared.OFF);
  }

  private static Setting tokenKl() {
    return Setting.number("reward-kl-coefficient", 0, "β: the reward of each token is reduced by β (oldLogp − refLogp)", Shared.OFF);
  }

  private static Setting gamma() {
    return Setting.number("gamma", 1, "discount from token to token", "OpenRLHF");
  }

  /** PPO-clip on token ratios with all shared settings: what most of the family is. */
  static Assembly clipped(Settings settings) {
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), Shared.clip(settings)), true);
  }

  private static Assembly reinforce(Settings settings) {
    double cap = settings.number("importance-cap");
    if (!(cap > 0)) throw new IllegalArgumentException("importance-cap must be above 0, got %s".formatted(cap));
    return switch (settings.choice("importance")) {
      case "token" -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), new WeightClip(0, cap)), true);
      case "sequence" -> Shared.assembly(settings, Shared.policy(settings,
          new SegmentRatio(null, SegmentRatio.Size.PRODUCT, SegmentRatio.Gradient.OWN), new WeightClip(0, cap)), true);
      default -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), WeightClip.NONE), false);
    };
  }
}
