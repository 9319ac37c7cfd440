package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.TokenGae;
import io.ballast.advantage.WhitenedReturn;
import io.ballast.advantage.Whitening;
import io.ballast.control.DualVariable;
import io.ballast.control.SteeredTerm;
import io.ballast.objective.Column;
import io.ballast.objective.KlPenalty;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Weighed;
import io.ballast.objective.soft.FlippedImportance;
import io.ballast.objective.soft.Hazard;
import io.ballast.objective.soft.LowEntropy;
import io.ballast.objective.soft.QuadraticPull;
import io.ballast.objective.soft.Smoothed;
import io.ballast.objective.soft.SoftGate;
import java.util.List;

/** Methods that shape a token's pull as a function of its ratio and advantage. */
final class GateMethods {
  private GateMethods() {}

  private static final String GRPO = "arXiv 2402.03300";

  static final Method SAPO = Method.named("sapo", "SAPO: a soft gate around ratio 1")
      .paper("Soft Adaptive Policy Optimization, arXiv 2511.20347")
      .parts("token ratio", "sigmoid gate, sharper for A < 0", "group z-score", "mean over each answer, then over answers")
      .settings(
          Setting.number("tau-pos", 1.0, "sharpness of the gate where A > 0", "arXiv 2511.20347; TRL, verl"),
          Setting.number("tau-neg", 1.05, "sharpness of the gate where A ≤ 0; larger decays faster", "arXiv 2511.20347; TRL, verl"))
      .settings(Shared.policy("seq-mean-token-mean", "TRL and verl"))
      .settings(Shared.advantage("group-z-score", "TRL's recipe"))
      .assembledBy(settings -> plain(settings, new SoftGate(settings.number("tau-pos"), settings.number("tau-neg"))));

  static final Method R2VPO = Method.named("r2vpo", "R2VPO: the ratio's variance held by a dual variable (experimental)")
      .paper("Ratio-Variance Regularized Policy Optimization for Efficient LLM Fine-tuning, arXiv 2601.03320")
      .paper("Ratio-Variance Regularized Policy Optimization, arXiv 2605.26784")
      .confidence(Confidence.LOW)
      .guesswork("the dual step and every number in it are ours; no official code was found")
      .parts("token ratio", "quadratic pull towards 1", "dual variable as memory", "group z-score", "mean over tokens")
      .settings(
          Setting.number("lambda-0", 0.04, "the multiplier before the first step", "a third-party implementation of arXiv 2601.03320").also("lambda"),
          Setting.number("delta", 0.01, "bound on the mean of (x − 1)²", SoftMethods.OURS),
          Setting.number("eta", 1.0, "step of the multiplier per unit of violation, once a step; 0 keeps it fixed", SoftMethods.OURS),
          Setting.number("lambda-max", 10, "the largest multiplier", SoftMethods.OURS))
      .settings(Shared.policy("token-mean", SoftMethods.OURS))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(settings -> {
        var dual = new DualVariable(settings.number("lambda-0"), "ratio-variance", settings.number("delta"),
            settings.number("eta"), settings.number("lambda-max"));
        return plain(settings, new SteeredTerm<>(dual, now -> QuadraticPull.multiplier(now.lambda())));
      });

