package io.ballast.method;

import io.ballast.control.MovingReference;
import io.ballast.objective.Aggregation;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.Joined;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioAgainst;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Unclipped;
import io.ballast.objective.WeightClip;
import io.ballast.objective.clipping.BalancedClip;
import io.ballast.objective.clipping.ClippedGeometricMean;
import io.ballast.objective.clipping.CovarianceDrop;
import io.ballast.objective.clipping.CovariancePenalty;
import io.ballast.objective.clipping.DynamicClip;
import io.ballast.objective.clipping.EntropyGate;
import io.ballast.objective.clipping.GeometricMeanSurrogate;
import io.ballast.objective.clipping.HeldRatio;
import io.ballast.objective.clipping.PerceptionGate;
import io.ballast.objective.clipping.PessimisticMask;
import io.ballast.objective.clipping.PositiveLikelihood;
import io.ballast.objective.clipping.PreservingClip;
import io.ballast.objective.clipping.SoftSequenceWeight;
import java.util.List;

/** Methods known for how they clip, gate or weight the ratio of a token. */
final class ClippingMethods {
  private ClippingMethods() {}

  private static final String GROUP = "group z-score", TOKENS = "mean over tokens", TOKEN = "token ratio";
  private static final String BAPO_PAPER = "arXiv 2510.18927";

  static final Method BAPO = Method.named("bapo", "BAPO: bounds chosen every step so that positive tokens keep their share")
      .paper("BAPO: Balanced Policy Optimization with Adaptive Clipping, arXiv 2510.18927")
      .parts(TOKEN, "clip with bounds balanced over the step", GROUP, TOKENS)
      .settings(
          Setting.choice("balance", "share", List.of("share", "ratio"),
              "share: positive part of the total; ratio: positive over negative, as in the official code", BAPO_PAPER),
          Setting.choice("order", "high-first", List.of("high-first", "low-first"),
              "which bound moves first; low-first is the official code's", BAPO_PAPER + ", Algorithm 1"),
          Setting.number("target", 0.4, "share (or ratio) of positive contribution to reach", BAPO_PAPER),
          Setting.number("low-start", 0.6, "lower ratio bound to start from", BAPO_PAPER),
          Setting.number("low-max", 0.9, "highest lower bound", BAPO_PAPER),
          Setting.number("low-step", 0.02, "step of the lower bound", BAPO_PAPER),
          Setting.number("high-start", 1.2, "upper ratio bound to start from", BAPO_PAPER),
          Setting.number("high-max", 3.0, "highest upper bound", BAPO_PAPER),
          Setting.number("high-step", 0.05, "step of the upper bound", BAPO_PAPER),
          Setting.choice("contribution", "loss", List.of("loss", "gradient"),
              "loss: values of the clipped term; gradient: only tokens that still carry gradient count", BAPO_PAPER + ", equation 8"),
          Setting.choice("scope", "step", List.of("step", "micro-batch"),
              "one pair of bounds for the step, or one per micro-batch as in the official code", BAPO_PAPER),
          Setting.choice("weight", "none", List.of("none", "behaviour"),
              "whether a token counts with its probability under the sampler, the factor printed in equation 8",
              "sampled tokens stand for that expectation already; official code"),
          Shared.dualClip(null, BAPO_PAPER))
      .settings(Shared.policy("token-mean", "official code"))
      .settings(Shared.advantage("group-z-score", BAPO_PAPER))
      .assembledBy(ClippingMethods::bapo);

