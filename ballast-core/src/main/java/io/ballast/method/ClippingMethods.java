package io.ballast.method;

import io.ballast.objective.TokenRatio;
import java.util.List;

/** Methods known for how they clip, gate or weight the ratio of a token, and the baselines. */
final class ClippingMethods {
  private ClippingMethods() {}

  private static final String PPO_PAPER = "Proximal Policy Optimization Algorithms, arXiv 1707.06347";

  static final Method PPO = Method.named("ppo", "PPO: clipped surrogate")
      .paper(PPO_PAPER)
      .paper("Mastering Complex Control in MOBA Games, arXiv 1912.09729 (dual clip)")
      .paper("INTELLECT-2, arXiv 2505.07291 (two-sided delta)")
      .parts("token ratio", "clip around 1", "group z-score")
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("group-z-score", "no critic here; arXiv 2402.03300"))
      .assembledBy(ClippingMethods::clipped);

  static final Method GRPO = Method.named("grpo", "GRPO: PPO-clip with advantages relative to the group")
      .paper("DeepSeekMath, arXiv 2402.03300")
      .parts("token ratio", "clip around 1", "group z-score", "mean over each answer, then over answers")
      .settings(Shared.clip(0.2, 0.2, "arXiv 2402.03300"))
      .settings(Shared.policy("seq-mean-token-mean", "arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "arXiv 2402.03300"))
      .assembledBy(ClippingMethods::clipped);

  static final Method DAPO = Method.named("dapo", "DAPO: a higher upper bound and a token-level mean")
      .paper("DAPO, arXiv 2503.14476")
      .parts("token ratio", "clip with a higher upper bound", "group z-score", "mean over tokens")
      .settings(Shared.clip(0.2, 0.28, "arXiv 2503.14476"))
      .settings(Shared.policy("token-mean", "arXiv 2503.14476"))
      .settings(Shared.advantage("group-z-score", "arXiv 2503.14476"))
      .assembledBy(ClippingMethods::clipped);

  static final Method DR_GRPO = Method.named("dr-grpo", "Dr. GRPO: no division by deviation or length")
      .paper("Understanding R1-Zero-Like Training, arXiv 2503.20783")
      .parts("token ratio", "clip around 1", "reward minus group mean", "sum over a constant length")
      .settings(Shared.clip(0.2, 0.2, "arXiv 2503.20783"))
      .settings(Shared.policy("constant", "arXiv 2503.20783"))
      .settings(Shared.advantage("group-mean", "arXiv 2503.20783"))
      .assembledBy(ClippingMethods::clipped);

  static final List<Method> ALL = List.of(PPO, GRPO, DAPO, DR_GRPO);

  /** PPO-clip on token ratios with all shared settings: what most of the family is. */
  static Assembly clipped(Settings settings) {
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), Shared.clip(settings)), Shared.advantages(settings), true);
  }
}