  static final Method SPO_SIMPLE = Method.named("spo-simple", "SPO: a quadratic pull whose optimum is the trust region's edge")
      .paper("Simple Policy Optimization, arXiv 2401.16025")
      .parts("token ratio", "quadratic pull, |A|/(2 eps)", "whitened advantages", "mean over tokens")
      .settings(Setting.number("eps", 0.2, "a token's optimum is x = 1 + eps·sign(A)", "official code"))
      .settings(Shared.policy("token-mean", "official code, the mean over the mini-batch"))
      .settings(Shared.advantageOrGae("whitened", "no critic here; official code: gae, whitened over the mini-batch"),
          Setting.number("gamma", 0.99, "discount per token, gae and reinforce-pp", "official code"),
          Setting.number("gae-lambda", 0.95, "λ, gae only", "official code"))
      .assembledBy(settings -> {
        boolean gae = settings.choice("advantage").equals("gae");
        AdvantageEstimator advantages = gae ? new TokenGae(settings.number("gamma"), settings.number("gae-lambda"), 0, Whitening.BESIDE)
            : settings.choice("advantage").equals("whitened") ? new WhitenedReturn(1, 0, false, true) : Advantages.of(settings);
        return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), QuadraticPull.band(settings.number("eps"), settings.number("eps"))),
            advantages, true, gae ? new String[] {Column.VALUE} : new String[0]);
      });

  static final Method CFPO = Method.named("cfpo", "CFPO: SPO's kernel with group-relative advantages")
      .paper("Clipping-Free Policy Optimization for Large Language Models, arXiv 2601.22801")
      .confidence(Confidence.MEDIUM)
      .parts("token ratio", "quadratic pull, |A|/(2 eps)", "group z-score", "mean over each answer, then over answers")
      .settings(
          Setting.number("eps", 0.2, "a token's optimum is x = 1 + eps·sign(A)", "third-party code, PPO's clip range"),
          Setting.optionalNumber("eps-low", null, "eps where A < 0; none: eps", SoftMethods.OURS),
          Setting.optionalNumber("eps-high", null, "eps where A > 0; none: eps", SoftMethods.OURS))
      .settings(Shared.policy("seq-mean-token-mean", "arXiv 2601.22801, equation 8"))
      .settings(Shared.advantage("group-z-score", "arXiv 2601.22801 (leave-one-out for alignment)"))
      .assembledBy(settings -> {
        double eps = settings.number("eps");
        return plain(settings, QuadraticPull.band(settings.optional("eps-low").orElse(eps), settings.optional("eps-high").orElse(eps)));
      });

  static final Method PSPO = Method.named("pspo", "PSPO: the current probability is smoothed towards the old one")
      .paper("It's Not You, It's Clipping: A Soft Trust-Region via Probability Smoothing for LLM RL, arXiv 2509.21282")
      .confidence(Confidence.MEDIUM)
      .parts("token ratio", "smoothed ratio (1 − alpha) x + alpha", "group z-score", "mean over each answer, then over answers")
      .settings(Setting.number("alpha", 0.1, "weight of the old probability", "the first author's TRL pull request 4548").also("smoothing-alpha"))
      .settings(Shared.policy("seq-mean-token-mean", "as GRPO, which it is plugged into"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(settings -> plain(settings, new Smoothed(settings.number("alpha"))));

  static final Method MHPO = Method.named("mhpo", "MHPO: a saturating log-ratio damped by hazards")
      .paper("MHPO: Modulated Hazard-aware Policy Optimization, arXiv 2603.16929")
      .confidence(Confidence.MEDIUM)
      .parts("token ratio", "tanh of the log-ratio", "two Weibull hazards, detached", "group z-score", "mean over each answer, then over answers")
      .settings(
          Setting.number("c", 1.5, "where the log-ratio saturates, nats", "arXiv 2603.16929, section 4.1"),
          Setting.number("k-pos", 1.5, "shape of the hazard of rising ratios", "arXiv 2603.16929, section 4.1"),
          Setting.number("lambda-pos", 1.0, "scale of the hazard of rising ratios", "arXiv 2603.16929, section 4.1"),
          Setting.number("k-neg", 2.0, "shape of the hazard of falling ratios", "arXiv 2603.16929, section 4.1"),
          Setting.number("lambda-neg", 0.8, "scale of the hazard of falling ratios", "arXiv 2603.16929, section 4.1"),
          Setting.flag("normalize-at-one", false, "whether the multiplier is 1 at x = 1; as published it is 0.2651", SoftMethods.OURS))
      .settings(Shared.policy("seq-mean-token-mean", "a note on the paper; a third-party script takes token-mean"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(settings -> plain(settings, new Hazard(settings.number("c"), settings.number("k-pos"), settings.number("lambda-pos"),
          settings.number("k-neg"), settings.number("lambda-neg"), settings.flag("normalize-at-one"))));

  static final Method ASPO = Method.named("aspo", "ASPO: positive tokens weighted by the inverse ratio")
      .paper("ASPO: Asymmetric Importance Sampling Policy Optimization, arXiv 2510.06062")
      .parts("token ratio, flipped for A > 0", "soft caps", "bounds by entropy", "KL on low-entropy tokens", "group z-score", "mean over tokens")
      .needs(Column.ENTROPY, Column.REF_LOGP)
      .settings(
          Setting.number("eps", 0.2, "clip range of tokens whose entropy is at most the quantile", "official code Archer2.0"),
          Setting.number("eps-high-entropy", 0.4, "clip range of the other tokens", "official code Archer2.0"),
          Setting.number("quantile", 0.8, "which quantile of the entropies of an answer parts its tokens", "official code Archer2.0"),
          Setting.number("c-pos", 3, "cap of the inverse ratio where A > 0; beyond it the gradient stays", "official code Archer2.0"),
          Setting.number("c-neg", 3, "cap of the ratio where A < 0; beyond it the gradient stays", "official code Archer2.0"))
      .settings(withKl(Shared.policy("token-mean", "official code Archer2.0"), 0.001, "official code Archer2.0, low-entropy tokens only"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(settings -> {
        double quantile = settings.number("quantile");
        var surrogate = new FlippedImportance(settings.number("eps"), settings.number("eps-high-entropy"), settings.number("c-pos"),
            settings.number("c-neg"), quantile);
        PolicyObjective all = Shared.policy(settings, new TokenRatio(), surrogate);
        List<Term> penalties = all.penalties().stream()
            .map(penalty -> penalty instanceof KlPenalty ? (Term) new Weighed(penalty, new LowEntropy(quantile)) : penalty).toList();
        return Shared.assembly(settings, new PolicyObjective(all.level(), surrogate, all.weightings(), penalties, all.aggregation()),
            Advantages.of(settings), true, Column.ENTROPY);
      });

  static final List<Method> ALL = List.of(SAPO, SPO_SIMPLE, CFPO, PSPO, MHPO, ASPO, R2VPO);

  /** A token surrogate with all shared settings and group advantages. */
  private static Assembly plain(Settings settings, Term surrogate) {
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), surrogate), Advantages.of(settings), true);
  }

  /** Shared settings of a method whose KL penalty is part of it. */
  static List<Setting> withKl(List<Setting> shared, double coefficient, String source) {
    return shared.stream().map(setting -> setting.name().equals("kl-coefficient") ? setting.withDefault(coefficient, source) : setting).toList();
  }

  /** Shared settings of a method whose entropy bonus is part of it. */
  static List<Setting> withEntropy(List<Setting> shared, double coefficient, String source) {
    return shared.stream().map(setting -> setting.name().equals("entropy-coefficient") ? setting.withDefault(coefficient, source) : setting).toList();
  }
}