  static final Method DCPO = Method.named("dcpo", "DCPO: rare tokens get wider bounds; smooth advantages")
      .paper("DCPO: Dynamic Clipping Policy Optimization, arXiv 2509.02333")
      .parts(TOKEN, "clip by prior probability", "dual clip", "smooth standardisation over a prompt's history", "mean over each answer")
      .settings(
          Setting.number("clip-low", 0.16, "ε of the lower bound ½ + ½√max(1 − 4ε/q, 0), q the old probability", "lime-RL/DCPO, README"),
          Setting.number("clip-high", 0.2, "ε of the upper bound ½ + ½√(1 + 4ε/q)", "lime-RL/DCPO, README"),
          Setting.optionalNumber("dual-clip", 10.0, "c: largest upper bound, and cap c·|A| of the loss for A < 0", "lime-RL/DCPO"))
      .settings(Shared.policy("seq-mean-token-mean", "lime-RL/DCPO, README, up to a constant"))
      .settings(Shared.advantage("smooth", "arXiv 2509.02333"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), new DynamicClip(
          Shared.notNegative(settings, "clip-low"), Shared.notNegative(settings, "clip-high"),
          Shared.cap(settings, 1))), true));

  static final Method GPPO = Method.named("gppo", "GPPO: clipped tokens keep a bounded gradient")
      .paper("Klear-Reasoner, arXiv 2508.07629")
      .parts(TOKEN, "gradient-preserving clip", "dual clip", GROUP, TOKENS)
      .settings(Shared.clipLow(0.2, "arXiv 2508.07629"), Shared.clipHigh(0.28, "arXiv 2508.07629"),
          Shared.dualClip(10.0, "the group's later scripts; the first code has 3"), Shared.delta(), positiveSft())
      .settings(Shared.policy("token-mean", "suu990901/KlearReasoner"))
      .settings(Shared.advantage("group-z-score", "arXiv 2508.07629"))
      .assembledBy(settings -> preserving(settings, 1, 1));

  static final Method CE_GPPO = Method.named("ce-gppo", "CE-GPPO: the kept gradients are scaled to steer entropy")
      .paper("CE-GPPO, arXiv 2509.20712")
      .parts(TOKEN, "gradient-preserving clip with a factor on each side", "dual clip", GROUP, TOKENS)
      .settings(
          Setting.number("b1", 0.75, "factor of the gradient kept below the lower bound", "Kwai-Klear/CE-GPPO, 7B script"),
          Setting.number("b2", 1, "factor of the gradient kept above the upper bound", "Kwai-Klear/CE-GPPO"))
      .settings(Shared.clipLow(0.2, "Kwai-Klear/CE-GPPO"), Shared.clipHigh(0.2, "Kwai-Klear/CE-GPPO"),
          Shared.dualClip(10.0, "Kwai-Klear/CE-GPPO"), Shared.delta(), positiveSft())
      .settings(Shared.policy("token-mean", "Kwai-Klear/CE-GPPO"))
      .settings(Shared.advantage("group-z-score", "arXiv 2509.20712"))
      .assembledBy(settings -> preserving(settings, settings.number("b1"), settings.number("b2")));

  static final Method CISPO = Method.named("cispo", "CISPO: the importance weight is clipped, no token is silenced")
      .paper("MiniMax-M1, arXiv 2506.13585")
      .paper("ScaleRL, arXiv 2510.13786")
      .parts(TOKEN, "clipped, detached weight", GROUP, TOKENS)
      .settings(
          Setting.optionalNumber("clip-low", null, "the weight is kept at or above 1 − clip-low; none: no lower bound", "arXiv 2506.13585"),
          Setting.number("clip-high", 4, "the weight is kept at or below 1 + clip-high", "ScaleRL: cap 5; MiniMax-M1 published no number"),
          Setting.optionalNumber("mask-low", null, "unified form: tokens with A < 0 and ratio below 1 − mask-low are dropped", Shared.OFF),
          Setting.optionalNumber("mask-high", null, "unified form: tokens with A > 0 and ratio above 1 + mask-high are dropped", Shared.OFF))
      .settings(Shared.policy("token-mean", "arXiv 2506.13585"))
      .settings(Shared.advantage("group-z-score", "arXiv 2506.13585"))
      .assembledBy(ClippingMethods::cispo);

  static final Method DISPO = Method.named("dispo", "DISPO: weight bounds of their own for right and wrong answers")
      .paper("DISPO, arXiv 2602.00983")
      .confidence(Confidence.MEDIUM)
      .guesswork("any number: none was published")
      .parts(TOKEN, "clipped, detached weight with bounds by the sign of the advantage", GROUP, TOKENS)
      .settings(
          Setting.requiredNumber("e-lo-pos", 0.2, "A > 0: the weight is kept at or above 1 − e-lo-pos", "never published; 0.2 is a moderate choice").also("clip-low-pos"),
          Setting.requiredNumber("e-hi-pos", 0.28, "A > 0: the weight is kept at or below 1 + e-hi-pos", "never published; 0.28 to 1 is a moderate choice").also("clip-high-pos"),
          Setting.requiredNumber("e-lo-neg", 1, "A < 0: the weight is kept at or above 1 − e-lo-neg", "never published; 1 is a loose choice").also("clip-low-neg"),
          Setting.requiredNumber("e-hi-neg", 4, "A < 0: the weight is kept at or below 1 + e-hi-neg", "never published; 4 is a loose choice").also("clip-high-neg"))
      .settings(Shared.policy("token-mean", "arXiv 2602.00983"))
      .settings(Shared.advantage("group-z-score", "arXiv 2602.00983"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), new WeightClip(
          1 - settings.number("e-lo-pos"), 1 + settings.number("e-hi-pos"),
          1 - settings.number("e-lo-neg"), 1 + settings.number("e-hi-neg"))), true));

  static final Method ERC = Method.named("erc", "ERC: tokens whose entropy moved too far pass no gradient")
      .paper("Entropy Ratio Clipping, arXiv 2512.05591")
      .parts(TOKEN, "clip or gradient-preserving clip", "dual clip", "entropy-ratio gate", GROUP, TOKENS)
      .needs(Column.ENTROPY, Column.OLD_ENTROPY)
      .settings(
          Setting.choice("base", "dapo", List.of("dapo", "gppo"), "the objective under the gate", "Kwai-Klear/ERC"),
          Setting.number("lo", 0.95, "least ratio of current to old entropy", "Kwai-Klear/ERC"),
          Setting.number("hi", 1.05, "largest ratio of current to old entropy", "Kwai-Klear/ERC"),
          Shared.clipLow(0.2, "Kwai-Klear/ERC"),
          Setting.optionalNumber("clip-high", null, "the ratio is kept at or below 1 + clip-high; none: 0.28, with base gppo 0.2", "Kwai-Klear/ERC, scripts of the two bases"),
          Shared.dualClip(10.0, "Kwai-Klear/ERC"), Shared.delta())
      .settings(Shared.policy("token-mean", "Kwai-Klear/ERC"))
      .settings(Shared.advantage("group-z-score", "arXiv 2512.05591"))
      .assembledBy(ClippingMethods::erc);

  static final Method CLIP_COV = Method.named("clip-cov", "Clip-Cov: a few tokens of high covariance are dropped at random")
      .paper("The Entropy Mechanism of Reinforcement Learning, arXiv 2505.22617")
      .parts(TOKEN, "wide clip", "random drop of tokens of high covariance", GROUP, TOKENS)
      .settings(
          Setting.number("fraction", 2e-4, "share of the step's tokens to drop", "PRIME-RL/Entropy-Mechanism-of-RL"),
          Setting.number("cov-low", 1, "only tokens of covariance above it are candidates", "PRIME-RL/Entropy-Mechanism-of-RL"),
          Setting.number("cov-high", 5, "only tokens of covariance below it are candidates", "PRIME-RL/Entropy-Mechanism-of-RL"),
          Setting.integer("seed", 0, "seed of the draw", "ours"),
          Shared.clipLow(1, "PRIME-RL/Entropy-Mechanism-of-RL, scripts"), Shared.clipHigh(1, "PRIME-RL/Entropy-Mechanism-of-RL, scripts"))
      .settings(Shared.policy("token-mean", "PRIME-RL/Entropy-Mechanism-of-RL"))
      .settings(Shared.advantage("group-z-score", "arXiv 2505.22617"))
      .assembledBy(ClippingMethods::clipCov);

  static final Method KL_COV = Method.named("kl-cov", "KL-Cov: the tokens of highest covariance are held near the old policy")
      .paper("The Entropy Mechanism of Reinforcement Learning, arXiv 2505.22617")
      .parts(TOKEN, "no clip", "penalty on tokens of high covariance", GROUP, TOKENS)
      .settings(
          Setting.number("fraction", 2e-3, "share of the step's tokens that are penalised", "PRIME-RL/Entropy-Mechanism-of-RL, 7B; 2e-4 for 32B"),
          Setting.number("coefficient", 1, "β of the penalty β |logp − oldLogp|", "PRIME-RL/Entropy-Mechanism-of-RL, scripts"))
      .settings(Shared.policy("token-mean", "PRIME-RL/Entropy-Mechanism-of-RL"))
      .settings(Shared.advantage("group-z-score", "arXiv 2505.22617"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings, new TokenRatio(),
          new Joined(new Unclipped(), new CovariancePenalty(settings.number("fraction"), settings.number("coefficient")))), true));

  static final Method HUMANLINE = Method.named("humanline", "Humanline: the ratio to a moving reference is held to what humans perceive")
      .paper("Humanline: Online Alignment as Perceptual Loss, arXiv 2509.24207")
      .parts("token ratio to the reference", "log-ratio held in an interval, or draws that stop gradients", "clip around 1", "KL to the reference", "reference synced to the policy", "group z-score with n and 1e-2", TOKENS)
      .needs(Column.REF_LOGP)
      .settings(
          Setting.number("log-epsilon-p", -1.5, "least log-ratio, nats", "arXiv 2509.24207, second-hand; config.yaml has −1"),
          Setting.number("log-epsilon-r", 1.5, "largest log-ratio, nats", "arXiv 2509.24207, second-hand"),
          Setting.flag("sampling", false, "whether chance stops a token's gradient, instead of the interval", "arXiv 2509.24207, second-hand: clipping is as good and more stable"),
          Setting.optionalNumber("beta-gamma", null, "sampling: γ of B ~ Beta(γ, 1); must then be given", "never published").also("gamma"),
          Setting.optionalNumber("m-p", null, "sampling: no gradient where x < M_P B; none: e^log-epsilon-p (γ + 1)/γ", "derived from the limit, second-hand"),
          Setting.optionalNumber("m-r", null, "sampling: no gradient where 1/x < M_R B; none: e^−log-epsilon-r (γ + 1)/γ", "derived from the limit, ours"),
          Setting.integer("seed", 0, "sampling: seed of the draws", "ours"),
          Shared.clipLow(0.01, "ContextualAI/HALOs, config; its online script has 0.15"),
          Shared.clipHigh(0.01, "ContextualAI/HALOs, config; its online script has 0.15"))
      .settings(Shared.policy("token-mean", "ContextualAI/HALOs, there per micro-batch").stream()
          .map(setting -> setting.name().equals("kl-coefficient") ? setting.withDefault(0.01, "ContextualAI/HALOs") : setting).toList())
      .settings(Shared.advantage("group-z-score-population", "ContextualAI/HALOs"))
      .assembledBy(settings -> Shared.assembly(settings,
          Shared.policy(settings, new RatioAgainst(Column.REF_LOGP, new TokenRatio()), perceived(settings)), false, Column.REF_LOGP)
          .with(Supply.PLAIN.withReference(MovingReference.HUMANLINE)));

  static final Method GMPO = Method.named("gmpo", "GMPO: geometric mean of token ratios that are clipped first")
      .paper("Geometric-Mean Policy Optimization, arXiv 2507.20673")
      .parts("clipped token ratios, geometric mean over the sequence", GROUP, "mean over answers")
      .settings(
          Setting.number("clip-low", 0.4, "the log-ratio of a token with A < 0 is kept at or above −clip-low", "arXiv 2507.20673"),
          Setting.number("clip-high", 0.4, "the log-ratio of a token with A > 0 is kept at or below clip-high", "arXiv 2507.20673"),
          Setting.choice("aggregation", "seq-mean-token-mean", List.of("seq-mean-token-mean"), "part of the method", "arXiv 2507.20673"))
      .settings(Shared.withoutAggregation())
      .settings(Shared.advantage("group-z-score", "arXiv 2507.20673"))
      .assembledBy(ClippingMethods::gmpo);

  static final Method LUSPO = Method.named("luspo", "LUSPO: a sequence ratio without the bias to short answers")
      .paper("LUSPO, arXiv 2602.05261")
      .confidence(Confidence.MEDIUM)
      .parts("geometric-mean sequence ratio", "narrow clip", GROUP, "mean over answers of the sum over tokens")
      .settings(Shared.clip(0.002, 0.0025, "arXiv 2602.05261, as quoted by TRL"))
      .settings(Shared.policy("seq-mean-token-sum", "arXiv 2602.05261"))
      .settings(Shared.advantage("group-z-score", "TRL"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings,
          SegmentRatio.sequenceMean(SegmentRatio.Gradient.OWN), Shared.clip(settings)), true));

  static final Method VESPO = Method.named("vespo", "VESPO: a smooth weight of the whole sequence's ratio")
      .paper("VESPO, arXiv 2602.10693")
      .parts("true sequence ratio", "smooth, detached sequence weight by the sign of the advantage", GROUP, TOKENS)
      .settings(
          Setting.number("k-pos", 2, "k of φ(W) = W^k exp(λ(1 − W)) for A ≥ 0", "FloyedShen/VESPO, scripts"),
          Setting.number("lambda-pos", 3, "λ for A ≥ 0", "FloyedShen/VESPO, scripts"),
          Setting.number("k-neg", 3, "k for A < 0", "FloyedShen/VESPO, scripts"),
          Setting.number("lambda-neg", 2, "λ for A < 0", "FloyedShen/VESPO, scripts"))
      .settings(Shared.policy("token-mean", "FloyedShen/VESPO"))
      .settings(Shared.advantage("group-z-score", "FloyedShen/VESPO"))
      .assembledBy(settings -> Shared.assembly(settings, Shared.policy(settings,
          new SegmentRatio(null, SegmentRatio.Size.PRODUCT, SegmentRatio.Gradient.OWN),
          new SoftSequenceWeight(settings.number("k-pos"), settings.number("lambda-pos"),
              settings.number("k-neg"), settings.number("lambda-neg"))), true));

  static final List<Method> ALL = List.of(
      BAPO, DCPO, GPPO, CE_GPPO, CISPO, DISPO, ERC, CLIP_COV, KL_COV, HUMANLINE, GMPO, LUSPO, VESPO);

  private static Setting positiveSft() {
    return Setting.number("positive-sft-coefficient", 0, "weight of the mean −logp over tokens with A > 0", "off; the paper's runs use 0.1");
  }

  private static Assembly bapo(Settings settings) {
    var low = new BalancedClip.Range(settings.number("low-start"), settings.number("low-max"), settings.number("low-step"));
    var high = new BalancedClip.Range(settings.number("high-start"), settings.number("high-max"), settings.number("high-step"));
    var measure = settings.choice("balance").equals("share") ? BalancedClip.Measure.SHARE : BalancedClip.Measure.RATIO;
    var order = settings.choice("order").equals("high-first") ? BalancedClip.Order.HIGH_FIRST : BalancedClip.Order.LOW_FIRST;
    Term clip = BalancedClip.of(low, high, measure, order, settings.number("target"), settings.choice("contribution").equals("gradient"),
        settings.choice("weight").equals("behaviour"), settings.choice("scope").equals("micro-batch"),
        settings.optional("dual-clip").orElse(Double.POSITIVE_INFINITY));
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), clip), true);
  }

  private static Assembly preserving(Settings settings, double below, double above) {
    Clip clip = Shared.clip(settings);
    Objective objective = Shared.policy(settings, new TokenRatio(), new PreservingClip(clip, below, above));
    double imitation = Shared.notNegative(settings, "positive-sft-coefficient");
    if (imitation > 0) objective = objective.plus(new PositiveLikelihood(imitation));
    return Shared.assembly(settings, objective, true);
  }

  private static Assembly cispo(Settings settings) {
    double low = settings.isSet("clip-low") ? 1 - Shared.notNegative(settings, "clip-low") : 0;
    PolicyObjective objective = Shared.policy(settings, new TokenRatio(),
        new WeightClip(low, 1 + Shared.notNegative(settings, "clip-high")));
    if (settings.isSet("mask-low") || settings.isSet("mask-high")) {
      objective = objective.with(new PessimisticMask(
          1 - settings.optional("mask-low").orElse(Double.POSITIVE_INFINITY), 1 + settings.optional("mask-high").orElse(Double.POSITIVE_INFINITY)));
    }
    return Shared.assembly(settings, objective, true);
  }

  private static Assembly erc(Settings settings) {
    boolean preserving = settings.choice("base").equals("gppo");
    double high = 1 + (settings.isSet("clip-high") ? Shared.notNegative(settings, "clip-high") : preserving ? 0.2 : 0.28);
    Clip clip = new Clip(1 - Shared.notNegative(settings, "clip-low"), high, Shared.cap(settings, high));
    Term base = preserving ? new PreservingClip(clip, 1, 1) : clip;
    Term gate = new EntropyGate(settings.number("lo"), settings.number("hi"), base);
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), gate), true, Column.ENTROPY, Column.OLD_ENTROPY);
  }

  private static Assembly clipCov(Settings settings) {
    Clip clip = new Clip(1 - Shared.notNegative(settings, "clip-low"), 1 + Shared.notNegative(settings, "clip-high"));
    var drop = new CovarianceDrop(settings.number("fraction"), settings.number("cov-low"), settings.number("cov-high"), clip, settings.whole("seed"));
    return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), clip).with(drop), true);
  }

  private static Term perceived(Settings settings) {
    HeldRatio held = new HeldRatio(settings.number("log-epsilon-p"), settings.number("log-epsilon-r"),
        new Clip(1 - Shared.notNegative(settings, "clip-low"), 1 + Shared.notNegative(settings, "clip-high")));
    if (!settings.flag("sampling")) {
      for (String name : List.of("beta-gamma", "m-p", "m-r")) {
        if (settings.isSet(name)) throw new IllegalArgumentException(name + " must be none without sampling, got " + settings.number(name));
      }
      return held;
    }
    if (!settings.isSet("beta-gamma")) throw new IllegalArgumentException("beta-gamma must be given with sampling: none was published; 1 makes B uniform");
    PerceptionGate around = PerceptionGate.around(held, settings.number("beta-gamma"), settings.whole("seed"));
    return new PerceptionGate(settings.optional("m-p").orElse(around.mP()), settings.optional("m-r").orElse(around.mR()),
        around.gamma(), around.base(), around.seed(), around.step());
  }

  private static Assembly gmpo(Settings settings) {
    var level = new ClippedGeometricMean(
        Shared.notNegative(settings, "clip-low"), Shared.notNegative(settings, "clip-high"), Shared.topEntropy(settings));
    PolicyObjective objective = Shared.withoutTopEntropy(settings, level, new GeometricMeanSurrogate(level), new Aggregation.SeqMeanTokenMean());
    return Shared.assembly(settings, objective, true);
  }
}
