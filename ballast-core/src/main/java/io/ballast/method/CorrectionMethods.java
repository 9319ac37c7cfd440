package io.ballast.method;

import io.ballast.objective.Column;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.WeightClip;
import io.ballast.objective.Weighting;
import java.util.List;

/**
 * The {@link Corrections} as methods of their own: each on PPO's clip against the proximal policy, or on REINFORCE.
 *
 * <pre>
 *   base ppo         J_t = W_t keep_t min(x_t A_t, clip(x_t) A_t)     W, keep from proximal over sampler: decoupled
 *   base reinforce   J_t = W_t keep_t A_t logp_t                      W, keep from current over sampler: bypass
 * </pre>
 */
final class CorrectionMethods {
  private CorrectionMethods() {}

  private static final String VERL = "verl, rollout correction";

  static final List<Method> ALL = List.of(
      method("tis", "TIS: truncated importance sampling", "Your Efficient RL Framework Secretly Brings You Off-Policy RL Training, fengyao.notion.site/off-policy-rl",
          "importance weight, truncated"),
      method("mis", "MIS: masked importance sampling", "When Speed Kills Stability, richardli.xyz/rl-collapse", "importance weight, nothing outside its band"),
      method("geometric", "Geometric rejection: answers whose mean ratio drifts are dropped", "When Speed Kills Stability, richardli.xyz/rl-collapse",
          "filter on the geometric mean ratio of an answer"),
      method("k-divergence", "K-divergence rejection: tokens or answers far from the sampler are dropped", VERL, "filter on an estimated divergence"),
      method("veto", "Veto: answers with a nearly impossible token are dropped", "slime, mis.yaml", "filter on the smallest token ratio of an answer"));

  private static Method method(String id, String title, String paper, String part) {
    Corrections.Correction correction = Corrections.named(id);
    return Method.named(id, title)
        .paper(paper)
        .kind(Kind.CORRECTION)
        .parts("token ratio to the proximal policy, or none", "clip around 1, or none", part, "group z-score", "mean over tokens")
        .needs(Column.BEHAVIOUR_LOGP)
        .settings(correction.settings())
        .settings(
            Setting.choice("base", "ppo", List.of("ppo", "reinforce"),
                "the policy term: PPO's clip against oldLogp, or A logp, whose weight is taken from the current policy", VERL + ", decoupled mode"))
        .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
        .settings(Shared.policy("token-mean", "verl, the default"))
        .settings(Shared.advantage("group-z-score", "arXiv 2402.03300"))
        .assembledBy(s -> {
          boolean ppo = s.choice("base").equals("ppo");
          PolicyObjective plain = Shared.policy(s, new TokenRatio(), ppo ? Shared.clip(s) : WeightClip.NONE);
          Weighting weighting = correction.builder().build(s, ppo);
          return Shared.assembly(s, weighting == null ? plain : plain.with(weighting), true, Column.BEHAVIOUR_LOGP);
        });
  }
}
